/** What is done about a record that cannot be read any more: it stands in nobody's way, and is lost to nobody. */
import { UsageError } from '../core/errors.ts';
import type { Store } from '../installation/store.ts';

/**
 * The store for whoever brings verified tokens: a damaged record counts as none, and is set aside by the first write in its place.
 * One that cannot be read for want of a key, or because a newer version wrote it, is not damaged.
 * @param onSetAside told where the damaged record is now
 */
export function replacingDamaged(store: Store, onSetAside: (memberId: string, place: string) => void): Store {
  if (store.setAside === undefined) return store;
  return {
    memberIds: () => store.memberIds(),
    remove: (memberId) => store.remove(memberId),
    lock: (memberId, name, options) => store.lock(memberId, name, options),
    async read(memberId) {
      try {
        return await store.read(memberId);
      } catch (error) {
        if (isDamage(error)) return undefined;
        throw error;
      }
    },
    async write(installation) {
      const { memberId } = installation;
      // A damaged record may still pass for one that can be replaced, so it is read and not only written over.
      const isDamaged = await store.read(memberId).then(() => false, isDamage);
      const place = isDamaged ? await store.setAside?.(memberId) : undefined;
      if (place !== undefined) onSetAside(memberId, place);
      await store.write(installation);
    },
  };
}

function isDamage(error: unknown): boolean {
  return error instanceof UsageError && error.code === 'damaged-store';
}

/** For the log: whoever runs the hook finds what was kept of it. */
export function setAsideError(place: string): UsageError {
  return new UsageError({
    code: 'damaged-store',
    message: `a damaged record was set aside as '${place}', and one with new tokens was written in its place`,
    hint: 'Nothing has to be done for this portal; find out what damaged the record, and delete it when it is of no use any more',
  });
}
