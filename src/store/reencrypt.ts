/** Rewrites every record of a store with its first key: after a key was added, or put in front of the old one. */
import { BitrixEventsError, UsageError } from '../core/errors.ts';
import type { LockOptions } from '../installation/store.ts';
import type { FileStore } from './file-store.ts';

export interface Reencryption {
  /** Encrypted with the first key now, and were not before. */
  readonly reencrypted: number;
  /** Were so already, and open. */
  readonly unchanged: number;
  /** Left as they are. */
  readonly failed: readonly { readonly memberId: string; readonly error: BitrixEventsError }[];
}

/**
 * Goes through all installations, each under both of its locks. A record that cannot be read, or whose lock nobody lets go
 * of before the signal, is reported and left as it is; the others are still done.
 * @throws UsageError `no-key` when the store has no key
 */
export async function reencryptStore(store: FileStore, options: LockOptions = {}): Promise<Reencryption> {
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
  for await (const memberId of store.memberIds()) {
    try {
      const change = await reencryptRecord(store, memberId, options);
      if (change === 'reencrypted') reencrypted += 1;
      if (change === 'unchanged') unchanged += 1;
    } catch (error) {
      if (!(error instanceof BitrixEventsError)) throw error;
      failed.push({ memberId, error });
    }
  }
  return { reencrypted, unchanged, failed };
}

async function reencryptRecord(
  store: FileStore,
  memberId: string,
  options: LockOptions,
): Promise<'reencrypted' | 'unchanged' | 'gone'> {
  // In the order in which an apply takes them.
  const releaseApply = await store.lock(memberId, 'apply', options);
  try {
    const releaseTokens = await store.lock(memberId, 'tokens', options);
    try {
      const installation = await store.read(memberId);
      if (installation === undefined) return 'gone';
      const record = await store.inspect(memberId);
      if (record?.encryption === 'first-key') return 'unchanged';
      await store.write(installation);
      return 'reencrypted';
    } finally {
      await releaseTokens();
    }
  } finally {
    await releaseApply();
  }
}
