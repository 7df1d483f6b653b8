/** A store that lives as long as its process: for tests, and for a look at a portal before anything is kept. */
import { UsageError } from '../core/errors.ts';
import type { Installation } from './installation.ts';
import { checkMemberId } from './member-id.ts';
import type { LockOptions, Store } from './store.ts';

/** Holds the given installations. Its locks hold within the process only. */
export function openMemoryStore(installations: Iterable<Installation> = []): Store {
  const records = new Map([...installations].map((installation) => [installation.memberId, installation]));
  const turns = new Map<string, Promise<void>>();

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
      const key = `${memberId} ${name}`;
      const before = turns.get(key);
      let release = (): void => undefined;
      const own = new Promise<void>((resolve) => {
        release = resolve;
      });
      const turn = (before ?? Promise.resolve()).then(() => own);
      turns.set(key, turn);
      void turn.then(() => turns.get(key) === turn && turns.delete(key));
      if (before !== undefined) {
        try {
          await waitFor(before, memberId, options);
        } catch (error) {
          release();
          throw error;
        }
      }
      return () => Promise.resolve(release());
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
