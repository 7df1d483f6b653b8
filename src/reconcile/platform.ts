/** What the sequence takes of this platform: a hash and a way to wait. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Digest } from '../core/fingerprint.ts';

export const digest: Digest = (text) => createHash('sha256').update(text).digest('hex');

/** Ends early, and without an error, when the signal is aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}
