/** Forgets a portal after its application was removed there. */
import { changeInstallation, underLock } from '../installation/change-installation.ts';
import type { Installation } from '../installation/installation.ts';
import type { Store } from '../installation/store.ts';

/**
 * Under both locks, so that no apply and no refresh of another process writes the record back.
 * @returns what was forgotten; undefined when the record was already gone or has become another one
 */
export async function forget(
  store: Store,
  { memberId, seed }: Installation,
  signal: AbortSignal,
): Promise<Installation | undefined> {
  let forgotten: Installation | undefined;
  await underLock(store, memberId, 'apply', { signal }, () =>
    changeInstallation(
      store,
      memberId,
      (current) => {
        if (current === undefined || current.seed !== seed) return current;
        forgotten = current;
        return undefined;
      },
      { signal },
    ),
  );
  return forgotten;
}
