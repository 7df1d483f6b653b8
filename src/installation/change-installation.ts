/** The one way in which the record of an installation changes: under its lock, from what is stored at that moment. */
import type { Installation } from './installation.ts';
import type { LockName, LockOptions, Store } from './store.ts';

/**
 * The next value, the same one for no change, or undefined to remove the record. It is asked again when somebody else has changed
 * the record meanwhile, which only a lost lock makes possible.
 */
export type InstallationChange = (
  known: Installation | undefined,
) => Installation | undefined | Promise<Installation | undefined>;

/**
 * Reads the record under its lock, and writes or removes it as the change says.
 * @returns what is stored then
 * @throws UsageError `locked` when the signal ends the wait for the lock, and those of the store
 */
export function changeInstallation(
  store: Store,
  memberId: string,
  change: InstallationChange,
  options: LockOptions = {},
): Promise<Installation | undefined> {
  return underLock(store, memberId, 'tokens', options, async () => {
    for (;;) {
      const known = await store.read(memberId);
      const next = await change(known);
      if (next === known || (await put(store, memberId, known, next))) return next;
    }
  });
}

async function put(
  store: Store,
  memberId: string,
  known: Installation | undefined,
  next: Installation | undefined,
): Promise<boolean> {
  if (store.replace !== undefined) return store.replace(memberId, known, next);
  if (next === undefined) await store.remove(memberId);
  else await store.write(next);
  return true;
}

/** Holds a lock of a portal while the work goes on. An apply's lock is taken before that of its tokens. */
export async function underLock<Value>(
  store: Store,
  memberId: string,
  name: LockName,
  options: LockOptions,
  work: () => Promise<Value>,
): Promise<Value> {
  const release = await store.lock(memberId, name, options);
  try {
    return await work();
  } finally {
    await release();
  }
}
