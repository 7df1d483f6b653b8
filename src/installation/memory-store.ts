/** A store that lives as long as its process: for tests, and for a look at a portal before anything is kept. */
import { UsageError } from '../core/errors.ts';
import type { Installation } from './installation.ts';
import { checkMemberId } from './member-id.ts';
import type { LockOptions, Store } from './store.ts';
import { createTurns } from './turns.ts';

/** Holds the given installations. Its locks hold within the process only. */
export function openMemoryStore(installations: Iterable<Installation> = []): Store {
  const records = new Map([...installations].map((installation) => [installation.memberId, installation]));
  const turnOf = createTurns();

  return {
    async *memberIds() {
      for (const memberId of records.keys()) yield await Promise.resolve(memberId);
    },
    read: (memberId) => Promise.resolve(records.get(memberId)),
    write(installation) {
      records.set(installation.memberId, installation);
      return Promise.resolve();
    },
    remove(memberId) {
      records.delete(memberId);
      return Promise.resolve();
    },
    async lock(memberId, name, options = {}) {
      checkMemberId(memberId);
      const turn = turnOf(`${memberId} ${name}`);
      if (turn.before !== undefined) {
        try {
          await waitFor(turn.before, memberId, options);
        } catch (error) {
          turn.end();
          throw error;
        }
      }
      return () => Promise.resolve(turn.end());
    },
  };
}

async function waitFor(turn: Promise<void>, memberId: string, { onWait, signal }: LockOptions): Promise<void> {
  onWait?.({ owner: 'this process', ageMs: 0 });
  if (signal === undefined) return turn;
  const ended = new Promise<never>((_resolve, reject) => {
    const fail = (): void => {
      reject(
        new UsageError({
          code: 'locked',
          message: `portal '${memberId}' is locked by this process`,
          hint: 'Wait until it has finished, or give this run more time',
        }),
      );
    };
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
  await Promise.race([turn, ended]);
}
