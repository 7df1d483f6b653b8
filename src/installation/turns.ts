/** One after the other within a process: whoever asks for a thing that is taken comes after those who asked before. */

export interface Turn {
  /** Settles when all those before have ended theirs; undefined when there is nobody. */
  readonly before: Promise<void> | undefined;
  /** Lets the next one in. Also for whoever gives up waiting. */
  end(): void;
}

/** @returns takes the next turn of a key */
export function createTurns(): (key: string) => Turn {
  const last = new Map<string, Promise<void>>();
  return (key) => {
    const before = last.get(key);
    let end = (): void => undefined;
    const own = new Promise<void>((resolve) => {
      end = resolve;
    });
    const turn = (before ?? Promise.resolve()).then(() => own);
    last.set(key, turn);
    void turn.then(() => last.get(key) === turn && last.delete(key));
    return { before, end: () => end() };
  };
}
