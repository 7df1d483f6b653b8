import type { CatalogEvent } from '../src/catalog/event.ts';

/** The schema's text with these events as what editors propose for `event`. */
export function withEventNames(schema: string, events: readonly CatalogEvent[]): string;
