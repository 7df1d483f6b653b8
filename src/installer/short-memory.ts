/** Remembers a value for a while, and no more than so many of them. */

export interface ShortMemory<Value> {
  recall(key: string): Value | undefined;
  keep(key: string, value: Value): void;
  forget(key: string): void;
}

export interface ShortMemoryOptions {
  readonly forMs: number;
  /** Of more than so many, the oldest is forgotten. */
  readonly entries: number;
  /** Milliseconds, from any beginning. */
  readonly monotonicNow: () => number;
}

export function createShortMemory<Value>({ forMs, entries, monotonicNow }: ShortMemoryOptions): ShortMemory<Value> {
  const kept = new Map<string, { readonly value: Value; readonly untilMs: number }>();
  return {
    recall(key) {
      const found = kept.get(key);
      return found !== undefined && found.untilMs > monotonicNow() ? found.value : undefined;
    },
    keep(key, value) {
      kept.delete(key);
      kept.set(key, { value, untilMs: monotonicNow() + forMs });
      const [oldest] = kept.keys();
      if (kept.size > entries && oldest !== undefined) kept.delete(oldest);
    },
    forget: (key) => void kept.delete(key),
  };
}
