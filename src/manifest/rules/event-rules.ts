/** Rules about the events themselves. */
import {
  allEvents,
  findEvent,
  isKnownScope,
  isManagedByPlatform,
  managerOf,
  scopesOf,
  whyNoEvent,
} from '../../catalog/catalog.ts';
import { nearestEvent } from '../did-you-mean-event.ts';
import { listed } from '../did-you-mean.ts';
import { error, type Rule, warning } from './context.ts';

/**
 * Without `scope` this is a warning: the catalogue may be older than the portal, which decides when it is asked. So it is with a
 * scope that the catalogue does not know: modules of third parties bring scopes and events of their own.
 */
export const unknownEvent: Rule = function* ({ draft, rows }) {
  const suggestions = new Map<string, string | undefined>();
  const declared = new Set(draft.customEvents.map(({ value }) => value.toUpperCase()));
  const isCertain = draft.scope?.every(({ value, isPending }) => isPending !== true && isKnownScope(value));
  const report = isCertain === true ? error : warning;
  for (const { event, path, isPending } of rows) {
    if (isPending || declared.has(event) || findEvent(event) !== undefined) continue;
    if (!suggestions.has(event)) suggestions.set(event, suggestionFor(event));
    const hint = suggestions.get(event);
    yield report(path, { code: 'unknown-event', message: `event '${event}' is not in the catalogue`, hint });
  }
};

export const eventOutsideScope: Rule = function* ({ draft, rows }) {
  if (draft.scope === undefined || draft.scope.some(({ isPending }) => isPending)) return;
  const granted = new Set(['basic', ...draft.scope.map(({ value }) => value.toLowerCase())]);
  for (const { event, path } of rows) {
    const known = findEvent(event);
    if (known === undefined || isManagedByPlatform(event) || scopesOf(known).some((scope) => granted.has(scope)))
      continue;
    const scopes = scopesOf(known).map((scope) => `'${scope}'`);
    yield error(path, {
      code: 'event-outside-scope',
      message: `event '${event}' needs the scope ${listed(scopes, 'or')}`,
      hint: `Add ${listed(scopes, 'or')} to 'scope' if the application has it`,
    });
  }
};

export const deprecatedEvent: Rule = function* ({ rows }) {
  for (const { event, path } of rows) {
    const deprecated = findEvent(event)?.deprecated;
    if (deprecated === undefined) continue;
    const replacements = deprecated.replacedBy.map((code) => `'${code}'`);
    yield warning(path, {
      code: 'deprecated-event',
      message: `event '${event}' is deprecated`,
      hint: replacements.length > 0 ? `Use ${listed(replacements, 'or')}` : 'There is no replacement',
    });
  }
};

export const protectedEvent: Rule = function* ({ rows }) {
  for (const { event, path } of rows) {
    const manager = managerOf(event);
    if (manager === undefined) continue;
    yield error(path, {
      code: 'protected-event',
      message: `event '${event}' is bound by the platform itself (${manager})`,
      hint: 'Remove it; such bindings are left alone',
    });
  }
};

function suggestionFor(event: string): string | undefined {
  const stranger = whyNoEvent(event);
  if (stranger !== undefined) return stranger;
  const found = nearestEvent(event, allEvents());
  return found === undefined ? undefined : `Did you mean '${found}'?`;
}
