/** How rollouts stand, and which of their portals somebody has to look at. */
import type { ItemProblem } from '../core/fleet.ts';
import type { ItemState } from '../core/rollout.ts';
import type {
  PauseReason,
  RolloutItem,
  RolloutOrigin,
  RolloutStanding,
  RolloutState,
  Wave,
} from '../core/rollout-standing.ts';
import type { Database, Row } from './database.ts';

export interface RolloutStandings {
  /** The newest first. @param origin of both where it is not given */
  list(limit: number, origin?: RolloutOrigin): Promise<readonly RolloutStanding[]>;
  /** By its id, or the beginning of it, the newest two that fit; the newest that somebody asked for where none is given. */
  find(start?: string): Promise<readonly RolloutStanding[]>;
  /** In the order of the rollout. @param wave of all where it is not given */
  items(id: string, states: readonly ItemState[], limit: number, wave?: number): Promise<readonly RolloutItem[]>;
  /** Portals that somebody has to look at, in the order of the rollout. */
  attention(id: string): Promise<readonly RolloutItem[]>;
}

export function rolloutStandings({ query }: Database): RolloutStandings {
  return {
    async list(limit, origin) {
      const text = `${standings} WHERE $1::text IS NULL OR origin = $1 ORDER BY number DESC LIMIT $2`;
      return (await query(text, [origin ?? null, limit])).map(standingOf);
    },

    async find(start) {
      const rows =
        start === undefined
          ? await query(`${standings} WHERE origin = 'asked' ORDER BY number DESC LIMIT 1`)
          : await query(`${standings} WHERE starts_with(id::text, $1) ORDER BY number DESC LIMIT 2`, [start]);
      return rows.map(standingOf);
    },

    async items(id, states, limit, wave) {
      const rows = await query(
        `SELECT * FROM bitrix_events.items WHERE rollout = $1 AND state = ANY ($2) AND ($4::integer IS NULL OR wave = $4)
         ORDER BY position LIMIT $3`,
        [id, states, limit, wave ?? null],
      );
      return rows.map(itemOf);
    },

    async attention(id) {
      const rows = await query(
        `SELECT * FROM bitrix_events.items WHERE rollout = $1 AND (state = ANY ($2) OR verdict IN ('drift', 'cannot-tell'))
         ORDER BY position`,
        [id, needingAttention],
      );
      return rows.map(itemOf);
    },
  };
}

const needingAttention = ['failed', 'partial', 'unknown', 'dead', 'unreviewed'] as const satisfies readonly ItemState[];

const standings = `
  SELECT id, origin, verb, state, reason, problem, name, environment, file, fingerprint, chosen, created_at, created_by, waves, wave,
    failed, CASE WHEN unended = 0 AND state = 'running' THEN bakes_until END AS bakes_until,
    (SELECT jsonb_object_agg(state, count) FROM (
      SELECT items.state, count(*) FROM bitrix_events.items WHERE rollout = rollouts.id GROUP BY items.state
    ) AS counted) AS counts,
    (SELECT coalesce(bool_or(has_written), false) FROM bitrix_events.items WHERE rollout = rollouts.id) AS has_written
  FROM bitrix_events.rollouts`;

/** A column that may be empty. */
function textIn(row: Row, name: string): string | undefined {
  const value = row[name];
  return typeof value === 'string' ? value : undefined;
}

function standingOf(row: Row): RolloutStanding {
  const time = (name: string): string | undefined => (row[name] instanceof Date ? row[name].toISOString() : undefined);
  const environment = textIn(row, 'environment');
  return {
    id: String(row['id']),
    origin: row['origin'] as RolloutOrigin,
    verb: row['verb'] as RolloutStanding['verb'],
    state: row['state'] as RolloutState,
    reason: textIn(row, 'reason') as PauseReason | undefined,
    problem: textIn(row, 'problem'),
    manifest: {
      name: String(row['name']),
      ...(environment === undefined ? {} : { environment }),
      file: String(row['file']),
      fingerprint: String(row['fingerprint']),
    },
    chosen: String(row['chosen']),
    createdAt: time('created_at') ?? '',
    by: String(row['created_by']),
    waves: row['waves'] as readonly Wave[],
    wave: Number(row['wave']),
    failed: Number(row['failed']),
    bakesUntil: time('bakes_until'),
    counts: row['counts'] ?? {},
    hasWritten: row['has_written'] === true,
  };
}

function itemOf(row: Row): RolloutItem {
  const [verdict, shape, code, hint] = ['verdict', 'shape', 'code', 'hint'].map((name) => textIn(row, name));
  return {
    memberId: String(row['member_id']),
    domain: String(row['domain']),
    wave: Number(row['wave']),
    state: row['state'] as ItemState,
    worker: textIn(row, 'worker'),
    ...(verdict === undefined ? {} : { verdict: verdict as NonNullable<RolloutItem['verdict']> }),
    ...(shape === undefined ? {} : { shape }),
    ...(code === undefined ? {} : { problem: problemOf(code as ItemProblem['code'], textIn(row, 'message'), hint) }),
  };
}

function problemOf(code: ItemProblem['code'], message = '', hint?: string): ItemProblem {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
