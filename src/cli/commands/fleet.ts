/** A verb over many portals of the store: which, in what order, after which question, and what is kept of how each ended. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { DriftKind } from '../../core/drift.ts';
import { BitrixEventsError, RefusedError, UsageError } from '../../core/errors.ts';
import type { Consent } from '../../core/guards.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Amount } from '../../core/rollout.ts';
import type { FleetOptions, FleetVerb } from '../../fleet/options.ts';
import { overFleet } from '../../fleet/over-fleet.ts';
import { formatShapes, parseShapes } from '../../fleet/reviewed.ts';
import type { FleetResult } from '../../fleet/sum.ts';
import type { Store } from '../../installation/store.ts';
import type { PlanOptions } from '../../reconcile/plan.ts';
import { type Context, formatsOf, lateness } from '../context.ts';
import { endingOfFleet } from '../exit-code.ts';
import { failsOnDead, type RolloutChoices } from '../fleet/choices.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { tellEndings } from '../fleet/tell-endings.ts';
import { begunResults, newResults, type ResultsFile } from '../fleet/results-file.ts';
import { loadForCommand } from '../load.ts';
import { readPlan } from '../load-saved-plan.ts';
import { createProgress } from '../render/progress.ts';
import { namesEveryPortal, render } from '../render/renderers.ts';
import type { FleetOutcome, Outcome } from '../result.ts';
import { withStore } from '../surroundings.ts';
import { writeFileAt } from '../write-file.ts';

export interface FleetRequest {
  readonly verb: FleetVerb;
  readonly choices: RolloutChoices;
  readonly planning?: Pick<PlanOptions, 'prune' | 'rebind'>;
  readonly consent?: Consent;
  readonly driftKinds?: readonly DriftKind[];
  /** Seconds. */
  readonly lockTimeout?: number | undefined;
  readonly isAgreed?: boolean;
  /** Where to save what is planned. */
  readonly out?: string | undefined;
  /** Whether changes are told by the exit code. */
  readonly looksForDrift?: boolean;
}

const all: Amount = { kind: 'percent', value: 100 };

export function fleet(context: Context, request: FleetRequest): Promise<Outcome> {
  const chosen = (context.options.portal ?? ['*']).join(',');
  context.learn({ portal: chosen });
  return withStore(context, (store) => overStore(context, store, chosen, request));
}

async function overStore(context: Context, store: Store, chosen: string, request: FleetRequest): Promise<Outcome> {
  const { verb, choices } = request;
  const { world, deadline } = context;
  const manifest = await loadForCommand(context);
  const head = { verb, manifest: manifest.fingerprint };
  const path = pathOf(context, choices.results ?? choices.resume);
  const begun =
    choices.resume === undefined || path === undefined
      ? undefined
      : await begunResults(path, head, choices.retryDead === true);
  const rollout = begun?.rollout ?? randomUUID();
  const reviewed =
    choices.plan === undefined ? undefined : parseShapes(await readPlan(context, choices.plan), choices.plan, manifest);
  const interrupt = new AbortController();
  const unwritable = new AbortController();
  const stop = AbortSignal.any([
    interrupt.signal,
    unwritable.signal,
    ...(deadline === undefined ? [] : [deadline.signal]),
  ]);
  const opened = await openFleet(context, store, choices, rollout, stop);
  const stopListening = world.onInterrupt(() => {
    world.err('Interrupted: finishing the requests in flight. Interrupt again to end at once.\n');
    interrupt.abort();
  });
  let results: ResultsFile | undefined;
  try {
    const portals = opened.portals.filter(({ memberId }) => begun?.settled.has(memberId) !== true);
    const common: FleetOptions = {
      ...request.planning,
      verb,
      manifest,
      world: opened.world,
      portals,
      concurrency: choices.concurrency,
      consent: request.consent,
      failOn: request.driftKinds,
      signal: stop,
    };
    const facts = {
      kind: 'fleet',
      manifest,
      rollout,
      chosen,
      settled: opened.portals.length - portals.length,
      failsOnDead: failsOnDead(choices),
      results: choices.results ?? choices.resume,
    } as const;
    if (path !== undefined)
      results = begun === undefined ? await newResults(path, { ...head, rollout }) : await begun.resume();
    const agreed =
      verb === 'apply' && request.isAgreed !== true
        ? await agree(context, common, reviewed, (result) => ({
            ...facts,
            fleet: result,
            savedIn: undefined,
            createdAt: '',
            error: undefined,
          }))
        : reviewed;
    const endings = tellEndings(context, {
      title: titles[verb],
      portals: portals.length,
      head: { ...head, rollout },
      results,
      onUnwritable: () => unwritable.abort(),
    });
    const result = await overFleet({
      ...common,
      ...(verb === 'apply' ? tolerance(choices) : { maxFailures: all }),
      lockTimeoutMs: request.lockTimeout === undefined ? undefined : request.lockTimeout * 1000,
      reviewed: agreed,
      namesPassed: namesEveryPortal(formatsOf(context.options)),
      onEnd: endings.onEnd,
    }).finally(endings.clear);
    const savedIn = isWhole(result) ? request.out : undefined;
    if (savedIn !== undefined) await save(context, savedIn, manifest, result);
    const outcome: FleetOutcome = {
      ...facts,
      fleet: result,
      savedIn,
      createdAt: new Date().toISOString(),
      error: endings.problem() ?? everybodys(result) ?? (isWhole(result) ? undefined : lateness(context)),
    };
    return {
      result: outcome,
      ending: endingOfFleet(outcome, request.looksForDrift === true, interrupt.signal.aborted),
    };
  } catch (error) {
    throw interrupt.signal.aborted && error instanceof BitrixEventsError ? interrupted(error) : error;
  } finally {
    stopListening();
    await results?.close();
    await opened.close();
  }
}

