/** Connections that make so many requests a second to one server, for servers that all portals share. */
import type { Http } from './http.ts';
import { createPacers } from './pacing.ts';
import { monotonicMs, sleep as sleepByTimer } from './clock.ts';

export interface PacedHttpOptions {
  /** To one origin; as many may go at once. */
  readonly perSecond: number;
  /** Milliseconds on a clock that nobody sets. */
  readonly monotonic?: (() => number) | undefined;
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<unknown>) | undefined;
}

/** A wait that is interrupted sends nothing. */
export function pacedHttp(
  http: Http,
  { perSecond, monotonic = monotonicMs, sleep = sleepByTimer }: PacedHttpOptions,
): Http {
  const pacers = createPacers(monotonic);
  return {
    async post(url, body, signal) {
      const pacer = pacers.pacerFor(new URL(url).origin, { capacity: Math.max(1, perSecond), perSecond });
      const waitMs = pacer.reserve();
      if (waitMs > 0) await sleep(waitMs, signal).catch(() => undefined);
      return http.post(url, body, signal);
    },
    close: () => http.close(),
  };
}
