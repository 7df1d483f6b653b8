/** What the sequence takes of this platform: a hash and a way to wait. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Digest } from '../core/fingerprint.ts';

/** Loads the module when there is something to hash: that takes longer than everything else a command does without a portal. */
export const digest: Digest = (text) =>
  process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex');

/** Ends early, and without an error, when the signal is aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}
