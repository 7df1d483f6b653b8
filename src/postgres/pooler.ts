/** Tells whether a connection leads to one session of the server, which alone can hold locks, or to whichever is free. */
import { UsageError } from '../core/errors.ts';
import type { OwnConnection } from './driver.ts';

/** Under load a pooler may hand out the same session by chance, so it is asked a few times. */
const rounds = 5;

/**
 * Who answers a connection, by the number of its server process.
 * @param connect makes another connection to the same address
 * @throws UsageError `transaction-pooler`
 */
export async function sessionBehind(
  { client }: OwnConnection,
  connect: () => Promise<OwnConnection>,
  server: string,
): Promise<number> {
  const first = await backendOf(client);
  // A pooler makes this number up, as it cannot know yet who will answer.
  if (Reflect.get(client, 'processID') === first) return first;
  const other = await connect();
  try {
    for (let round = 0; round < rounds; round += 1) {
      // Within a transaction it keeps its session, so that of the first connection has to be another one.
      await other.client.query('BEGIN');
      if ((await backendOf(other.client)) === first) throw transactionPooler(server);
      if ((await backendOf(client)) !== first) throw transactionPooler(server);
      await other.client.query('COMMIT');
    }
  } finally {
    await other.client.end().catch(() => undefined);
  }
  return first;
}

export function transactionPooler(server: string): UsageError {
  return new UsageError({
    code: 'transaction-pooler',
    message: `the store ${server} is behind a pooler that gives each transaction another session, on which no lock holds`,
    hint: 'Give the address of the server itself, or of a pool in session mode',
  });
}

async function backendOf(client: OwnConnection['client']): Promise<number> {
  const { rows } = await client.query<{ backend: number }>('SELECT pg_backend_pid() AS backend');
  return Number(rows[0]?.backend);
}
