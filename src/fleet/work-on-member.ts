/** What a worker does for one portal: under its lock, all that open rollouts want of it, and never what they no longer want. */
import { randomUUID } from 'node:crypto';
import type { RolloutState, RolloutTask } from '../core/rollout-standing.ts';
import type { ItemEnding } from '../core/fleet.ts';
import type { PortalWorld } from '../connect.ts';
import type { HeldLock } from '../installation/store.ts';
import type { PostgresStore } from '../postgres/postgres-store.ts';
import type { AfterEnding, Claim, ClaimEnding } from '../postgres/rollout-gate.ts';
import type { Rollouts } from '../postgres/rollouts.ts';
import { monotonicMs } from '../portal/clock.ts';
import { abortOn } from '../reconcile/abort.ts';
import type { FleetEnding, FleetVerb } from './options.ts';
import { workOn } from './work-on.ts';

export interface MemberWork {
  readonly rollouts: Rollouts;
  readonly store: PostgresStore;
  readonly world: PortalWorld;
  /** For people. */
  readonly worker: string;
  /** What a rollout does; never changes. */
  readonly taskOf: (rollout: string) => Promise<RolloutTask>;
  /** Milliseconds to wait for somebody else who works on the portal, before another try is made later. */
  readonly lockTimeoutMs: number;
  /** Begins nothing more, and puts back what was cut off. */
  readonly signal: AbortSignal;
  readonly onEnd: (
    rollout: string,
    memberId: string,
    ending: ItemEnding,
    after: AfterEnding,
    worked: Worked | undefined,
  ) => Promise<void>;
}

/** What was done on a portal, and how long it took. */
export interface Worked {
  readonly verb: FleetVerb;
  readonly durationMs: number;
}

/**
 * Returns when there is nothing more to do, or the gate is closed.
 * @throws UsageError `locked` when somebody else works on the portal for too long, `lock-lost`, and those of the store
 */
export async function workOnMember(memberId: string, work: MemberWork): Promise<void> {
  const { rollouts, store, signal, lockTimeoutMs } = work;
  // Most jobs of a rollout that was stopped end here, without a lock.
  while (!signal.aborted && (await rollouts.next(memberId)) !== undefined) {
    const end = abortOn([signal], lockTimeoutMs);
    const held = await store.hold(memberId, 'apply', { signal: end.signal }).finally(end.forget);
    try {
      if (!(await workOnNext(memberId, held, work))) return;
    } finally {
      await held.release();
    }
  }
}

/** @returns whether there may be more to do */
async function workOnNext(memberId: string, held: HeldLock, work: MemberWork): Promise<boolean> {
  const { rollouts, worker } = work;
  const item = await rollouts.next(memberId);
  if (item === undefined) return false;
  const claim: Claim = { rollout: item.rollout, memberId, claim: randomUUID() };
  if (!item.isBegun) return (await rollouts.begin(claim, worker)) && carryOut(claim, held, work);
  if (!(await rollouts.takeOver(claim, worker))) return true;
  if (item.rolloutState === 'running' || item.rolloutState === 'paused') return carryOut(claim, held, work);
  return endWith(claim, abandoned(item.rolloutState), work);
}

/** Of a rollout that is over nothing more is applied, so nobody can tell. */
function abandoned(state: RolloutState): ItemEnding {
  if (state === 'superseded') return { state };
  return {
    state: 'unknown',
    problem: {
      code: 'worker-lost',
      message: 'the worker that had it in work ended without a word, and the rollout is over',
      hint: 'Look at it with check --portal',
    },
  };
}

async function carryOut(claim: Claim, held: HeldLock, work: MemberWork): Promise<boolean> {
  const { rollouts, taskOf, world, signal } = work;
  const { rollout, memberId } = claim;
  const task = await taskOf(rollout);
  const lock: HeldLock = {
    isHeld: async () => (await held.isHeld()) && (await rollouts.isOpen(rollout)),
    release: () => Promise.resolve(),
  };
  const startedAt = monotonicMs();
  const reviewed = task.reviewed === undefined ? undefined : new Set(task.reviewed);
  const {
    sample: _,
    everybodys,
    ...ending
  } = await workOn(
    { memberId, domain: '' },
    { ...task, reviewed, portals: [], world: { ...world, stop: signal }, lock, signal },
    new Map(),
  );
  if (everybodys !== undefined) await rollouts.pause(rollout, 'everybodys', everybodys.message);
  if (isCutOff(ending, everybodys !== undefined)) {
    await rollouts.putBack(claim, ending.hasWritten);
    return true;
  }
  return endWith(claim, ending, work, { verb: task.verb, durationMs: monotonicMs() - startedAt });
}

/** What says nothing of the portal, and has to be begun anew. */
function isCutOff({ state, problem, hasWritten }: FleetEnding, isEverybodys: boolean): boolean {
  return state === 'cancelled' || problem?.code === 'lock-lost' || (isEverybodys && hasWritten !== true);
}

async function endWith(
  claim: Claim,
  ending: ClaimEnding,
  { rollouts, onEnd }: MemberWork,
  worked?: Worked,
): Promise<boolean> {
  const after = await rollouts.end(claim, ending);
  if (after !== undefined) await onEnd(claim.rollout, claim.memberId, ending, after, worked);
  return after !== undefined;
}
