/** Which events exist on a portal, and which of them a set of scopes may bind. */
import { alsoUnlockedBy, codesByScope, typedPrefixes } from './event-codes.ts';

/** Every scope that unlocks an event, the default grant of the emulated application. */
export const allScopes: readonly string[] = [
  ...new Set([...Object.keys(codesByScope).filter((scope) => scope !== ''), ...Object.values(alsoUnlockedBy).flat()]),
];

const scopesOf = new Map<string, Set<string>>();
for (const [scope, codes] of Object.entries(codesByScope)) {
  for (const code of codes) {
    const scopes = scopesOf.get(code) ?? new Set();
    scopes.add(scope);
    for (const other of alsoUnlockedBy[code] ?? []) scopes.add(other);
    scopesOf.set(code, scopes);
  }
}

/** May this event be bound with these scopes? Global events need none; typed ones need their type on the portal. */
export function eventExists(code: string, scopes: readonly string[], typeIds: ReadonlySet<number>): boolean {
  const unlocking = scopesOf.get(code);
  if (unlocking !== undefined) return unlocking.has('') || scopes.some((scope) => unlocking.has(scope));
  const typed = typedPrefixes.find(({ prefix }) => code.startsWith(prefix));
  if (typed === undefined || !scopes.includes(typed.scope)) return false;
  const id = code.slice(typed.prefix.length);
  return /^[1-9][0-9]*$/.test(id) && typeIds.has(Number(id));
}

/** Event codes of these scopes (`''` = the global ones), in the portal's order. */
export function eventsOf(scopes: readonly string[], typeIds: ReadonlySet<number>): string[] {
  const codes = new Set<string>();
  for (const scope of scopes) {
    for (const code of codesByScope[scope] ?? []) codes.add(code);
    for (const [code, others] of Object.entries(alsoUnlockedBy)) if (others.includes(scope)) codes.add(code);
    for (const typed of typedPrefixes) {
      if (typed.scope === scope) for (const id of typeIds) codes.add(`${typed.prefix}${id}`);
    }
  }
  return [...codes];
}
