/** Forgets a portal after its application was removed there. */
import { changeInstallation, underLock } from '../installation/change-installation.ts';
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
  { memberId, seed }: Installation,
  happenedAt: number | undefined,
  signal: AbortSignal,
): Promise<Installation | undefined> {
  let forgotten: Installation | undefined;
  await underLock(store, memberId, 'apply', { signal }, () =>
    changeInstallation(
      store,
      memberId,
      (current) => {
        if (current === undefined || current.seed !== seed || isOvertaken(current, happenedAt)) return current;
        forgotten = current;
        return undefined;
      },
      { signal },
    ),
  );
  return forgotten;
}
