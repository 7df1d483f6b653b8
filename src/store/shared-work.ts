/** One run of some work for many that ask for it at the same time. */

/**
 * Whoever asks while a run is going on is served by the next one, which begins after that and so covers what they did before
 * they asked. However many ask, two runs at most are in sight.
 */
export function shared(work: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    if (next !== undefined) return next;
    next = last
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return work();
      });
    last = next;
    return next;
  };
}
