/** The store's way to its server: connections made when they are needed, tables brought up to date, statements tried again when the way broke. */
import { setTimeout as delay } from 'node:timers/promises';
import { inWords, isLost } from './database-errors.ts';
import { connectAlone, createPool, type OwnConnection, type Pool } from './driver.ts';
import { migrate } from './migrations.ts';
import { shownAddress } from './server-address.ts';

export type Row = Readonly<Record<string, unknown>>;

/** The time to go by; null: that of the server, which is the same for all. */
export type Clock = () => Date | null;

export interface Database {
  /** Without the password. */
  readonly server: string;
  /**
   * Runs one statement. It may run twice, the first time without an answer, so it has to be one that does no harm.
   * @throws UsageError `unusable-store`, `unsupported-store`, `missing-package`; NetworkError `unreachable-store`
   */
  readonly query: (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;
  /** A connection of one's own, after the tables were brought up to date. Whoever asks for it ends it. */
  connect(): Promise<OwnConnection>;
  close(): Promise<void>;
}

const connectionsAtMost = 8;

/** A server that is restarted, or that another one takes over from, is back within seconds. */
const pausesMs: readonly number[] = [0, 200, 1_000, 3_000, 8_000];

/** @throws UsageError `invalid-store` */
export function openDatabase(url: string, applicationName: string): Database {
  const server = shownAddress(url);
  let opening: Promise<Pool> | undefined;
  let hasWorked = false;

  const open = async (): Promise<Pool> => {
    const pool = await createPool(url, applicationName, connectionsAtMost);
    try {
      const client = await pool.connect();
      try {
        await migrate({ query: (text, values = []) => client.query(text, [...values]) }, server);
      } finally {
        client.release();
      }
    } catch (error) {
      await pool.end();
      throw error;
    }
    hasWorked = true;
    return pool;
  };

  const opened = (): Promise<Pool> => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };

  /** An address that has never worked is likely to be a wrong one: nobody waits for it. */
  const persistently = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const pauseMs = pausesMs[attempt];
        if (!hasWorked || pauseMs === undefined || !isLost(error)) throw inWords(error, server);
        await delay(pauseMs);
      }
    }
  };

  return {
    server,
    query: (text, values = []) =>
      persistently(async () => {
        const result = await (await opened()).query<Row>(text, [...values]);
        return result.rows;
      }),
    connect: () =>
      persistently(async () => {
        await opened();
        return connectAlone(url, `${applicationName}, locks`);
      }),
    async close() {
      const pool = await opening?.catch(() => undefined);
      opening = undefined;
      await pool?.end();
    },
  };
}
