/**
 * One signal of several, and of the time. Not by `AbortSignal.any`: on Node.js 20 what it makes of a timeout is never aborted once
 * the garbage collector has run, on 22 what it makes of its own kind, and it stays in the memory of the signals it was made of.
 */
import { setMaxListeners } from 'node:events';

export interface Abort {
  readonly signal: AbortSignal;
  /** Whether it was the time that came first. */
  isTooLate(): boolean;
  /** To be called when what it was for has ended. */
  readonly forget: () => void;
}

/** The longest a timer can run, some 24 days; a longer one would end at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** Aborted with the first of the given, for its reason, or after so many milliseconds. */
export function abortOn(given: readonly (AbortSignal | undefined)[], afterMs?: number): Abort {
  const controller = new AbortController();
  const sources = given.filter((signal) => signal !== undefined);
  let isTooLate = false;
  let timer: NodeJS.Timeout | undefined;
  const forget = (): void => {
    clearTimeout(timer);
    for (const source of sources) source.removeEventListener('abort', onAbort);
  };
  const onAbort = (): void => {
    forget();
    controller.abort(sources.find(({ aborted }) => aborted)?.reason);
  };
  const onTime = (): void => {
    isTooLate = true;
    onAbort();
  };
  for (const source of sources) {
    // As many listen to it as there are portals in work.
    setMaxListeners(0, source);
    source.addEventListener('abort', onAbort);
  }
  if (sources.some(({ aborted }) => aborted)) onAbort();
  else if (afterMs === 0) onTime();
  else if (afterMs !== undefined) timer = setTimeout(onTime, Math.min(afterMs, longestTimerMs));
  return { signal: controller.signal, isTooLate: () => isTooLate, forget };
}

/** Rejects when the signal is aborted, for a race with what does not listen to it. */
export function rejectionBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
  });
}
