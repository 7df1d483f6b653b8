/** So many pieces of work at a time. The others wait for their turn, in an order that is decided elsewhere. */

export interface Turns<Rank> {
  /** Rejects with what the work throws. */
  run<Value>(rank: Rank, work: () => Promise<Value>): Promise<Value>;
  /** How many of this rank wait. */
  waiting(rank: Rank): number;
  load(): Load;
}

/** How much there is to do at this moment. */
export interface Load {
  /** Begun and not ended. */
  readonly running: number;
  /** Not begun: as many as may run at a time do. */
  readonly waiting: number;
}

/**
 * @param atOnce how many run at a time
 * @param next which of those that wait, at least one and in the order in which they came, is next
 */
export function createTurns<Rank>(atOnce: number, next: (waiting: readonly Rank[]) => number): Turns<Rank> {
  let running = 0;
  const queue: { readonly rank: Rank; readonly start: () => void }[] = [];

  /** A turn goes from hand to hand: whoever comes at this moment does not overtake. */
  function handOn(): void {
    const [first] = queue.length === 0 ? [] : queue.splice(next(queue.map(({ rank }) => rank)), 1);
    if (first === undefined) running -= 1;
    else first.start();
  }

  return {
    async run(rank, work) {
      if (running < atOnce) running += 1;
      else await new Promise<void>((start) => void queue.push({ rank, start }));
      try {
        return await work();
      } finally {
        handOn();
      }
    },
    load: () => ({ running, waiting: queue.length }),
    waiting: (rank) => queue.filter((one) => one.rank === rank).length,
  };
}

/** In the order in which they came. */
export const firstCome = (): number => 0;
