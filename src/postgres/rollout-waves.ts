/** The waves of rollouts: which have ended, what comes next, and which portals have to be woken for it. */
import type { ItemProblem } from '../core/fleet.ts';
import type { Clock, Database } from './database.ts';

/** A wave that has ended well, and whose time to bake is over. */
export interface BakedWave {
  readonly rollout: string;
  readonly wave: number;
  /** Whether its portals are looked at again before the next one. */
  readonly isLookedAt: boolean;
}

export interface RolloutWaves {
  baked(): Promise<readonly BakedWave[]>;
  /** @returns false when the rollout has been stopped, or somebody else has opened it */
  openNext(wave: Pick<BakedWave, 'rollout' | 'wave'>): Promise<boolean>;
  /** A portal that had succeeded does not hold any more: its rollout is paused. */
  notHeld(rollout: string, memberId: string, problem: ItemProblem | undefined): Promise<void>;
  /** Member ids of portals of running rollouts that may be begun, those that are looked after by nobody included. */
  waiting(limit: number): Promise<readonly string[]>;
}

export function rolloutWaves({ query }: Database, time: Clock): RolloutWaves {
  return {
    async baked() {
      const rows = await query(
        `SELECT id, wave, bake_ms > 0 AND verb = 'apply' AS is_looked_at FROM bitrix_events.rollouts
         WHERE state = 'running' AND unended = 0 AND wave + 1 < jsonb_array_length(waves)
           AND coalesce(bakes_until, '-infinity') <= coalesce($1, now())`,
        [time()],
      );
      return rows.map((row) => ({
        rollout: String(row['id']),
        wave: Number(row['wave']),
        isLookedAt: row['is_looked_at'] === true,
      }));
    },

    async openNext({ rollout, wave }) {
      const rows = await query(
        `UPDATE bitrix_events.rollouts SET wave = $2 + 1, failed = 0, bakes_until = NULL,
           tolerance = (waves -> ($2 + 1) ->> 'tolerance')::integer, mode = waves -> ($2 + 1) ->> 'mode',
           unended = (waves -> ($2 + 1) ->> 'portals')::integer
         WHERE id = $1 AND state = 'running' AND wave = $2 AND unended = 0 RETURNING id`,
        [rollout, wave],
      );
      return rows.length > 0;
    },

    async notHeld(rollout, memberId, problem) {
      await query(
        `WITH item AS (
           UPDATE bitrix_events.items SET state = 'failed', verdict = 'drift', code = $3, message = $4, hint = $5
           WHERE rollout = $1 AND member_id = $2 AND state = 'succeeded'
         )
         UPDATE bitrix_events.rollouts SET state = 'paused', reason = 'not-held' WHERE id = $1 AND state = 'running'`,
        [rollout, memberId, problem?.code ?? null, problem?.message ?? null, problem?.hint ?? null],
      );
    },

    async waiting(limit) {
      const rows = await query(
        `SELECT member_id FROM bitrix_events.items JOIN bitrix_events.rollouts ON rollouts.id = items.rollout
         WHERE rollouts.state = 'running' AND items.state = 'pending' AND items.wave <= rollouts.wave
           AND failed <= tolerance AND (mode = 'soft' OR running <= tolerance - failed)
           AND items.not_before <= coalesce($1, now())
         ORDER BY rollouts.number DESC, items.position LIMIT $2`,
        [time(), limit],
      );
      return rows.map((row) => String(row['member_id']));
    },
  };
}