const titles: Readonly<Record<FleetVerb, string>> = { plan: 'Planning', apply: 'Applying', check: 'Checking' };

function pathOf({ world }: Context, file: string | undefined): string | undefined {
  return file === undefined ? undefined : resolve(world.cwd, file);
}

function tolerance({ serial, canary, maxFailures, failureMode, bake }: RolloutChoices) {
  return {
    serial: canary === undefined ? serial : [canary, all],
    maxFailures,
    failureMode,
    bakeMs: bake,
  };
}

/** Whether every portal was begun, and none of them cut off. */
function isWhole({ stopped, counts }: FleetResult): boolean {
  return stopped === undefined && counts.cancelled === undefined;
}

function everybodys({ stopped }: FleetResult): BitrixEventsError | undefined {
  return stopped?.kind === 'everybodys' ? stopped.ending.everybodys : undefined;
}

async function save({ world }: Context, file: string, manifest: Manifest, { shapes }: FleetResult): Promise<void> {
  await writeFileAt(resolve(world.cwd, file), formatShapes(manifest, shapes, new Date().toISOString()), 0o600);
}

/**
 * Plans all portals, shows what they need, each set of changes once, and asks. What is agreed to is what was shown: a portal that
 * needs something else by then ends as unreviewed.
 */
async function agree(
  context: Context,
  options: FleetOptions,
  reviewed: ReadonlySet<string> | undefined,
  outcomeOf: (result: FleetResult) => FleetOutcome,
): Promise<ReadonlySet<string>> {
  const progress = createProgress(context, titles.plan);
  let ended = 0;
  const onEnd = (): void => progress.update((ended += 1), options.portals.length);
  const planned = await overFleet({ ...options, verb: 'plan', maxFailures: all, onEnd }).finally(progress.clear);
  const error = everybodys(planned) ?? lateness(context);
  if (error !== undefined) throw error;
  if (options.signal?.aborted === true) throw interrupted();
  const wanted = planned.shapes.filter(({ shape, plan }) => plan.changes.length > 0 && reviewed?.has(shape) !== false);
  const portals = wanted.reduce((sum, shape) => sum + shape.portals, 0);
  if (portals > 0) await confirm(context, outcomeOf(planned), portals, options.signal);
  return new Set(wanted.map(({ shape }) => shape));
}

async function confirm(
  context: Context,
  outcome: FleetOutcome,
  portals: number,
  stop: AbortSignal = new AbortController().signal,
): Promise<void> {
  const { world, errStyle, manner, options, deadline } = context;
  const text = (await render(outcome, 'text', { ...manner, style: errStyle })) ?? '';
  const what = `${portals} ${portals === 1 ? 'portal' : 'portals'}`;
  if (!world.isInTerminal) {
    context.note(`${text}\n`);
    throw new RefusedError([], {
      code: 'needs-answer',
      message: `there are changes on ${what} to confirm, and no terminal to ask on; nothing was changed`,
      hint: 'Look at the plan, then run again with --yes',
    });
  }
  // Nobody is asked about what they have not seen.
  if (options.quiet === true) world.err(text);
  else context.note(`${text}\n`);
  const answer = await world.ask(errStyle('bold', `Apply this on ${what}? Type yes to go on: `), stop);
  deadline?.signal.throwIfAborted();
  if (stop.aborted) throw interrupted();
  if (answer.trim().toLowerCase() === 'yes') return;
  throw new RefusedError([], { code: 'declined', message: 'not confirmed; nothing was changed' });
}

function interrupted(cause?: BitrixEventsError): UsageError {
  return new UsageError({ code: 'interrupted', message: 'interrupted; nothing was changed', cause });
}
