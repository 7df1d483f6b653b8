/** Stores that show one installation: of a store with thousands, and of a pair of tokens that no store has yet. */
import type { Installation } from '../installation/installation.ts';
import type { Store } from '../installation/store.ts';

/** The same store to whoever would look through all of it to find one portal. */
export function onlyPortal(store: Store, memberId: string): Store {
  return {
    memberIds: () => idsOf(memberId),
    read: (id) => store.read(id),
    write: (installation) => store.write(installation),
    remove: (id) => store.remove(id),
    lock: (id, name, options) => store.lock(id, name, options),
  };
}

export interface ScratchStore extends Store {
  current(): Installation;
}

/** Holds one installation in memory, for a look at its portal before anything is kept. */
export function scratchStore(installation: Installation): ScratchStore {
  let current = installation;
  return {
    current: () => current,
    memberIds: () => idsOf(current.memberId),
    read: (memberId) => Promise.resolve(memberId === current.memberId ? current : undefined),
    write: (changed) => {
      current = changed;
      return Promise.resolve();
    },
    remove: () => Promise.resolve(),
    lock: () => Promise.resolve(() => Promise.resolve()),
  };
}

async function* idsOf(memberId: string): AsyncIterable<string> {
  yield await Promise.resolve(memberId);
}
