/** Runs one piece of work per key at a time; whoever comes meanwhile waits for their turn. */

export interface InTurn {
  /** Runs after everything that was asked for this key before. */
  run<Value>(key: string, work: () => Promise<Value>): Promise<Value>;
  /** Resolves when nothing runs. */
  settled(): Promise<void>;
}

export function createInTurn(): InTurn {
  const ends = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const turn = (ends.get(key) ?? Promise.resolve()).then(work);
      const end: Promise<void> = settle(turn).then(() => {
        if (ends.get(key) === end) ends.delete(key);
        return undefined;
      });
      ends.set(key, end);
      return turn;
    },
    async settled() {
      while (ends.size > 0) await Promise.all(ends.values());
    },
  };
}

/** Ends when the other does, however that is. */
async function settle(promise: Promise<unknown>): Promise<void> {
  await Promise.allSettled([promise]);
}
