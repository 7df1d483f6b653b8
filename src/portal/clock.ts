/** Clocks and timers for waits: a duration measured here does not change when somebody sets the machine's clock. */
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds since the process began. */
export function monotonicMs(): number {
  return performance.now();
}

/** The longest a timer can run, some 24 days; a longer one would end at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** Rejects when the signal is aborted. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return delay(Math.min(ms, longestTimerMs), undefined, { signal });
}
