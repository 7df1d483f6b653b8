/** A verb over many portals of the store: which, in what order, after which question, and what is kept of how each ended. */
import { resolve } from 'node:path';
import type { DriftKind } from '../../core/drift.ts';
import { BitrixEventsError, UsageError } from '../../core/errors.ts';
import type { Consent } from '../../core/guards.ts';
import type { Manifest } from '../../core/manifest.ts';
import { allOfThem } from '../../core/rollout.ts';
import type { FleetOptions, FleetVerb } from '../../fleet/options.ts';
import { abortOn } from '../../reconcile/abort.ts';
import { overFleet } from '../../fleet/over-fleet.ts';
import { formatShapes, parseShapes } from '../../fleet/reviewed.ts';
import { everybodysError, type FleetResult } from '../../fleet/sum.ts';
import type { InspectableStore } from '../../records/inspectable-store.ts';
import type { PlanOptions } from '../../reconcile/plan.ts';
import { type Context, formatsOf, lateness } from '../context.ts';
import { endingOfFleet } from '../exit-code.ts';
import { agree } from '../fleet/agree.ts';
import { failsOnDead, type RolloutChoices } from '../fleet/choices.ts';
import { aloneIn } from '../fleet/alone-in.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { tellEndings } from '../fleet/tell-endings.ts';
import { type Begun, newResults, type ResultsFile } from '../fleet/results-file.ts';
import { loadForCommand } from '../load.ts';
import { readPlan } from '../load-saved-plan.ts';
import { namesEveryPortal } from '../render/renderers.ts';
import type { FleetOutcome, Outcome } from '../result.ts';
import { withStore } from '../surroundings.ts';
import { writeFileAt } from '../write-file.ts';
import { stopOf } from '../stop.ts';

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

export function fleet(context: Context, request: FleetRequest): Promise<Outcome> {
  const chosen = (context.options.portal ?? ['*']).join(',');
  context.learn({ portal: chosen });
  return withStore(context, (store) => overStore(context, store, chosen, request));
}

async function overStore(
  context: Context,
  store: InspectableStore,
  chosen: string,
  request: FleetRequest,
): Promise<Outcome> {
  const { verb, choices } = request;
  const manifest = await loadForCommand(context);
  const head = { verb, manifest: manifest.fingerprint };
  const path = pathOf(context, choices.results ?? choices.resume);
  return aloneIn(store, path, { ...head, ...choices }, (rollout, begun) =>
    carryOut(context, store, chosen, request, { manifest, rollout, path, begun }),
  );
}

interface Rollout {
  readonly manifest: Manifest;
  readonly rollout: string;
  readonly path: string | undefined;
  readonly begun: Begun | undefined;
}

async function carryOut(
  context: Context,
  store: InspectableStore,
  chosen: string,
  request: FleetRequest,
  { manifest, rollout, path, begun }: Rollout,
): Promise<Outcome> {
  const { verb, choices } = request;
  const { world } = context;
  const head = { verb, manifest: manifest.fingerprint };
  const reviewed =
    choices.plan === undefined ? undefined : parseShapes(await readPlan(context, choices.plan), choices.plan, manifest);
  const stop = stopOf(context, () => {
    world.err('Interrupted: finishing the requests in flight. Interrupt again to end at once.\n');
  });
  const unwritable = new AbortController();
  const end = abortOn([stop.signal, unwritable.signal]);
  const opened = await openFleet(context, store, choices, rollout, end.signal);
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
      signal: end.signal,
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
      ...(verb === 'apply' ? tolerance(choices) : { maxFailures: allOfThem }),
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
      error: endings.problem() ?? everybodysError(result) ?? (isWhole(result) ? undefined : lateness(context)),
    };
    return {
      result: outcome,
      ending: endingOfFleet(outcome, request.looksForDrift === true, stop.interrupt.aborted),
    };
  } catch (error) {
    throw stop.interrupt.aborted && error instanceof BitrixEventsError
      ? new UsageError({ code: 'interrupted', message: 'interrupted; nothing was changed', cause: error })
      : error;
  } finally {
    end.forget();
    stop.forget();
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
    serial: canary === undefined ? serial : [canary, allOfThem],
    maxFailures,
    failureMode,
    bakeMs: bake,
  };
}

/** Whether every portal was begun, and none of them cut off. */
function isWhole({ stopped, counts }: FleetResult): boolean {
  return stopped === undefined && counts.cancelled === undefined;
}

async function save({ world }: Context, file: string, manifest: Manifest, { shapes }: FleetResult): Promise<void> {
  await writeFileAt(resolve(world.cwd, file), formatShapes(manifest, shapes, new Date().toISOString()), 0o600);
}
