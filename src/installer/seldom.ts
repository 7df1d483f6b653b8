/** Counts what may happen very often, and tells of it seldom. */

/**
 * @param tell how often it has happened since it told last: at once the first time, and then at most once in `everyMs`
 * @param monotonicNow milliseconds, from any beginning
 */
export function createSeldom(tell: (count: number) => void, everyMs: number, monotonicNow: () => number): () => void {
  let count = 0;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    count += 1;
    if (monotonicNow() - toldAtMs < everyMs) return;
    tell(count);
    count = 0;
    toldAtMs = monotonicNow();
  };
}
