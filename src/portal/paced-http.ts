/** Connections that make so many requests a second to one server, for servers that all portals share. */
import type { Http } from './http.ts';
import { type BucketSize, createPacers } from './pacing.ts';
import { monotonicMs, sleep as sleepByTimer } from './clock.ts';

/** Books the next request to a server, and gives the milliseconds to wait before it. */
export type Turns = (server: string, size: BucketSize) => number | Promise<number>;

export interface PacedHttpOptions {
  /** To one origin; as many may go at once. */
  readonly perSecond: number;
  /** Shared with other processes. Default: this process alone. */
  readonly turns?: Turns | undefined;
  /** Milliseconds on a clock that nobody sets. */
  readonly monotonic?: (() => number) | undefined;
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<unknown>) | undefined;
}

/** A wait that is interrupted sends nothing. */
export function pacedHttp(
  http: Http,
  { perSecond, monotonic = monotonicMs, turns = turnsOfProcess(monotonic), sleep = sleepByTimer }: PacedHttpOptions,
): Http {
  return {
    async post(url, body, signal) {
      const waitMs = await turns(new URL(url).origin, { capacity: Math.max(1, perSecond), perSecond });
      if (waitMs > 0) await sleep(waitMs, signal).catch(() => undefined);
      return http.post(url, body, signal);
    },
    close: () => http.close(),
  };
}

function turnsOfProcess(monotonic: () => number): Turns {
  const pacers = createPacers(monotonic);
  return (server, size) => pacers.pacerFor(server, size).reserve();
}
