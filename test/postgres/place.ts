/** A database as a place for stores, and the text of the rows in it. */
import { onTestFinished } from 'vitest';
import { openPostgresStore, type PostgresStore, type PostgresStoreOptions } from '../../src/postgres/postgres-store.ts';
import { aDatabase, runSql } from '../support/postgres.ts';
import type { Place } from '../support/store-laws.ts';

export interface DatabasePlace extends Place {
  readonly url: string;
  readonly open: (options?: PostgresStoreOptions) => PostgresStore;
}

export async function aDatabasePlace(): Promise<DatabasePlace> {
  const url = await aDatabase();
  return {
    url,
    open: (options) => aStore(url, options),
    async textOf(memberId) {
      const [row] = await runSql(url, 'SELECT record FROM bitrix_events.installations WHERE member_id = $1', [
        memberId,
      ]);
      return String(row?.['record']);
    },
    async rewrite(memberId, text) {
      await runSql(url, 'UPDATE bitrix_events.installations SET record = $2 WHERE member_id = $1', [memberId, text]);
    },
  };
}

/** Closed when the test has ended. */
export function aStore(url: string, options?: PostgresStoreOptions): PostgresStore {
  const store = openPostgresStore(url, options);
  onTestFinished(() => store.close());
  return store;
}

/** The server's processes that hold advisory locks in this database. */
export const lockHolders =
  'SELECT DISTINCT pid FROM pg_locks JOIN pg_database ON database = oid WHERE locktype = $1 AND datname = current_database()';

/** Ends the connections that hold locks. @returns how many there were */
export async function cutLockConnections(url: string): Promise<number> {
  return (await runSql(url, `SELECT pg_terminate_backend(pid) FROM (${lockHolders}) AS held`, ['advisory'])).length;
}
