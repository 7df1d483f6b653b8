/** Looks events up in the catalogue. */
import type { CatalogEvent } from './event.ts';
import { events } from './events.ts';

const plainEvents: ReadonlyMap<string, CatalogEvent> = new Map(
  events.filter(({ regex }) => regex === undefined).map((event) => [event.code, event]),
);

const patternEvents: readonly (readonly [RegExp, CatalogEvent])[] = events.flatMap((event) =>
  event.regex === undefined ? [] : [[new RegExp(event.regex), event] as const],
);

/** Every event of the catalogue, by scope and code; one entry stands for all codes of an event with a parameter. */
export function allEvents(): readonly CatalogEvent[] {
  return events;
}

/**
 * What is known about an event, or undefined.
 *
 * @param code - Upper case. `ONCRMDYNAMICITEMADD_147` is found through its pattern.
 */
export function findEvent(code: string): CatalogEvent | undefined {
  return plainEvents.get(code) ?? patternEvents.find(([regex]) => regex.test(code))?.[1];
}

/** The events in whose code, name, scopes or summary every word of the text occurs, in any letter case. */
export function searchEvents(text: string): readonly CatalogEvent[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return events.filter((event) => {
    const haystack = [event.name, ...scopesOf(event), event.summary].join('\n').toLowerCase();
    return words.every((word) => haystack.includes(word) || findEvent(word.toUpperCase()) === event);
  });
}

/** The scopes any of which grants the event; `basic` is granted to every application. */
export function scopesOf({ scope, serverScope, alsoScopes }: CatalogEvent): readonly string[] {
  return [scope, ...(serverScope === undefined ? [] : [serverScope]), ...(alsoScopes ?? [])];
}

/**
 * What on the platform's side makes the bindings of this event, such as `app installation`; undefined for an ordinary event.
 *
 * @param code - Upper case.
 */
export function managerOf(code: string): string | undefined {
  // A UI application may bind it by hand, but the platform rewrites such rows on every install and update all the same.
  return code === 'ONAPPINSTALL' ? 'app installation' : findEvent(code)?.managedBy;
}

/** Whether the platform makes the bindings of this event itself, so that nobody else should bind or unbind them. */
export function isManagedByPlatform(code: string): boolean {
  return managerOf(code) !== undefined;
}
