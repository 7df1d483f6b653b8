/** Looks events up in the catalogue. */
import type { CatalogEvent } from './event.ts';
import { events } from './events.ts';

const plainEvents: ReadonlyMap<string, CatalogEvent> = new Map(
  events.filter(({ regex }) => regex === undefined).map((event) => [event.code, event]),
);

const patternEvents: readonly (readonly [RegExp, CatalogEvent])[] = events.flatMap((event) =>
  event.regex === undefined ? [] : [[new RegExp(event.regex), event] as const],
);

const knownScopes: ReadonlySet<string> = new Set(events.flatMap(scopesOf));

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

/** The scopes any of which grants the event; `basic` is granted to every application. */
export function scopesOf({ scope, serverScope, alsoScopes }: CatalogEvent): readonly string[] {
  return [scope, ...(serverScope === undefined ? [] : [serverScope]), ...(alsoScopes ?? [])];
}

/** Whether some event of the catalogue needs that scope, in any letter case. */
export function isKnownScope(scope: string): boolean {
  return knownScopes.has(scope.toLowerCase());
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

/**
 * The REST method that binds this event by itself for a bot or a command, beside applications that bind it by hand; undefined for
 * any other event.
 *
 * @param code - Upper case.
 */
export function registrarOf(code: string): string | undefined {
  if (code === 'ONIMCOMMANDADD') return 'imbot.command.register';
  return code.startsWith('ONIMBOT') && managerOf(code) === undefined ? 'imbot.register' : undefined;
}

/** Names that look like events and are none, with what they are. */
const strangers: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^ONIMV2/, 'It is a type of the im.v2 event feed, which is asked for by method and not bound'],
  [
    /^ONAPPSETTINGS(INSTALL|DISPLAY|CHANGE)$/,
    'It belongs to the settings of an application in the portal, and cannot be bound',
  ],
  [/^CATALOG\.STORE\.ON\./, 'Only old pages name it: the platform has no events of stores'],
];

/**
 * What a name is that looks like an event's and is none; undefined for any other.
 *
 * @param code - Upper case.
 */
export function whyNoEvent(code: string): string | undefined {
  return strangers.find(([pattern]) => pattern.test(code))?.[1];
}

/** Whether the platform makes the bindings of this event itself, so that nobody else should bind or unbind them. */
export function isManagedByPlatform(code: string): boolean {
  return managerOf(code) !== undefined;
}
