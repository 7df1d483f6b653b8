/** Forgets a portal after its application was removed there. */
import type { Installation } from '../installation/installation.ts';
import { isOvertaken } from '../installation/installed.ts';
import type { Store } from '../installation/store.ts';

/**
 * Under both locks, so that no apply and no refresh of another process writes the record back.
 * @param happenedAt when it was removed, in seconds since 1970 by the portal's clock
 * @returns what was forgotten; undefined when the record was already gone, has become another one, or was installed after that
 */
export async function forget(
  store: Store,
  known: Installation,
  happenedAt: number | undefined,
  signal: AbortSignal,
): Promise<Installation | undefined> {
  const { memberId } = known;
  const releaseApply = await store.lock(memberId, 'apply', { signal });
  try {
    const releaseTokens = await store.lock(memberId, 'tokens', { signal });
    try {
      const current = await store.read(memberId);
      if (current === undefined || current.seed !== known.seed || isOvertaken(current, happenedAt)) return undefined;
      await store.remove(memberId);
      return current;
    } finally {
      await releaseTokens();
    }
  } finally {
    await releaseApply();
  }
}
