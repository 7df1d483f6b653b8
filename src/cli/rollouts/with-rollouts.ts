/** Opens the database that holds installations and rollouts, for commands that need both. */
import { hostname } from 'node:os';
import { UsageError } from '../../core/errors.ts';
import { openDatabase } from '../../postgres/database.ts';
import { type PostgresStore, storeIn } from '../../postgres/postgres-store.ts';
import { openRollouts, type Rollouts } from '../../postgres/rollouts.ts';
import { parseStoreUrl } from '../../store/store-url.ts';
import { keysOf } from '../../surroundings.ts';
import type { Context } from '../context.ts';
import { projectOf, storeUrl } from '../surroundings.ts';

export interface RolloutPlace {
  /** With its password. */
  readonly url: string;
  readonly store: PostgresStore;
  readonly rollouts: Rollouts;
  /** Which command on which host, for people. */
  readonly name: string;
}

/**
 * @param silenceMs after which a process that says nothing loses its locks
 * @throws UsageError `needs-postgres` for a store in files
 */
export async function withRollouts<Value>(
  context: Context,
  work: (place: RolloutPlace) => Promise<Value>,
  silenceMs?: number,
): Promise<Value> {
  const parsed = parseStoreUrl(await storeUrl(context));
  if (parsed.kind !== 'postgres') {
    throw new UsageError({
      code: 'needs-postgres',
      message: 'workers and their rollouts need a store in PostgreSQL',
      hint: 'Set BITRIX_EVENTS_STORE to postgres://…; store copy moves what a file: store holds. On one machine apply --all needs neither',
    });
  }
  const keys = keysOf(await projectOf(context));
  const command = `bitrix-events ${context.world.argv[0] ?? ''}`.trim();
  const database = openDatabase(parsed.url, command);
  const store = storeIn(database, { keys, command, silenceMs });
  try {
    const rollouts = openRollouts(database, { keys });
    return await work({ url: parsed.url, store, rollouts, name: `${command} on ${hostname()}` });
  } finally {
    await store.close();
  }
}
