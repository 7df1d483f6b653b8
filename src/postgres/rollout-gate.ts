/** The gate of a rollout: which portal may be begun, by whom it is worked on, and what its end means for all others. One statement each. */
import type { ItemEnding } from '../core/fleet.ts';
import { failures } from '../core/rollout.ts';
import type { RolloutState } from '../core/rollout-standing.ts';
import type { Clock, Database } from './database.ts';

/** A portal of a rollout that can be worked on. */
export interface OpenItem {
  readonly rollout: string;
  readonly rolloutState: RolloutState;
  /** Whether a process has begun it and not said how it ended. */
  readonly isBegun: boolean;
}

/** Who works on an item: nobody else ends it. */
export interface Claim {
  readonly rollout: string;
  readonly memberId: string;
  /** A UUID of this one try. */
  readonly claim: string;
}

/** How a rollout stands after one of its portals has ended. */
export interface AfterEnding {
  readonly state: RolloutState;
  /** How many more portals may be begun before another one ends; undefined: as many as there are hands. */
  readonly room: number | undefined;
  /** Whether the open wave has ended, and another one comes. */
  readonly isWaveOver: boolean;
}

export interface ClaimEnding extends ItemEnding {
  readonly hasWritten?: boolean;
  /** Of the portal, where its record could be read. */
  readonly domain?: string;
}

export interface RolloutGate {
  /**
   * What there is to do for a portal: of the newest rollout that wants it and may begin it, or one that somebody has left behind.
   * To be asked under the portal's lock.
   */
  next(memberId: string): Promise<OpenItem | undefined>;
  /**
   * Begins a portal, if its rollout runs, its wave is open, and the failures of the wave leave room.
   * @param worker for people
   * @returns whether it was begun
   */
  begin(claim: Claim, worker: string): Promise<boolean>;
  /** Takes over a portal that was begun by whoever held its lock before. @returns whether there was anything to take over */
  takeOver(claim: Claim, worker: string): Promise<boolean>;
  /** @returns undefined when the item is somebody else's by now */
  end(claim: Claim, ending: ClaimEnding): Promise<AfterEnding | undefined>;
  /** Puts a portal back, to be begun anew by anybody; of a rollout that is over it ends as all others of it. */
  putBack(claim: Claim, hasWritten?: boolean): Promise<void>;
  /** Whether what is in work may still write: the rollout was neither cancelled nor superseded. */
  isOpen(rollout: string): Promise<boolean>;
}

export function rolloutGate({ query }: Database, time: Clock): RolloutGate {
  return {
    async next(memberId) {
      const [row] = await query(nextItem, [memberId, time()]);
      return (
        row && {
          rollout: String(row['rollout']),
          rolloutState: row['rollout_state'] as RolloutState,
          isBegun: row['state'] === 'running',
        }
      );
    },

    async begin({ rollout, memberId, claim }, worker) {
      return (await query(beginItem, [rollout, memberId, claim, worker, time()])).length > 0;
    },

    async takeOver({ rollout, memberId, claim }, worker) {
      return (await query(takeItem, [rollout, memberId, claim, worker, time()])).length > 0;
    },

    async end({ rollout, memberId, claim }, { state, verdict, shape, problem, domain, hasWritten = false }) {
      const { code, message, hint } = problem ?? {};
      const said = [state, verdict ?? null, shape ?? null, code ?? null, message ?? null, hint ?? null, domain ?? null];
      const values = [rollout, memberId, claim, time(), failures.has(state) ? 1 : 0, hasWritten, ...said];
      const [row] = await query(endItem, values);
      return (
        row && {
          state: row['state'] as RolloutState,
          room: row['mode'] === 'strict' ? Math.max(0, Number(row['room'])) : undefined,
          isWaveOver: Number(row['unended']) === 0 && row['state'] === 'running',
        }
      );
    },

    async putBack({ rollout, memberId, claim }, hasWritten = false) {
      await query(putItemBack, [rollout, memberId, claim, hasWritten]);
    },

    async isOpen(rollout) {
      const rows = await query("SELECT FROM bitrix_events.rollouts WHERE id = $1 AND state IN ('running', 'paused')", [
        rollout,
      ]);
      return rows.length > 0;
    },
  };
}

