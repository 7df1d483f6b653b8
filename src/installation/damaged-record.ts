/** A record that cannot be read any more: it stands in the way of no other, and is not lost. */
import { UsageError } from '../core/errors.ts';
import type { Installation } from './installation.ts';
import type { Store } from './store.ts';

/**
 * The record; none where it is damaged and the store can set it aside. One that cannot be read for want of a key, or because a
 * newer version wrote it, is not damaged.
 * @throws UsageError those of the store
 */
export async function readUnlessDamaged(store: Store, memberId: string): Promise<Installation | undefined> {
  try {
    return await store.read(memberId);
  } catch (error) {
    if (isDamage(error) && store.setAside !== undefined) return undefined;
    throw error;
  }
}

/** Under the lock of the tokens. @returns where the damaged record is now; undefined when there was none */
export async function setAsideDamaged(store: Store, memberId: string): Promise<string | undefined> {
  const isDamaged = await store.read(memberId).then(() => false, isDamage);
  return isDamaged ? store.setAside?.(memberId) : undefined;
}

/** For the log: whoever runs the store finds what was kept of it. */
export function setAsideError(place: string): UsageError {
  return new UsageError({
    code: 'damaged-store',
    message: `a damaged record was set aside as '${place}', and one with new tokens takes its place`,
    hint: 'Nothing has to be done for this portal; find out what damaged the record, and delete it when it is of no use any more',
  });
}

function isDamage(error: unknown): boolean {
  return error instanceof UsageError && error.code === 'damaged-store';
}
