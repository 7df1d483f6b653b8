/** The portal's leaky bucket as this side sees it (F94): says how long the next request has to wait so that the bucket never overflows. */
import { monotonicMs } from './clock.ts';

/** A leaky bucket as portals limit requests with one, for each portal and source address (F94, F95). */
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

/** The buckets of all portals that one process talks to. */
export interface Pacers {
  /** For one connection; connections to one address fill one bucket. */
  pacerFor(clientEndpoint: string, size?: BucketSize): Pacer;
  /** How many buckets hold anything, those that have run dry since the last look included. */
  readonly size: number;
}

/** What every plan of the vendor but the largest allows. */
export const defaultBucket: BucketSize = { capacity: 50, perSecond: 2 };

/** Buckets that run dry are not looked for before there are so many. */
const fewBuckets = 64;

/**
 * The bucket belongs to a portal and a source address, so a process needs one of these.
 * @param now milliseconds since any fixed moment, on a clock that nobody sets
 */
export function createPacers(now: () => number = monotonicMs): Pacers {
  // One number holds a bucket's level: the moment when it will have run dry. A dry bucket is as good as none.
  const emptyAtMs = new Map<string, number>();
  let sweepAt = fewBuckets;

  function sweep(nowMs: number): void {
    if (emptyAtMs.size < sweepAt) return;
    for (const [address, atMs] of emptyAtMs) if (atMs <= nowMs) emptyAtMs.delete(address);
    sweepAt = Math.max(fewBuckets, emptyAtMs.size * 2);
  }

  return {
    pacerFor(clientEndpoint, { capacity, perSecond } = defaultBucket) {
      // With its path: one host may hold several portals.
      const address = clientEndpoint.replace(/^[a-z]+:\/\//i, '').toLowerCase();
      const msPerRequest = 1000 / perSecond;
      return {
        reserve() {
          const nowMs = now();
          sweep(nowMs);
          const dryAtMs = Math.max(emptyAtMs.get(address) ?? nowMs, nowMs) + msPerRequest;
          emptyAtMs.set(address, dryAtMs);
          return Math.max(0, dryAtMs - nowMs - capacity * msPerRequest);
        },
      };
    },
    get size() {
      return emptyAtMs.size;
    },
  };
}
