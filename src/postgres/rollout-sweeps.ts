/** What a sweep would be made of: which rollout it holds portals against, which of them have gone another way, and whether it is time. */
import type { PauseReason, RolloutState } from '../core/rollout-standing.ts';
import type { Clock, Database, Row } from './database.ts';

export interface SweepFacts {
  /**
   * The newest rollout that somebody asked for and that is complete: of all portals where there is any. Undefined: there is none.
   */
  readonly basis: { readonly id: string; readonly chosen: string } | undefined;
  readonly last:
    | { readonly id: string; readonly state: RolloutState; readonly reason: PauseReason | undefined }
    | undefined;
  /** A rollout that somebody asked for, and that is open. */
  readonly open: string | undefined;
  /** Whether the last sweep was begun an interval ago, or longer, or there is none. */
  readonly isDue: boolean;
}

export interface RolloutSweeps {
  sweepFacts(intervalMs: number): Promise<SweepFacts>;
  /** Member ids of portals that a rollout has begun that somebody asked for later: they may hold what it has brought. */
  begunSince(rollout: string): Promise<ReadonlySet<string>>;
}

export function rolloutSweeps(database: Database, time: Clock): RolloutSweeps {
  return {
    async sweepFacts(intervalMs) {
      const [row = {}] = await database.query(sweepFacts, [intervalMs, time()]);
      return {
        basis: basisOf(row),
        last: lastOf(row),
        open: typeof row['open'] === 'string' ? row['open'] : undefined,
        isDue: row['is_due'] === true,
      };
    },

    async begunSince(rollout) {
      const rows = await database.query(begunSince, [rollout]);
      return new Set(rows.map((row) => String(row['member_id'])));
    },
  };
}

function basisOf({ basis, chosen }: Row): SweepFacts['basis'] {
  return typeof basis === 'string' ? { id: basis, chosen: String(chosen) } : undefined;
}

function lastOf({ last, state, reason }: Row): SweepFacts['last'] {
  if (typeof last !== 'string') return undefined;
  return { id: last, state: state as RolloutState, reason: (reason ?? undefined) as PauseReason | undefined };
}

/** A rollout of all portals before one of some, the newest of them. */
export const basisOfSweeps = `
  SELECT id, chosen, number FROM bitrix_events.rollouts WHERE origin = 'asked' AND verb = 'apply' AND state = 'completed'
  ORDER BY (chosen = '*') DESC, number DESC LIMIT 1`;

const sweepFacts = `
  SELECT basis.id AS basis, basis.chosen, last.id AS last, last.state, last.reason,
    (SELECT id FROM bitrix_events.rollouts WHERE origin = 'asked' AND state IN ('running', 'paused')) AS open,
    coalesce(last.created_at + $1 * interval '1 millisecond' <= coalesce($2, now()), true) AS is_due
  FROM (SELECT) AS one
  LEFT JOIN (${basisOfSweeps}) AS basis ON true
  LEFT JOIN (
    SELECT id, state, reason, created_at FROM bitrix_events.rollouts WHERE origin = 'sweep' ORDER BY number DESC LIMIT 1
  ) AS last ON true`;

const begunSince = `
  SELECT DISTINCT items.member_id
  FROM bitrix_events.items JOIN bitrix_events.rollouts AS newer ON newer.id = items.rollout
  WHERE newer.origin = 'asked' AND newer.number > (SELECT number FROM bitrix_events.rollouts WHERE id = $1)
    AND (items.begun_at IS NOT NULL OR items.has_written)`;
