/** The two limits of a cloud portal: requests per source address (a leaky bucket) and operating time per method. */
import type { Switches } from './options.ts';

/** Calls this short are not billed. */
const freeSeconds = 0.1;
const windowMs = 600_000;
const slotMs = 60_000;

export class Limiter {
  readonly #levels = new Map<string, { level: number; at: number }>();
  readonly #billed = new Map<string, Map<number, number>>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts one HTTP hit; false when the bucket is full, and then the hit is not counted. */
  admits(source: string, bucket: Switches['leakyBucket']): boolean {
    if (bucket === false) return true;
    const now = this.#now();
    const before = this.#levels.get(source) ?? { level: 0, at: now };
    const drained = Math.max(0, before.level - ((now - before.at) / 1000) * bucket.perSecond);
    const isFull = drained + 1 > bucket.capacity;
    this.#levels.set(source, { level: isFull ? drained : drained + 1, at: now });
    return !isFull;
  }

  bill(method: string, seconds: number): void {
    if (seconds <= freeSeconds) return;
    const slots = this.#billed.get(method) ?? new Map<number, number>();
    const slot = Math.floor(this.#now() / slotMs);
    slots.set(slot, (slots.get(slot) ?? 0) + seconds);
    this.#billed.set(method, slots);
  }

  /** Seconds billed to a method within the last ten minutes, and the unix time at which the oldest minute leaves them. */
  operating(method: string): { seconds: number; resetAt: number } {
    const now = this.#now();
    const slots = this.#billed.get(method);
    let seconds = 0;
    let oldest = Math.floor(now / slotMs);
    for (const [slot, billed] of slots ?? []) {
      if ((slot + 1) * slotMs + windowMs - slotMs <= now) {
        slots?.delete(slot);
        continue;
      }
      seconds += billed;
      oldest = Math.min(oldest, slot);
    }
    return { seconds, resetAt: Math.floor((oldest * slotMs + windowMs) / 1000) };
  }
}
