/** The `pg` package, which is loaded when a database is opened, and only those who have one install. */
import { Socket } from 'node:net';
import type pg from 'pg';
import type { Client, Pool } from 'pg';
import { UsageError } from '../core/errors.ts';

export type { Client, Pool };

/** @throws UsageError `missing-package` */
export async function loadDriver(): Promise<Pick<typeof pg, 'Client' | 'Pool'>> {
  try {
    return (await import('pg')).default;
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) throw cause;
    throw new UsageError({
      code: 'missing-package',
      message: "a store in PostgreSQL needs the package 'pg', which is not installed",
      hint: 'Install it beside bitrix-events: npm install pg (npm install --global pg where bitrix-events is installed globally)',
      cause,
    });
  }
}

/** A connection that is not lent to anybody else, and the socket it goes over. */
export interface OwnConnection {
  readonly client: Client;
  readonly socket: Socket;
}

export async function connectAlone(url: string, applicationName: string): Promise<OwnConnection> {
  const { Client: PgClient } = await loadDriver();
  const socket = new Socket();
  const client = new PgClient({ ...settingsFor(url, applicationName), stream: () => socket });
  // What ends it is told to whoever has asked something; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  return { client, socket };
}

export async function createPool(url: string, applicationName: string, size: number): Promise<Pool> {
  const { Pool: PgPool } = await loadDriver();
  const pool = new PgPool({
    ...settingsFor(url, applicationName),
    max: size,
    idleTimeoutMillis: 10_000,
    // A command that is done ends, whoever forgot to close the store.
    allowExitOnIdle: true,
  });
  pool.on('error', () => undefined);
  return pool;
}

/** Nothing here is a setting of the session on the server: a pooler would refuse it, or pass it on to others. */
function settingsFor(url: string, applicationName: string) {
  return {
    connectionString: url,
    application_name: applicationName.replace(/[^ -~]/g, '?').slice(0, 63),
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
    keepAlive: true,
  };
}
