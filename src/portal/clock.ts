/** Clocks and timers for waits: a duration measured here does not change when somebody sets the machine's clock. */
import { setTimeout as delay } from 'node:timers/promises';
import { longestTimerMs } from '../reconcile/abort.ts';

/** Milliseconds since the process began. */
export function monotonicMs(): number {
  return performance.now();
}

/** Rejects when the signal is aborted. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return delay(Math.min(ms, longestTimerMs), undefined, { signal });
}
