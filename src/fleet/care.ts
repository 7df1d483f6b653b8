/**
 * Looks after the portals of a store in one process. The turn of each portal comes at a moment of the interval that its member id
 * tells, so that nothing has to be remembered when the process is started again, and no two portals wait for each other.
 */
import { BitrixEventsError } from '../core/errors.ts';
import { comesBetween, turnOf } from '../core/interval.ts';
import type { Manifest } from '../core/manifest.ts';
import { failures, type PortalName, rulesOf } from '../core/rollout.ts';
import { domainOf } from '../core/display.ts';
import type { PortalWorld } from '../connect.ts';
import { readUndamaged } from '../installation/find-installation.ts';
import { inParallel } from '../records/in-parallel.ts';
import type { InspectableStore } from '../records/inspectable-store.ts';
import { digest } from '../reconcile/platform.ts';
import type { CareEvent } from './care-event.ts';
import type { FleetEnding } from './options.ts';
import { renewing } from './renew-idle.ts';
import { workOn } from './work-on.ts';

export interface CheckEvery {
  readonly intervalMs: number;
  /** Whether what differs is applied, within the tolerance of a rollout, instead of being reported. */
  readonly heals: boolean;
  /** What portals are held against at the moment. @throws BitrixEventsError when it cannot be said */
  readonly manifest: () => Promise<Manifest>;
}

export interface CareOptions {
  readonly store: InspectableStore;
  readonly world: PortalWorld;
  /** Default: tokens are renewed, and portals are not looked at. */
  readonly check?: CheckEvery | undefined;
  /** Portals in work at a time. Default 4: nobody waits for it. */
  readonly concurrency?: number | undefined;
  /** Milliseconds since 1970: turns that came earlier are over. */
  readonly sinceMs: number;
  readonly onEvent: (event: CareEvent) => void;
  readonly onProblem: (error: unknown) => void;
  /** Begins nothing more; requests in flight are finished. */
  readonly signal: AbortSignal;
}

export interface Care {
  /** Does what has become due until then, in milliseconds since 1970. Never rejects, and is not called again before it has ended. */
  tick(nowMs: number): Promise<void>;
}

const dayMs = 24 * 60 * 60 * 1_000;

/** Milliseconds that an apply waits for somebody else who works on the portal; its next turn comes. */
const lockTimeoutMs = 60_000;

export function careFor(options: CareOptions): Care {
  const { check, onProblem } = options;
  const renew = renewing(options);
  const look = check === undefined ? undefined : looking(options, check);
  const looks = onceInARow(onProblem);
  const renewals = onceInARow(onProblem);
  let renewedAtMs = Number.NEGATIVE_INFINITY;
  return {
    async tick(nowMs) {
      await looks.tell(look?.(nowMs));
      if (nowMs - renewedAtMs < dayMs || options.signal.aborted) return;
      renewedAtMs = nowMs;
      await renewals.tell(renew(nowMs));
    },
  };
}

/** What keeps it from its work for hours is told once, and again when it comes back. */
function onceInARow(onProblem: (error: unknown) => void) {
  let told: string | undefined;
  const failed = (error: unknown): void => {
    const problem = error instanceof BitrixEventsError ? error.code : String(error);
    if (problem !== told) onProblem(error);
    told = problem;
  };
  const worked = (): void => {
    told = undefined;
  };
  return { failed, worked, tell: async (work: Promise<void> | undefined) => work?.then(worked, failed) };
}

function looking(options: CareOptions, check: CheckEvery): (nowMs: number) => Promise<void> {
  const { store, concurrency = 4, signal, sinceMs } = options;
  const { intervalMs } = check;
  let lookedAtMs = sinceMs;
  let manifest: Manifest | undefined;
  const healing = healingOf(options, check);
  const manifests = onceInARow(options.onProblem);

  /** One that has become unreadable does not keep anybody from looking at portals; the last good one is held against them. */
  const manifestNow = async (): Promise<Manifest> => {
    try {
      manifest = await check.manifest();
      manifests.worked();
    } catch (error) {
      if (manifest === undefined) throw error;
      manifests.failed(error);
    }
    return manifest;
  };

  return async (nowMs) => {
    const due: string[] = [];
    let portals = 0;
    for await (const memberId of store.memberIds()) {
      portals += 1;
      if (comesBetween(turnOf(memberId, intervalMs, digest), intervalMs, lookedAtMs, nowMs)) due.push(memberId);
    }
    if (due.length > 0) {
      const wanted = await manifestNow();
      const heal = healing({ cycle: Math.floor(nowMs / intervalMs), fingerprint: wanted.fingerprint, portals });
      await inParallel(concurrency, due, async (memberId) => {
        if (!signal.aborted) heal.ended(await lookAt(memberId, wanted, heal.isAllowed(), options));
      });
    }
    // What a server of authorisation that gives no answer has kept it from comes again.
    lookedAtMs = nowMs;
  };
}

/** @throws BitrixEventsError what would meet all other portals too */
async function lookAt(
  memberId: string,
  manifest: Manifest,
  heals: boolean,
  { store, world, signal, onEvent }: CareOptions,
): Promise<FleetEnding> {
  const known = await readUndamaged(store, memberId);
  const portal: PortalName = { memberId, domain: known === undefined ? '' : domainOf(known.clientEndpoint) };
  const { everybodys, ...ending } = await workOn(
    portal,
    { verb: heals ? 'apply' : 'check', manifest, world, portals: [], lockTimeoutMs, signal },
    new Map(),
  );
  if (everybodys !== undefined) throw everybodys;
  if (!isWell(ending)) onEvent({ kind: 'found', portal, ending });
  return ending;
}

/** One that was cut off is neither well nor ill, and is looked at again when its next turn comes. */
function isWell({ state, verdict, problem, hasWritten }: FleetEnding): boolean {
  if (state === 'cancelled') return true;
  const isAsWanted = verdict === 'in-sync' || verdict === 'unchanged';
  return state === 'succeeded' && isAsWanted && problem === undefined && hasWritten !== true;
}

interface Healing {
  isAllowed(): boolean;
  ended(ending: FleetEnding): void;
}

interface HealingOf {
  readonly cycle: number;
  /** Of the manifest. */
  readonly fingerprint: string;
  /** In the store. */
  readonly portals: number;
}

/** Counts failures as one soft wave over all portals does, anew in each interval and for each manifest. */
function healingOf({ onEvent }: CareOptions, { heals }: CheckEvery): (of: HealingOf) => Healing {
  let counted = '';
  let failed = 0;
  return ({ cycle, fingerprint, portals }) => {
    if (counted !== `${cycle} ${fingerprint}`) failed = 0;
    counted = `${cycle} ${fingerprint}`;
    const { tolerance } = rulesOf(0, [portals], {});
    return {
      isAllowed: () => heals && failed <= tolerance,
      ended({ state }) {
        if (!heals || failed > tolerance || !failures.has(state)) return;
        failed += 1;
        if (failed > tolerance) onEvent({ kind: 'healing-stopped', failed, tolerance });
      },
    };
  };
}
