/** A store in any table that has get, set, delete and keys: a Map, or a few lines around your database. */
import { setTimeout as delay } from 'node:timers/promises';
import { UsageError } from 'bitrix-events';

/** @returns {import('bitrix-events').Store} */
export function openOwnStore(table) {
  const held = new Map();
  return {
    async *memberIds() {
      for (const memberId of await table.keys()) yield memberId;
    },

    async read(memberId) {
      const text = await table.get(memberId);
      return text === undefined ? undefined : JSON.parse(text);
    },

    // Commit before you return: a refresh token works once, and losing the new one means to log in again by hand.
    async write(installation) {
      await table.set(installation.memberId, JSON.stringify(installation));
    },

    async remove(memberId) {
      await table.delete(memberId);
    },

    // For one process. Where there are several, take a lock of the database here, one that ends with its connection.
    async lock(memberId, name, { onWait, signal } = {}) {
      const key = `${memberId} ${name}`;
      const mine = { sinceMs: Date.now() };
      for (let isFirst = true; held.has(key); isFirst = false) {
        if (signal?.aborted) throw new UsageError({ code: 'locked', message: `'${key}' is locked` });
        if (isFirst) onWait?.({ owner: 'this process', ageMs: Date.now() - held.get(key).sinceMs });
        await delay(20, undefined, { signal }).catch(() => undefined);
      }
      held.set(key, mine);
      return () => {
        if (held.get(key) === mine) held.delete(key);
        return Promise.resolve();
      };
    },
  };
}
