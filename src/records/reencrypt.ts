/** Rewrites every record of a store with its first key: after a key was added, or put in front of the old one. */
import { BitrixEventsError, UsageError } from '../core/errors.ts';
import { changeInstallation, underLock } from '../installation/change-installation.ts';
import type { LockOptions } from '../installation/store.ts';
import { inParallel } from './in-parallel.ts';
import type { InspectableStore } from './inspectable-store.ts';

export interface Reencryption {
  /** Encrypted with the first key now, and were not before. */
  readonly reencrypted: number;
  /** Were so already, and open. */
  readonly unchanged: number;
  /** Left as they are. */
  readonly failed: readonly { readonly memberId: string; readonly error: BitrixEventsError }[];
}

/** More of them wait for the disk together, which syncs them together; each holds a few open files. */
const recordsAtATime = 16;

/**
 * Goes through all installations, several at a time, and rewrites each under both of its locks. A record that cannot be read, or whose lock nobody lets go
 * of before the signal, is reported and left as it is; the others are still done.
 * @throws UsageError `no-key` when the store has no key
 */
export async function reencryptStore(store: InspectableStore, options: LockOptions = {}): Promise<Reencryption> {
  if (!store.hasKey) {
    throw new UsageError({
      code: 'no-key',
      message: 'there is no key to encrypt the store with',
      hint: 'Set BITRIX_EVENTS_KEY to 32 random bytes in base64; openssl rand -base64 32 makes them',
    });
  }
  let reencrypted = 0;
  let unchanged = 0;
  const failed: Reencryption['failed'][number][] = [];
  await inParallel(recordsAtATime, store.memberIds(), async (memberId) => {
    try {
      const change = await reencryptRecord(store, memberId, options);
      if (change === 'reencrypted') reencrypted += 1;
      if (change === 'unchanged') unchanged += 1;
    } catch (error) {
      if (!(error instanceof BitrixEventsError)) throw error;
      failed.push({ memberId, error });
    }
  });
  // What is left under another key may still be needed to find a record that is.
  if (failed.length === 0) await store.forgetOtherKeys();
  return { reencrypted, unchanged, failed };
}

async function reencryptRecord(
  store: InspectableStore,
  memberId: string,
  options: LockOptions,
): Promise<'reencrypted' | 'unchanged' | 'gone'> {
  const record = await store.inspect(memberId);
  if (record?.encryption === 'first-key' && !record.isOpen) return 'unchanged';
  return underLock(store, memberId, 'apply', options, async () => {
    // A copy is another value, and so is written.
    const written = await changeInstallation(store, memberId, (known) => known && { ...known }, options);
    return written === undefined ? 'gone' : 'reencrypted';
  });
}
