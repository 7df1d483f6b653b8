/** Agreeing to what many portals need, before any of them is changed. */
import { RefusedError, UsageError } from '../../core/errors.ts';
import { allOfThem } from '../../core/rollout.ts';
import type { FleetOptions } from '../../fleet/options.ts';
import { overFleet } from '../../fleet/over-fleet.ts';
import { everybodysError, type FleetResult } from '../../fleet/sum.ts';
import { isConfirmed } from '../confirm.ts';
import { type Context, lateness } from '../context.ts';
import { createProgress } from '../render/progress.ts';
import { render } from '../render/renderers.ts';
import type { FleetOutcome } from '../result.ts';

/**
 * Plans all portals, shows what they need, each set of changes once, and asks. What is agreed to is what was shown: a portal that
 * needs something else by then ends as unreviewed.
 * @param reviewed shapes that were reviewed before; undefined: any
 * @returns the shapes that are agreed to
 * @throws RefusedError `needs-answer`, `declined`; UsageError `interrupted`; what would meet every portal
 */
export async function agree(
  context: Context,
  options: FleetOptions,
  reviewed: ReadonlySet<string> | undefined,
  outcomeOf: (result: FleetResult) => FleetOutcome,
): Promise<ReadonlySet<string>> {
  const { signal = new AbortController().signal, portals } = options;
  const progress = createProgress(context, 'Planning');
  let ended = 0;
  const onEnd = (): void => progress.update((ended += 1), portals.length);
  const planned = await overFleet({ ...options, verb: 'plan', maxFailures: allOfThem, onEnd }).finally(progress.clear);
  const error = everybodysError(planned) ?? lateness(context);
  if (error !== undefined) throw error;
  if (signal.aborted) throw interrupted();
  const wanted = planned.shapes.filter(({ shape, plan }) => plan.changes.length > 0 && reviewed?.has(shape) !== false);
  const count = wanted.reduce((sum, shape) => sum + shape.portals, 0);
  if (count > 0) await confirm(context, outcomeOf(planned), count, signal);
  return new Set(wanted.map(({ shape }) => shape));
}

async function confirm(context: Context, outcome: FleetOutcome, count: number, signal: AbortSignal): Promise<void> {
  const { errStyle, manner } = context;
  const text = `${(await render(outcome, 'text', { ...manner, style: errStyle })) ?? ''}\n`;
  const what = `${count} ${count === 1 ? 'portal' : 'portals'}`;
  context.note(text);
  const question = {
    text: `Apply this on ${what}?`,
    unasked: `there are changes on ${what} to confirm`,
    hint: 'Look at the plan, then run again with --yes',
    unseen: () => Promise.resolve(text),
  };
  if (await isConfirmed(context, question, signal)) return;
  if (signal.aborted) throw interrupted();
  throw new RefusedError([], { code: 'declined', message: 'not confirmed; nothing was changed' });
}

function interrupted(): UsageError {
  return new UsageError({ code: 'interrupted', message: 'interrupted; nothing was changed' });
}
