/** What the library gives the inner rings of this platform: a hash and a way to wait. */
import { createHash } from 'node:crypto';
import type { Digest } from '../core/digest.ts';

export const digest: Digest = (text) => createHash('sha256').update(text).digest('hex');

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
