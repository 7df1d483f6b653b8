/** The one way in which the record of an installation changes: under its lock, from what is stored at that moment. */
import { readUnlessDamaged, setAsideDamaged } from './damaged-record.ts';
import type { Installation } from './installation.ts';
import type { HeldLock, LockName, LockOptions, Store } from './store.ts';

/**
 * The next value, the same one for no change, or undefined to remove the record. It is asked again when somebody else has changed
 * the record meanwhile, which only a lost lock makes possible.
 */
export type InstallationChange = (
  known: Installation | undefined,
) => Installation | undefined | Promise<Installation | undefined>;

export interface ChangeOptions extends LockOptions {
  /** Lets a damaged record count as none, and be set aside before another takes its place. Told where it is then. */
  readonly onSetAside?: ((place: string) => void) | undefined;
}

/**
 * Reads the record under its lock, and writes or removes it as the change says.
 * @returns what is stored then
 * @throws UsageError `locked` when the signal ends the wait for the lock, and those of the store
 */
export function changeInstallation(
  store: Store,
  memberId: string,
  change: InstallationChange,
  options: ChangeOptions = {},
): Promise<Installation | undefined> {
  const { onSetAside } = options;
  return underLock(store, memberId, 'tokens', options, async () => {
    for (;;) {
      const known = await (onSetAside === undefined ? store.read(memberId) : readUnlessDamaged(store, memberId));
      const next = await change(known);
      if (next === known) return known;
      const place =
        known === undefined && onSetAside !== undefined ? await setAsideDamaged(store, memberId) : undefined;
      if (place !== undefined) onSetAside?.(place);
      if (await put(store, memberId, known, next)) return next;
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

/**
 * Removes the record, one that cannot be read too, while nobody applies to the portal or refreshes its tokens.
 * @throws UsageError `locked` when the signal ends the wait for a lock, and those of the store
 */
export async function removeInstallation(store: Store, memberId: string, options: LockOptions = {}): Promise<void> {
  await underLock(store, memberId, 'apply', options, () =>
    underLock(store, memberId, 'tokens', options, () => store.remove(memberId)),
  );
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

/** Takes a lock of a portal; one of a store whose locks cannot be lost is held until it is released. */
export async function holdLock(
  store: Store,
  memberId: string,
  name: LockName,
  options: LockOptions = {},
): Promise<HeldLock> {
  if (store.hold !== undefined) return store.hold(memberId, name, options);
  const release = await store.lock(memberId, name, options);
  return { isHeld: () => Promise.resolve(true), release };
}
