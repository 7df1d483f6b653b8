/** A store without a disk, for thousands of runs; what the real one does with files is shown by its own tests and by the processes that are killed. */
import type { Installation } from '../../src/installation/installation.ts';
import type { Store } from '../../src/installation/store.ts';

export function memoryStore(): Store {
  const installations = new Map<string, Installation>();
  const locks = new Map<string, Promise<void>>();
  return {
    async *memberIds() {
      yield* installations.keys();
    },
    read: (memberId) => Promise.resolve(installations.get(memberId)),
    write: (installation) => Promise.resolve(void installations.set(installation.memberId, installation)),
    remove: (memberId) => Promise.resolve(void installations.delete(memberId)),
    async lock(memberId, name) {
      const key = `${memberId} ${name}`;
      const before = locks.get(key);
      let release = (): void => {};
      locks.set(
        key,
        new Promise((resolve) => {
          release = resolve;
        }),
      );
      await before;
      return () => Promise.resolve(release());
    },
  };
}
