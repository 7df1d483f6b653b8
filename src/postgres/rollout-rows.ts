/** Rollouts as rows: written down once, and told to stop or to go on. */
import type { NewRollout, PauseReason, RolloutTask, Wave } from '../core/rollout-standing.ts';
import type { StoreKey } from '../records/keys.ts';
import type { Clock, Database, Row } from './database.ts';
import { basisOfSweeps } from './rollout-sweeps.ts';
import { rolloutTasks } from './rollout-tasks.ts';

export interface RolloutRows {
  /**
   * Writes a rollout down with all of its portals, in one step. The newest twenty of each origin are kept, and those that a sweep
   * depends on.
   * @param supersede whether one of the same origin that is still open gives way; otherwise nothing is written. A sweep gives way to
   *   any that is asked for, and never the other way round
   * @returns the id of the one that is in the way
   */
  create(rollout: NewRollout, supersede: boolean): Promise<string | undefined>;
  /**
   * @throws UsageError `no-key`, `wrong-key`, `damaged-store`
   */
  task(id: string): Promise<RolloutTask>;
  /** Begins nothing more; what is in work is finished. @returns false where it does not run */
  pause(id: string, reason: PauseReason, problem?: string): Promise<boolean>;
  /** Goes on. Failures of the open wave that stopped it are put up with. @returns false where it is not paused */
  resume(id: string): Promise<boolean>;
  /** What is in work ends before its next request that writes. @returns false where it is not open */
  cancel(id: string): Promise<boolean>;
  /**
   * Begins again what has failed, and dead portals where it is said.
   * @returns how many portals; undefined where a newer rollout has taken its place
   */
  retry(id: string, withDead: boolean): Promise<number | undefined>;
}

export function rolloutRows(database: Database, keys: readonly StoreKey[], time: Clock): RolloutRows {
  const { query } = database;
  const tasks = rolloutTasks(database, keys);
  const hasDone = async (text: string, values: readonly unknown[]): Promise<boolean> =>
    (await query(text, values)).length > 0;

  return {
    async create(rollout, supersede) {
      const { id, origin, task, portals, waves, bakeMs, chosen, by, spreadMs = 0 } = rollout;
      const { manifest } = task;
      const values = [
        id,
        origin,
        task.verb,
        await tasks.textOf(id, task),
        manifest.name,
        manifest.environment ?? null,
        manifest.file,
        manifest.fingerprint,
        chosen,
        by,
        bakeMs,
        JSON.stringify(waves),
        supersede,
        portals.map(({ memberId }) => memberId),
        portals.map(({ domain }) => domain),
        waveOfEach(waves),
        portals.map((_, position) => Math.floor((spreadMs * position) / portals.length)),
        time(),
      ];
      for (;;) {
        const [row] = await unlessTaken(query(createRollout, values));
        if (row !== undefined) break;
        const [other] = await query(inTheWay, [id, origin, supersede]);
        // Whoever was faster, and was not there to be seen yet, may be one that gives way.
        if (other !== undefined) return String(other['id']);
      }
      await query(forgetOld, [origin, mostKept]);
      return undefined;
    },

    task: (id) => tasks.task(id),

    pause: (id, reason, problem) =>
      hasDone(
        `UPDATE bitrix_events.rollouts SET state = 'paused', reason = $2, problem = $3
         WHERE id = $1 AND state = 'running' RETURNING id`,
        [id, reason, problem ?? null],
      ),

    resume: (id) => hasDone(resumeRollout, [id]),

    cancel: (id) => hasDone(cancelRollout, [id]),

    async retry(id, withDead) {
      const states = ['failed', 'partial', 'unknown', ...(withDead ? ['dead'] : [])];
      const [row] = await unlessTaken(query(retryRollout, [id, states]));
      return row && Number(row['again']);
    },
  };
}

function waveOfEach(waves: readonly Wave[]): readonly number[] {
  return waves.flatMap(({ portals }, wave) => Array.from({ length: portals }, () => wave));
}

/** Nothing where somebody else was faster. */
async function unlessTaken(work: Promise<readonly Row[]>): Promise<readonly Row[]> {
  try {
    return await work;
  } catch (error) {
    if (isTaken(error)) return [];
    throw error;
  }
}

/** The index that lets one rollout be open. */
function isTaken(error: unknown): boolean {
  return error instanceof Error && 'cause' in error && isTakenBySql(error.cause);
}

function isTakenBySql(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}

/** A sweep gives way to whatever somebody asks for: it would look at what is about to change. */
function isInTheWay(id: string, origin: string, supersede: string): string {
  return `id <> ${id} AND state IN ('running', 'paused')
    AND CASE WHEN rollouts.origin = ${origin} THEN NOT ${supersede} ELSE rollouts.origin = 'asked' END`;
}

const inTheWay = `SELECT id FROM bitrix_events.rollouts WHERE ${isInTheWay('$1', '$2', '$3::boolean')}`;

