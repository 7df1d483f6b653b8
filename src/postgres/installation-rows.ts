/** The table of installations: rows that change only from the version they were read in, and are found by digests. */
import type { InstallationQuery } from '../installation/store.ts';
import type { StoreKey } from '../records/keys.ts';
import { type Findable, spacesOf, termOf, termsByName } from '../records/look-up.ts';
import type { Database } from './database.ts';

export interface StoredRow {
  readonly record: string;
  /** Another one after every change. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly grantedAtMs: number;
}

export interface RowFacts {
  readonly memberId: string;
  readonly record: string;
  readonly foundBy: Findable;
  /** When its tokens were granted; `before`: when those of the row that it takes the place of were; undefined: nobody knows. */
  readonly grantedAt: Date | 'before' | undefined;
}

export interface InstallationRows {
  /** A page at a time, however many there are. */
  memberIds(): AsyncIterable<string>;
  read(memberId: string): Promise<StoredRow | undefined>;
  /** @returns false when there is one already */
  insert(facts: RowFacts): Promise<boolean>;
  /** @returns false when it has another version, or is gone */
  update(facts: RowFacts, version: string): Promise<boolean>;
  /** Of any version where none is given. @returns false when it has another one */
  remove(memberId: string, version?: string): Promise<boolean>;
  /** @returns by which number it is found among the damaged ones; undefined when there was none */
  setAside(memberId: string): Promise<string | undefined>;
  /** Ids of rows whose tokens were granted from one moment to before another, a page at a time. */
  grantedBetween(from: Date, before: Date): AsyncIterable<string>;
  /** Those that fit; where nobody does, some of those that keys which were not given have sealed: one of them may be meant. */
  find(query: InstallationQuery): Promise<readonly string[]>;
}

const pageSize = 1_000;

/** Nobody can read them; they are named so that whoever searches hears why. */
const unreadableAtMost = 10;

/** @param now milliseconds since 1970; default: by the server's clock */
export function installationRows(database: Database, keys: readonly StoreKey[], now?: () => number): InstallationRows {
  const spaces = spacesOf(keys);
  const [current] = spaces;
  const table = 'bitrix_events.installations';

  const valuesOf = ({ memberId, record, foundBy, grantedAt }: RowFacts): readonly unknown[] => {
    const { domain, seed } = termsByName(foundBy);
    const digestOf = (term: string | undefined) => (term === undefined ? null : current.digest(term));
    const isKept = grantedAt === 'before';
    const granted = isKept ? null : (grantedAt ?? (now === undefined ? null : new Date(now())));
    return [memberId, record, digestOf(domain), digestOf(seed), current.name, granted, isKept];
  };

  const has = async (condition: string, values: readonly unknown[]): Promise<boolean> =>
    (await database.query(`SELECT FROM ${table} WHERE ${condition}`, values)).length > 0;

  /** A statement whose answer was lost on the way has run twice, and the second time found its own work done. */
  const isOwnWork = ({ memberId, record }: RowFacts): Promise<boolean> =>
    has('member_id = $1 AND record = $2', [memberId, record]);

  async function* idsWhere(condition: string, values: readonly unknown[]): AsyncIterable<string> {
    for (let after = ''; ; ) {
      const page = await database.query(
        `SELECT member_id FROM ${table} WHERE member_id > $1 AND ${condition} ORDER BY member_id LIMIT ${pageSize}`,
        [after, ...values],
      );
      for (const row of page) yield String(row['member_id']);
      if (page.length < pageSize) return;
      after = String(page.at(-1)?.['member_id']);
    }
  }

  return {
    memberIds: () => idsWhere('true', []),
    grantedBetween: (from, before) => idsWhere('granted_at >= $2 AND granted_at < $3', [from, before]),

    async read(memberId) {
      const [row] = await database.query(`SELECT record, version, granted_at FROM ${table} WHERE member_id = $1`, [
        memberId,
      ]);
      return (
        row && {
          record: String(row['record']),
          version: String(row['version']),
          grantedAtMs: Number(row['granted_at']),
        }
      );
    },

    async insert(facts) {
      const written = await database.query(
        `INSERT INTO ${table} (member_id, record, domain, seed, key_id, granted_at)
        VALUES ($1, $2, $3, $4, $5, coalesce($6, now()))
        ON CONFLICT (member_id) DO NOTHING RETURNING version`,
        valuesOf(facts).slice(0, 6),
      );
      return written.length > 0 || isOwnWork(facts);
    },

    async update(facts, version) {
      const written = await database.query(
        `UPDATE ${table} SET record = $2, domain = $3, seed = $4, key_id = $5,
          version = nextval('bitrix_events.versions'), written_at = now(),
          granted_at = CASE WHEN $7::boolean THEN granted_at ELSE coalesce($6, now()) END
        WHERE member_id = $1 AND version = $8 RETURNING version`,
        [...valuesOf(facts), version],
      );
      return written.length > 0 || isOwnWork(facts);
    },

    async remove(memberId, version) {
      await database.query(`DELETE FROM ${table} WHERE member_id = $1 AND version = coalesce($2::bigint, version)`, [
        memberId,
        version ?? null,
      ]);
      return version === undefined || !(await has('member_id = $1', [memberId]));
    },

    async setAside(memberId) {
      const [row] = await database.query(
        `WITH gone AS (DELETE FROM ${table} WHERE member_id = $1 RETURNING member_id, record)
        INSERT INTO bitrix_events.damaged (member_id, record) SELECT member_id, record FROM gone RETURNING id`,
        [memberId],
      );
      return row && String(row['id']);
    },

    async find(query) {
      const term = termOf(query);
      const column = 'domain' in query ? 'domain' : 'seed';
      const fitting = await database.query(`SELECT member_id FROM ${table} WHERE ${column} = ANY ($1::text[])`, [
        spaces.map((space) => space.digest(term)),
      ]);
      const found =
        fitting.length > 0 ? fitting : await database.query(sealedByOthers, [spaces.map(({ name }) => name)]);
      return found.map((row) => String(row['member_id']));
    },
  };
}

/** Steps from one key to the next in the index, of which there are few, instead of looking at every row. */
const sealedByOthers = `
  WITH RECURSIVE known (key_id) AS (
    SELECT min(key_id) FROM bitrix_events.installations
    UNION ALL
    SELECT (SELECT min(next.key_id) FROM bitrix_events.installations AS next WHERE next.key_id > known.key_id)
    FROM known WHERE known.key_id IS NOT NULL
  )
  SELECT member_id FROM bitrix_events.installations
  WHERE key_id IN (SELECT key_id FROM known WHERE key_id <> ALL ($1::text[]))
  LIMIT ${unreadableAtMost}`;
