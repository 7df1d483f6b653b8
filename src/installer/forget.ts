/** Forgets a portal after its application was removed there. */
import type { Installation } from '../installation/installation.ts';
import type { Store } from '../installation/store.ts';

/**
 * Under both locks, so that no apply and no refresh of another process writes the record back.
 * @returns what was forgotten; undefined when the record was already gone or has become another one
 */
export async function forget(
  store: Store,
  known: Installation,
  signal: AbortSignal,
): Promise<Installation | undefined> {
  const { memberId } = known;
  const releaseApply = await store.lock(memberId, 'apply', { signal });
  try {
    const releaseTokens = await store.lock(memberId, 'tokens', { signal });
    try {
      const current = await store.read(memberId);
      if (current === undefined || current.seed !== known.seed) return undefined;
      await store.remove(memberId);
      return current;
    } finally {
      await releaseTokens();
    }
  } finally {
    await releaseApply();
  }
}