const createRollout = `
  WITH free AS (
    SELECT WHERE NOT EXISTS (SELECT FROM bitrix_events.rollouts WHERE ${isInTheWay('$1', '$2', '$13')})
  ), given_way AS (
    UPDATE bitrix_events.rollouts SET state = 'superseded' FROM free
    WHERE state IN ('running', 'paused') AND id <> $1
    RETURNING id
  ), left_out AS (
    UPDATE bitrix_events.items SET state = 'superseded' FROM given_way
    WHERE rollout = given_way.id AND items.state = 'pending'
  ), created AS (
    INSERT INTO bitrix_events.rollouts (id, origin, verb, task, name, environment, file, fingerprint, chosen, created_at,
      created_by, bake_ms, waves, tolerance, mode, unended)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($18, now()), $10, $11, $12::jsonb,
      ($12::jsonb -> 0 ->> 'tolerance')::integer, $12::jsonb -> 0 ->> 'mode', ($12::jsonb -> 0 ->> 'portals')::integer
    FROM free CROSS JOIN (SELECT count(*) FROM given_way) AS done
    ON CONFLICT (id) DO NOTHING
    RETURNING id, created_at
  ), filled AS (
    INSERT INTO bitrix_events.items (rollout, member_id, domain, position, wave, not_before)
    SELECT created.id, item.member_id, item.domain, item.position, item.wave,
      created.created_at + item.delay_ms * interval '1 millisecond'
    FROM created, unnest($14::text[], $15::text[], $16::integer[], $17::bigint[])
      WITH ORDINALITY AS item (member_id, domain, wave, delay_ms, position)
  )
  SELECT id FROM created UNION ALL SELECT id FROM bitrix_events.rollouts WHERE id = $1`;

/** Of each origin. A rollout over a fleet is a row for every portal. */
const mostKept = 20;

/** What a sweep holds portals against stays, and what came after it: that tells which portals have gone another way. */
const forgetOld = `
  DELETE FROM bitrix_events.rollouts WHERE origin = $1 AND state NOT IN ('running', 'paused') AND number <= (
    SELECT number FROM bitrix_events.rollouts WHERE origin = $1 ORDER BY number DESC OFFSET $2 LIMIT 1
  ) AND (origin = 'sweep' OR NOT EXISTS (SELECT FROM (${basisOfSweeps}) AS basis WHERE basis.number <= rollouts.number))`;

const resumeRollout = `
  UPDATE bitrix_events.rollouts SET
    state = CASE WHEN unended = 0 AND wave + 1 >= jsonb_array_length(waves) THEN 'completed' ELSE 'running' END,
    reason = NULL, problem = NULL, failed = 0
  WHERE id = $1 AND state = 'paused' RETURNING id`;

const cancelRollout = `
  WITH cancelled AS (
    UPDATE bitrix_events.rollouts SET state = 'cancelled' WHERE id = $1 AND state IN ('running', 'paused') RETURNING id
  ), left_out AS (
    UPDATE bitrix_events.items SET state = 'cancelled' FROM cancelled WHERE rollout = cancelled.id AND items.state = 'pending'
  )
  SELECT id FROM cancelled`;

/** The portals of an older rollout may hold what a newer one has brought. */
const retryRollout = `
  WITH gate AS MATERIALIZED (
    SELECT id FROM bitrix_events.rollouts AS this
    WHERE id = $1 AND state IN ('running', 'paused', 'completed')
      AND NOT EXISTS (SELECT FROM bitrix_events.rollouts AS newer WHERE newer.number > this.number AND newer.origin = this.origin)
    FOR UPDATE
  ), again AS (
    UPDATE bitrix_events.items SET state = 'pending', ended_at = NULL, verdict = NULL, code = NULL, message = NULL, hint = NULL
    FROM gate WHERE rollout = gate.id AND items.state = ANY ($2) RETURNING rollout
  ), given_way AS (
    UPDATE bitrix_events.rollouts SET state = 'superseded'
    WHERE origin = 'sweep' AND state IN ('running', 'paused') AND id NOT IN (SELECT rollout FROM again)
      AND EXISTS (SELECT FROM again)
    RETURNING id
  ), left_out AS (
    UPDATE bitrix_events.items SET state = 'superseded' FROM given_way
    WHERE rollout = given_way.id AND items.state = 'pending'
  ), reopened AS (
    UPDATE bitrix_events.rollouts SET unended = unended + (SELECT count(*) FROM again), failed = 0, reason = NULL, problem = NULL,
      state = CASE WHEN state = 'completed' AND (SELECT count(*) FROM again) = 0 THEN state ELSE 'running' END
    FROM gate CROSS JOIN (SELECT count(*) FROM given_way) AS done WHERE rollouts.id = gate.id
    RETURNING rollouts.id
  )
  SELECT (SELECT count(*) FROM again) AS again FROM reopened`;
