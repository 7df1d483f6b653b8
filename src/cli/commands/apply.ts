/** `bitrix-events apply`: makes the portal hold what the manifest asks for. */
import { printable } from '../../core/display.ts';
import { BitrixEventsError, UsageError } from '../../core/errors.ts';
import type { Consent } from '../../core/guards.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Plan } from '../../core/plan.ts';
import { isAsWanted } from '../../core/report.ts';
import type { LockHolder } from '../../installation/store.ts';
import { apply as applyTo } from '../../reconcile/apply.ts';
import type { PlanOptions } from '../../reconcile/plan.ts';
import { isConfirmed, type Question } from '../confirm.ts';
import { type Context, lateness } from '../context.ts';
import { endingOfReport } from '../exit-code.ts';
import { loadSavedPlan } from '../load-saved-plan.ts';
import { loadForCommand } from '../load.ts';
import { createProgress } from '../render/progress.ts';
import { render } from '../render/renderers.ts';
import type { Style } from '../render/style.ts';
import type { Outcome } from '../result.ts';
import type { FleetRequest } from './fleet.ts';
import { isForMany, refuseForMany, type RolloutChoices } from '../fleet/choices.ts';
import { openPortal } from '../surroundings.ts';
import { stopOf } from '../stop.ts';

export interface ApplyCommandOptions extends Pick<PlanOptions, 'prune' | 'rebind'>, Consent, RolloutChoices {
  readonly yes?: boolean;
  /** Seconds. */
  readonly lockTimeout?: number;
}

export async function apply(
  context: Context,
  file: string | undefined,
  options: ApplyCommandOptions,
): Promise<Outcome> {
  if (isForMany(context.options, options)) return applyToMany(context, file, options);
  const subject = file === undefined ? await loadForCommand(context) : await loadSavedPlan(context, file, options);
  const stop = stopOf(context, () => {
    context.world.err('Interrupted: finishing the request in flight. Interrupt again to end at once.\n');
  });
  const portal = await openPortal(context, stop.interrupt);
  const progress = createProgress(context, 'Applying');
  let isPlanShown = false;
  try {
    const result = await applyTo(subject, portal, {
      prune: options.prune,
      rebind: options.rebind,
      consent: options,
      signal: stop.signal,
      lockTimeoutMs: options.lockTimeout === undefined ? undefined : options.lockTimeout * 1000,
      onPlan: async (plan) => {
        isPlanShown = await showPlan(context, plan, manifestOf(subject), options);
      },
      onWait: (holder) => context.note(waitText(holder)),
      onProgress: progress.update,
      ...(options.yes === true
        ? {}
        : { confirm: (plan) => isConfirmed(context, questionAbout(context, plan, manifestOf(subject)), stop.signal) }),
    });
    return {
      result: {
        kind: 'report',
        ...result,
        manifest: manifestOf(subject),
        isPlanShown,
        createdAt: new Date().toISOString(),
        error: result.error ?? (isAsWanted(result.report) ? undefined : lateness(context)),
      },
      ending: endingOfReport(result.report, stop.interrupt.aborted),
    };
  } catch (error) {
    throw stop.interrupt.aborted && error instanceof BitrixEventsError ? interrupted(error) : error;
  } finally {
    progress.clear();
    stop.forget();
    await portal.close();
  }
}

async function applyToMany(context: Context, file: string | undefined, options: ApplyCommandOptions): Promise<Outcome> {
  refuseForMany({ 'a saved plan as an argument': file });
  const { prune, rebind, lockTimeout, yes } = options;
  const request: FleetRequest = {
    verb: 'apply',
    choices: options,
    planning: { prune, rebind },
    consent: options,
    lockTimeout,
    isAgreed: yes === true,
  };
  if (options.queue === true) return (await import('./enqueue.ts')).enqueue(context, request);
  return (await import('./fleet.ts')).fleet(context, request);
}

/** A saved plan needs no manifest. */
function manifestOf(subject: Manifest | Plan): Manifest | undefined {
  return 'file' in subject ? subject : undefined;
}

/** What an apply throws, it throws before it has changed anything; why it could not go on matters no more. */
function interrupted(cause: BitrixEventsError): UsageError {
  return new UsageError({ code: 'interrupted', message: 'interrupted; nothing was changed', cause });
}

function waitText({ owner, ageMs }: LockHolder): string {
  const since = new Date(Date.now() - ageMs).toISOString();
  return `Waiting for ${printable(owner)}, who has been working on this portal for ${Math.round(ageMs / 1000)} s (since ${since})\n`;
}

/**
 * In another format than text the plan is for people only, and where a question follows it goes where the question does;
 * without changes the report says it all.
 */
async function showPlan(
  context: Context,
  plan: Plan,
  manifest: Manifest | undefined,
  { yes }: ApplyCommandOptions,
): Promise<boolean> {
  if (plan.changes.length + plan.blocked.length === 0) return false;
  const { world, options } = context;
  const isAskedUnseen = yes !== true && world.isInTerminal && !world.isOutTerminal;
  if (options.format === 'text' && !isAskedUnseen)
    context.print(`${await planTextOf(context, plan, manifest, context.style)}\n`);
  else context.note(`${await planTextOf(context, plan, manifest, context.errStyle)}\n`);
  return true;
}

async function planTextOf(context: Context, plan: Plan, manifest: Manifest | undefined, style: Style): Promise<string> {
  const facts = { objections: [], savedIn: undefined, hasDiff: false, createdAt: '' };
  const text = await render({ kind: 'plan', plan, manifest, ...facts }, 'text', { ...context.manner, style });
  return text ?? '';
}

function questionAbout(context: Context, plan: Plan, manifest: Manifest | undefined): Question {
  const count = plan.changes.length;
  return {
    text: `Apply ${count === 1 ? 'this change' : `these ${count} changes`}?`,
    unasked: `there ${count === 1 ? 'is 1 change' : `are ${count} changes`} to confirm`,
    hint: 'Look at the plan, then run again with --yes',
    unseen: () => planTextOf(context, plan, manifest, context.errStyle),
  };
}
