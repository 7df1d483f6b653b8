/** The portal's leaky bucket as this side sees it (F94): says how long the next request has to wait so that the bucket never overflows. */

export interface BucketSize {
  /** Requests it holds. */
  readonly capacity: number;
  /** Requests that leak out per second. */
  readonly perSecond: number;
}

export interface Pacer {
  /** Books the next request and gives the milliseconds to wait before it. */
  reserve(): number;
}

/** What every plan of the vendor but the largest allows. */
export const defaultBucket: BucketSize = { capacity: 50, perSecond: 2 };

/**
 * The bucket belongs to a portal and a source address: clients of one portal share one pacer.
 * @param now milliseconds since any fixed moment
 */
export function createPacer({ capacity, perSecond }: BucketSize, now: () => number): Pacer {
  const msPerRequest = 1000 / perSecond;
  // One number holds the level: the moment when the bucket will have run dry.
  let emptyAtMs = Number.NEGATIVE_INFINITY;
  return {
    reserve() {
      const nowMs = now();
      emptyAtMs = Math.max(emptyAtMs, nowMs) + msPerRequest;
      return Math.max(0, emptyAtMs - nowMs - capacity * msPerRequest);
    },
  };
}
