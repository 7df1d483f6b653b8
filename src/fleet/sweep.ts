/**
 * A sweep: the look at every portal that workers take from time to time, as a rollout of its own that is spread over the whole
 * interval. It holds them against what was rolled out last, and gives way to whatever somebody asks for.
 */
import { rulesOf } from '../core/rollout.ts';
import type { NewRollout, RolloutTask } from '../core/rollout-standing.ts';
import type { Store } from '../installation/store.ts';
import type { Rollouts } from '../postgres/rollouts.ts';
import type { SweepFacts } from '../postgres/rollout-sweeps.ts';
import { digest } from '../reconcile/platform.ts';
import { fleetOf } from './portals.ts';

export interface SweepOptions {
  readonly store: Store;
  readonly rollouts: Rollouts;
  readonly intervalMs: number;
  /** Whether what differs is applied, within the tolerance of any rollout, instead of being reported. */
  readonly heals: boolean;
  /** Who begins it, for people. */
  readonly name: string;
}

export type SweepStart =
  | { readonly kind: 'begun'; readonly rollout: string; readonly portals: number }
  /** One that a silent server of authorisation had stopped goes on. */
  | { readonly kind: 'resumed'; readonly rollout: string }
  | { readonly kind: 'not-due' }
  /** Somebody has asked for a rollout that is still open. */
  | { readonly kind: 'gives-way'; readonly rollout: string }
  /** No rollout is complete, or there is no portal. */
  | { readonly kind: 'nothing-to-check' };

/** However many processes call it at once, one sweep comes of it. */
export async function beginSweep(options: SweepOptions): Promise<SweepStart> {
  const { rollouts, intervalMs } = options;
  const facts = await rollouts.sweepFacts(intervalMs);
  const { last, open, isDue } = facts;
  if (!isDue) {
    // Nobody watches a sweep, so nobody would let it go on.
    const isStranded = last?.state === 'paused' && last.reason === 'everybodys';
    if (isStranded && (await rollouts.resume(last.id))) return { kind: 'resumed', rollout: last.id };
    return { kind: 'not-due' };
  }
  if (open !== undefined) return { kind: 'gives-way', rollout: open };
  const sweep = await sweepOf(facts, options);
  if (sweep === undefined) return { kind: 'nothing-to-check' };
  const other = await rollouts.create(sweep, true);
  if (other !== undefined) return { kind: 'gives-way', rollout: other };
  return { kind: 'begun', rollout: sweep.id, portals: sweep.portals.length };
}

/** The sweep that comes after the last one; the same for whoever makes it of the same facts. */
export async function sweepOf(
  { basis, last }: SweepFacts,
  { store, rollouts, intervalMs, heals, name }: SweepOptions,
): Promise<NewRollout | undefined> {
  if (basis === undefined) return undefined;
  const elsewhere = await rollouts.begunSince(basis.id);
  // A portal has the same place in every sweep, so that an interval lies between two looks at it.
  const all = await fleetOf(store, { globs: basis.chosen.split(','), rolloutId: 'sweep' });
  const portals = all.filter(({ memberId }) => !elsewhere.has(memberId));
  if (portals.length === 0) return undefined;
  const { length } = portals;
  return {
    id: idAfter(last?.id),
    origin: 'sweep',
    task: taskOf(await rollouts.task(basis.id), heals),
    portals,
    // A look that changes nothing and stops at the first failures would hide the rest.
    waves: [{ portals: length, ...(heals ? rulesOf(0, [length], {}) : { tolerance: length, mode: 'soft' }) }],
    bakeMs: 0,
    chosen: basis.chosen,
    by: name,
    spreadMs: intervalMs,
  };
}

/** What is asked for without end: neither the one-time rebinds of a rollout, nor only those changes that somebody had reviewed for it. */
function taskOf({ manifest, prune, consent }: RolloutTask, heals: boolean): RolloutTask {
  return { verb: heals ? 'apply' : 'check', manifest, prune, consent };
}

/** A UUID that only one sweep can have, made of the one before: of two processes that begin it, one finds it there. */
function idAfter(last: string | undefined): string {
  const hex = digest(`sweep after ${last ?? 'none'}`);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}
