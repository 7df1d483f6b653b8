/** The `time` part of an answer. */
import type { PortalState, World } from './state.ts';

/** ISO 8601 with seconds and an offset, as PHP's `date('c')` writes it. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}

/** What `time` says of a call of this method that began at `startMs`. */
export function timeBlock(world: World, portal: PortalState, method: string, startMs: number): Record<string, unknown> {
  const finishMs = world.now();
  const duration = (finishMs - startMs) / 1000;
  const time = {
    start: startMs / 1000,
    finish: finishMs / 1000,
    duration,
    processing: duration,
    date_start: isoSeconds(startMs),
    date_finish: isoSeconds(finishMs),
  };
  if (!portal.switches.operating) return time;
  const { seconds, resetAt } = portal.limiter.operating(method);
  return { ...time, operating_reset_at: resetAt, operating: seconds };
}
