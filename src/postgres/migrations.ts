/** The tables in steps that are only ever added to: each is run once in a database, by whoever comes first. */
import { UsageError } from '../core/errors.ts';

/** Whatever runs statements one after the other on one connection. */
export interface Session {
  query(text: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
}

const oldestServer = 140_000;

/** The first makes version 1. One that was released is never changed. */
const steps: readonly string[] = [
  `
  -- A version is given once, also where a row was removed and made again.
  CREATE SEQUENCE bitrix_events.versions;

  CREATE TABLE bitrix_events.installations (
    member_id text COLLATE "C" PRIMARY KEY,
    -- The text that a store in files has in the file.
    record text NOT NULL,
    -- By what it is found: digests, keyed where there is a key, and which key that was.
    domain text,
    seed text,
    key_id text NOT NULL,
    version bigint NOT NULL DEFAULT nextval('bitrix_events.versions'),
    written_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX ON bitrix_events.installations (domain);
  CREATE INDEX ON bitrix_events.installations (seed);
  CREATE INDEX ON bitrix_events.installations (key_id);

  -- Records that could not be read when others took their place.
  CREATE TABLE bitrix_events.damaged (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id text NOT NULL,
    record text NOT NULL,
    set_aside_at timestamptz NOT NULL DEFAULT now()
  );

  -- Who holds a lock, for those who wait; the lock itself is the server's, and ends with the connection. A row that its
  -- holder could not remove is believed by nobody, and is written over by the next holder.
  CREATE UNLOGGED TABLE bitrix_events.lock_holders (
    lock text COLLATE "C" PRIMARY KEY,
    backend integer NOT NULL,
    owner text NOT NULL,
    taken_at timestamptz NOT NULL
  );
  `,
  `
  CREATE TABLE bitrix_events.rollouts (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY,
    origin text NOT NULL,
    verb text NOT NULL,
    -- The manifest as it was resolved, and what is done with it; encrypted where there is a key.
    task text NOT NULL,
    name text NOT NULL,
    environment text,
    file text NOT NULL,
    fingerprint text NOT NULL,
    chosen text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    bake_ms bigint NOT NULL,
    -- Portals, tolerance and mode of each.
    waves jsonb NOT NULL,
    state text NOT NULL DEFAULT 'running',
    reason text,
    problem text,
    -- The gate, of the open wave. One row, so that whoever wants to pass waits for whoever closes it.
    wave integer NOT NULL DEFAULT 0,
    tolerance integer NOT NULL,
    mode text NOT NULL,
    unended integer NOT NULL,
    running integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    bakes_until timestamptz
  );
  CREATE UNIQUE INDEX rollouts_open ON bitrix_events.rollouts (origin) WHERE state IN ('running', 'paused');

  CREATE TABLE bitrix_events.items (
    rollout uuid NOT NULL REFERENCES bitrix_events.rollouts ON DELETE CASCADE,
    member_id text COLLATE "C" NOT NULL,
    domain text NOT NULL,
    position integer NOT NULL,
    wave integer NOT NULL,
    not_before timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    -- Whose work it is at the moment: nobody else ends it.
    claim uuid,
    worker text,
    begun_at timestamptz,
    ended_at timestamptz,
    verdict text,
    shape text,
    code text,
    message text,
    hint text,
    has_written boolean NOT NULL DEFAULT false,
    PRIMARY KEY (rollout, member_id)
  );
  CREATE INDEX items_open ON bitrix_events.items (member_id) WHERE state IN ('pending', 'running');
  CREATE INDEX items_pending ON bitrix_events.items (rollout, wave, position) WHERE state = 'pending';

  -- When each server of authorisation may be asked next, by all processes together.
  CREATE UNLOGGED TABLE bitrix_events.authorisation_turns (
    server text COLLATE "C" PRIMARY KEY,
    free_at timestamptz NOT NULL
  );
  `,
  `
  -- When the tokens of the record were granted, or written where they do not tell: what nobody has renewed for long has to be.
  ALTER TABLE bitrix_events.installations ADD COLUMN granted_at timestamptz NOT NULL DEFAULT now();
  UPDATE bitrix_events.installations SET granted_at = written_at;
  CREATE INDEX ON bitrix_events.installations (granted_at);

  -- One rollout is open at a time, also where somebody begins one at the moment at which a sweep is begun.
  DROP INDEX bitrix_events.rollouts_open;
  UPDATE bitrix_events.rollouts SET state = 'superseded' WHERE origin = 'sweep' AND state IN ('running', 'paused');
  CREATE UNIQUE INDEX rollouts_open ON bitrix_events.rollouts ((true)) WHERE state IN ('running', 'paused');
  `,
];

const versionTable =
  'CREATE TABLE IF NOT EXISTS bitrix_events.migrations (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())';

/**
 * Brings the tables to this version's state. Of several that come at once, one does the work and the others wait for it.
 * Works through a transaction pooler too.
 * @param server as people know it
 * @throws UsageError `unsupported-store` for a server that is too old, and for tables of a newer version
 */
export async function migrate(session: Session, server: string): Promise<void> {
  if ((await versionOf(session, server)) === steps.length) return;
  await session.query('BEGIN');
  try {
    await session.query("SELECT pg_advisory_xact_lock(hashtextextended('bitrix-events migrations', 0))");
    // Where the schema is there already, nobody needs the right to make one.
    const { rows } = await session.query("SELECT to_regnamespace('bitrix_events') IS NULL AS missing");
    if (rows[0]?.['missing'] === true) await session.query('CREATE SCHEMA bitrix_events');
    await session.query(versionTable);
    const version = await versionOf(session, server);
    for (const [index, step] of steps.entries()) {
      if (index < version) continue;
      await session.query(step);
      await session.query('INSERT INTO bitrix_events.migrations (version) VALUES ($1)', [index + 1]);
    }
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** 0 for a database that has none of our tables. */
async function versionOf(session: Session, server: string): Promise<number> {
  const facts = await session.query(
    "SELECT current_setting('server_version_num')::integer AS server, to_regclass('bitrix_events.migrations') IS NOT NULL AS known",
  );
  const serverVersion = Number(facts.rows[0]?.['server']);
  if (serverVersion < oldestServer) {
    throw new UsageError({
      code: 'unsupported-store',
      message: `the store ${server} is PostgreSQL ${Math.floor(serverVersion / 10_000)}, it takes ${oldestServer / 10_000} or newer`,
      hint: 'Use a newer server',
    });
  }
  if (facts.rows[0]?.['known'] !== true) return 0;
  const { rows } = await session.query('SELECT coalesce(max(version), 0) AS version FROM bitrix_events.migrations');
  const version = Number(rows[0]?.['version']);
  if (version <= steps.length) return version;
  throw new UsageError({
    code: 'unsupported-store',
    message: `the tables of the store ${server} have version ${version}, this version of bitrix-events knows ${steps.length}`,
    hint: 'Use the version of bitrix-events that made them, or a newer one',
  });
}
