/** How much of what repeats itself is tried: everything in the slow suite, a part of it in the quick one (vitest.config.ts). */
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** 1: everything; 40: a fortieth of it. */
    readonly oneIn: number;
  }
}

/** How often to try a law that is to be tried that often. */
export function runs(full: number): number {
  return Math.ceil(full / inject('oneIn'));
}

/** Every so-manieth of the items, and at least one; other offsets give others, so that together they leave none out. */
export function sample<Item>(items: readonly Item[], offset = 0): readonly Item[] {
  const oneIn = Math.min(inject('oneIn'), items.length);
  return items.filter((_, index) => (index + offset) % oneIn === 0);
}
