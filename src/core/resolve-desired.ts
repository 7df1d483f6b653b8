/** Desired bindings as this caller would make them: an absent auth_type gets its value (docs/portal-facts.md, "Binding"). */
import { type Binding, compareBindings, keyOf, optionsText } from './binding.ts';
import type { DesiredBinding } from './manifest.ts';
import type { PortalIdentity } from './reading.ts';

/** By key, each key once: for an ordinary user an absent auth_type and their own id are the same binding. */
export function resolveDesired(desired: readonly DesiredBinding[], portal: PortalIdentity): readonly Binding[] {
  const byKey = new Map<string, Binding>();
  for (const item of desired) {
    const binding = resolve(item, portal);
    const key = keyOf(binding);
    const rival = byKey.get(key);
    // The order in the file must not decide whose options win.
    if (rival === undefined || optionsText(rival.options) < optionsText(binding.options)) byKey.set(key, binding);
  }
  return [...byKey.values()].sort(compareBindings);
}

/** One of them, as this caller would make it. */
export function resolve(item: DesiredBinding, portal: PortalIdentity): Binding {
  const options = item.options === undefined ? {} : { options: item.options };
  switch (item.eventType) {
    case 'online': {
      const authType = item.authType ?? (portal.isAdmin ? 0 : portal.userId);
      return { eventType: item.eventType, event: item.event, handler: item.handler, authType, ...options };
    }
    case 'offline':
      return { eventType: item.eventType, event: item.event, authConnector: item.authConnector, ...options };
  }
}
