/** A rollout that outlives the process that began it: what it asks for, and how it stands. */
import type { DriftKind } from './drift.ts';
import type { ItemEnding } from './fleet.ts';
import type { Consent } from './guards.ts';
import type { Manifest, Prune } from './manifest.ts';
import type { ItemState, PortalName, WaveRules } from './rollout.ts';

export type RolloutState = 'running' | 'paused' | 'completed' | 'cancelled' | 'superseded';

/** Whether somebody asked for it, or it is the look at the fleet that workers take from time to time. */
export type RolloutOrigin = 'asked' | 'sweep';

export type PauseReason =
  /** By somebody. */
  | 'asked'
  /** More of its open wave have failed than it puts up with. */
  | 'failures'
  /** A portal of the wave no longer held the manifest after its bake. */
  | 'not-held'
  /** The server of authorisation cannot be asked, or refuses the application: no portal's fault. */
  | 'everybodys';

/** What is done to each portal of a rollout. Never changes. */
export interface RolloutTask {
  readonly verb: 'apply' | 'check';
  readonly manifest: Manifest;
  readonly prune?: Prune | undefined;
  readonly rebind?: readonly string[] | undefined;
  readonly consent?: Consent | undefined;
  readonly failOn?: readonly DriftKind[] | undefined;
  /** Shapes of plans that were reviewed; absent: any. */
  readonly reviewed?: readonly string[] | undefined;
}

export interface Wave extends WaveRules {
  readonly portals: number;
}

export interface NewRollout {
  /** A UUID. */
  readonly id: string;
  readonly origin: RolloutOrigin;
  readonly task: RolloutTask;
  /** In the order of the rollout. */
  readonly portals: readonly PortalName[];
  readonly waves: readonly Wave[];
  /** Milliseconds between the end of a wave and the look at it. */
  readonly bakeMs: number;
  /** How the portals were named; `*` for all of them. */
  readonly chosen: string;
  /** Who began it, for people. */
  readonly by: string;
  /** Milliseconds over which the portals are spread evenly, the first at once. Default: all at once. */
  readonly spreadMs?: number | undefined;
}

export interface RolloutStanding {
  readonly id: string;
  readonly origin: RolloutOrigin;
  readonly verb: 'apply' | 'check';
  readonly state: RolloutState;
  readonly reason: PauseReason | undefined;
  /** What made everybody fail, in words. */
  readonly problem: string | undefined;
  readonly manifest: Pick<Manifest, 'name' | 'environment' | 'file' | 'fingerprint'>;
  readonly chosen: string;
  /** ISO time. */
  readonly createdAt: string;
  readonly by: string;
  readonly waves: readonly Wave[];
  /** The open one, from 0. */
  readonly wave: number;
  /** Failures of the open wave. */
  readonly failed: number;
  /** ISO time at which the open wave, which has ended, is looked at again. */
  readonly bakesUntil: string | undefined;
  readonly counts: Readonly<Partial<Record<ItemState, number>>>;
  /** Whether anything was, or may have been, changed on any portal. */
  readonly hasWritten: boolean;
}

/** A portal of a rollout that somebody has to look at, or that is in work. */
export interface RolloutItem extends PortalName, ItemEnding {
  readonly wave: number;
  /** Who has it in work, or had. */
  readonly worker: string | undefined;
}

export function isOpen({ state }: Pick<RolloutStanding, 'state'>): boolean {
  return state === 'running' || state === 'paused';
}

/** All portals of a rollout, whatever has become of them. */
export function portalsIn(counts: RolloutStanding['counts']): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
