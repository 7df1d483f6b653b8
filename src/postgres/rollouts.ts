/** The rollouts of a database: the truth about them, whatever the queue says. */
import type { StoreKey } from '../records/keys.ts';
import type { Clock, Database } from './database.ts';
import { type RolloutGate, rolloutGate } from './rollout-gate.ts';
import { type RolloutRows, rolloutRows } from './rollout-rows.ts';
import { type RolloutStandings, rolloutStandings } from './rollout-standings.ts';
import { type RolloutSweeps, rolloutSweeps } from './rollout-sweeps.ts';
import { type RolloutWaves, rolloutWaves } from './rollout-waves.ts';

export interface Rollouts extends RolloutRows, RolloutStandings, RolloutGate, RolloutWaves, RolloutSweeps {}

export interface RolloutsOptions {
  /** The first encrypts what a rollout does, all of them open it. Default none: in the clear. */
  readonly keys?: readonly StoreKey[] | undefined;
  /** Milliseconds since 1970. Default: the server's clock, which is the same for all. */
  readonly now?: (() => number) | undefined;
}

export function openRollouts(database: Database, { keys = [], now }: RolloutsOptions = {}): Rollouts {
  const time: Clock = () => (now === undefined ? null : new Date(now()));
  return {
    ...rolloutRows(database, keys, time),
    ...rolloutStandings(database),
    ...rolloutGate(database, time),
    ...rolloutWaves(database, time),
    ...rolloutSweeps(database, time),
  };
}