/** A rollout that was begun later holds what is wanted now. */
const nextItem = `
  SELECT items.rollout, items.state, rollouts.state AS rollout_state
  FROM bitrix_events.items JOIN bitrix_events.rollouts ON rollouts.id = items.rollout
  WHERE items.member_id = $1 AND (items.state = 'running' OR items.state = 'pending' AND rollouts.state = 'running'
    AND items.wave <= rollouts.wave AND items.not_before <= coalesce($2, now()))
  ORDER BY rollouts.number DESC LIMIT 1`;

/**
 * Whoever comes while the gate is being closed waits for its row, and then sees it closed. The last part gives a claim that was made
 * by this very statement when its answer was lost on the way.
 */
const beginItem = `
  WITH gate AS MATERIALIZED (
    SELECT id, wave FROM bitrix_events.rollouts
    WHERE id = $1 AND state = 'running' AND failed <= tolerance AND (mode = 'soft' OR running <= tolerance - failed)
    FOR UPDATE
  ), begun AS (
    UPDATE bitrix_events.items SET state = 'running', claim = $3, worker = $4, begun_at = coalesce($5, now())
    FROM gate WHERE items.rollout = gate.id AND items.member_id = $2 AND items.state = 'pending'
      AND items.wave <= gate.wave AND items.not_before <= coalesce($5, now())
    RETURNING items.rollout
  ), counted AS (
    UPDATE bitrix_events.rollouts SET running = running + 1 FROM begun WHERE id = begun.rollout
  )
  SELECT rollout FROM begun
  UNION ALL
  SELECT rollout FROM bitrix_events.items WHERE rollout = $1 AND member_id = $2 AND claim = $3 AND state = 'running'`;

const takeItem = `
  UPDATE bitrix_events.items SET claim = $3, worker = $4, begun_at = coalesce($5, now())
  WHERE rollout = $1 AND member_id = $2 AND state = 'running' RETURNING rollout`;

const isLastWave = 'wave + 1 >= jsonb_array_length(waves)';

/** The end of a portal, what it means for the gate, and whether it was the last one, in one step: no kill comes between. */
const endItem = `
  WITH ended AS (
    UPDATE bitrix_events.items SET state = $7, verdict = $8, shape = $9, code = $10, message = $11, hint = $12,
      has_written = has_written OR $6, domain = coalesce($13, domain), ended_at = coalesce($4, now()), claim = NULL
    WHERE rollout = $1 AND member_id = $2 AND claim = $3 AND state = 'running'
    RETURNING rollout
  )
  UPDATE bitrix_events.rollouts SET running = running - 1, unended = unended - 1, failed = failed + $5,
    state = CASE
      WHEN state <> 'running' THEN state
      WHEN failed + $5 > tolerance THEN 'paused'
      WHEN unended = 1 AND ${isLastWave} THEN 'completed'
      ELSE state END,
    reason = CASE WHEN state = 'running' AND failed + $5 > tolerance THEN 'failures' ELSE reason END,
    bakes_until = CASE WHEN unended = 1 AND NOT (${isLastWave})
      THEN coalesce($4, now()) + bake_ms * interval '1 millisecond' ELSE bakes_until END
  FROM ended WHERE id = ended.rollout
  RETURNING state, mode, tolerance - failed + 1 - running AS room, unended`;

const putItemBack = `
  WITH back AS (
    UPDATE bitrix_events.items SET claim = NULL, worker = NULL, begun_at = NULL, has_written = has_written OR $4,
      state = CASE WHEN rollouts.state IN ('cancelled', 'superseded') THEN rollouts.state ELSE 'pending' END
    FROM bitrix_events.rollouts
    WHERE rollout = $1 AND member_id = $2 AND claim = $3 AND items.state = 'running' AND rollouts.id = items.rollout
    RETURNING rollout
  )
  UPDATE bitrix_events.rollouts SET running = running - 1 FROM back WHERE id = back.rollout`;
