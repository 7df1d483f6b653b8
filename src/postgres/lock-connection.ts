/** The one connection that holds a process's locks: watched, kept from falling silent, and ended when nobody needs it. */
import type { Database, Row } from './database.ts';
import { isLost } from './database-errors.ts';
import { sessionBehind } from './pooler.ts';

export interface LockConnection {
  /** The number of the server's process behind it. */
  readonly backend: number;
  /** @throws what `pg` throws; after a failure that leaves the connection's state open, it is ended */
  ask(text: string, values: readonly unknown[]): Promise<readonly Row[]>;
  isOpen(): boolean;
  /** Keeps it from being ended for idleness until what comes back is called. */
  use(): () => void;
  end(): void;
}

export interface LockConnectionSettings {
  /** Milliseconds after which the server ends a connection that asks nothing: a stopped process must not block portals for ever. */
  readonly silenceMs: number;
  /** Told once, whoever ended it. */
  readonly onEnd: () => void;
}

/** @throws UsageError `transaction-pooler`, and what connecting throws */
export async function openLockConnection(
  database: Database,
  { silenceMs, onEnd }: LockConnectionSettings,
): Promise<LockConnection> {
  const own = await database.connect();
  const { client, socket } = own;
  let isOpen = true;
  let users = 0;
  let pending = 0;
  let isIdle = false;
  let beat: NodeJS.Timeout | undefined;

  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    clearInterval(beat);
    // Not by a polite goodbye, which a connection that does not answer would never get through.
    socket.destroy();
    onEnd();
  };
  client.on('error', end);
  client.on('end', end);

  /** One after the other, as the protocol has it. */
  let last: Promise<unknown> = Promise.resolve();

  const ask = async (text: string, values: readonly unknown[]): Promise<readonly Row[]> => {
    pending += 1;
    socket.ref();
    const answer = last.then(() => client.query<Row>(text, [...values]));
    last = answer.catch(() => undefined);
    try {
      return (await answer).rows;
    } catch (error) {
      if (isLost(error)) end();
      throw error;
    } finally {
      pending -= 1;
      // A lock that is held is no reason for a process to go on.
      if (pending === 0) socket.unref();
    }
  };

  try {
    // Before anything is set on the session: behind a pooler it would be somebody else's next.
    const backend = await sessionBehind(own, () => database.connect(), database.server);
    await ask("SELECT set_config('idle_session_timeout', $1, false)", [String(silenceMs)]);
    beat = setInterval(() => {
      if (users === 0 && isIdle) end();
      isIdle = users === 0;
      if (users > 0) void ask('SELECT 1', []).catch(() => undefined);
    }, silenceMs / 6).unref();
    return {
      backend,
      ask,
      isOpen: () => isOpen,
      use() {
        users += 1;
        isIdle = false;
        let isUsed = true;
        return () => {
          if (isUsed) users -= 1;
          isUsed = false;
        };
      },
      end,
    };
  } catch (error) {
    end();
    throw error;
  }
}
