/** Rules about how the parts of one binding go together, and bindings with each other. */
import { findEvent } from '../../catalog/catalog.ts';
import { matchesRule } from '../../core/ignore.ts';
import { error, type Row, type Rule } from './context.ts';

export const offlineHandler: Rule = function* ({ draft }) {
  for (const { eventType, handler } of draft.bindings) {
    if (eventType !== 'offline' || handler === undefined) continue;
    yield error(handler.path, {
      code: 'offline-handler',
      message: 'an offline binding has no handler',
      hint: "Remove 'handler'; the application fetches the events with event.offline.get",
    });
  }
};

export const offlineAuthType: Rule = function* ({ draft }) {
  for (const { eventType, authType } of draft.bindings) {
    if (eventType !== 'offline' || authType === undefined) continue;
    yield error(authType.path, {
      code: 'offline-auth-type',
      message: 'an offline binding has no auth_type',
      hint: "Remove 'auth_type'; the portal ignores it",
    });
  }
};

export const offlineImpossible: Rule = function* ({ rows }) {
  for (const { event, path, binding } of rows) {
    if (binding.eventType !== 'offline' || findEvent(event)?.offline !== false) continue;
    yield error(path, {
      code: 'offline-impossible',
      message: `event '${event}' cannot be bound offline`,
      hint: 'Bind it online, with a handler',
    });
  }
};

export const connectorOnOnline: Rule = function* ({ draft }) {
  for (const { eventType, authConnector } of draft.bindings) {
    if (eventType !== 'online' || authConnector === undefined || authConnector.value === '') continue;
    yield error(authConnector.path, {
      code: 'connector-on-online',
      message: "'auth_connector' on an online binding, which the portal would keep and never show",
      hint: "Remove it, or write 'event_type: offline'",
    });
  }
};

/** A missing auth_type counts as 0, which it is when an administrator applies the manifest. */
export const duplicateBinding: Rule = function* ({ rows, whereIs }) {
  const first = new Map<string, Row>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === undefined) continue;
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, row);
      continue;
    }
    const isImplied = (earlier.binding.authType === undefined) !== (row.binding.authType === undefined);
    yield error(row.path, {
      code: 'duplicate-binding',
      message: `the same binding of '${row.event}' is already at ${whereIs(earlier.path)}`,
      hint: isImplied ? 'Without auth_type it is 0 for an administrator; remove one' : 'Remove one',
    });
  }
};

export const declaredAndIgnored: Rule = function* ({ draft, rows, whereIs }) {
  for (const { event, path, binding, url, isPending } of rows) {
    if (binding.eventType === undefined || !binding.isWhole || isPending) continue;
    const subject =
      binding.eventType === 'online'
        ? {
            event,
            eventType: binding.eventType,
            ...(url === undefined ? {} : { handler: url }),
            ...authTypeOf(binding),
          }
        : { event, eventType: binding.eventType, authConnector: binding.authConnector?.value ?? '' };
    const rule = draft.ignore.find(({ value }) => Object.keys(value).length > 0 && matchesRule(value, subject));
    if (rule === undefined) continue;
    yield error(path, {
      code: 'declared-and-ignored',
      message: `event '${event}' is declared here and ignored by the rule at ${whereIs(rule.path)}`,
      hint: 'Remove the binding, or narrow the rule',
    });
  }
};

function authTypeOf({ authType }: Row['binding']): { readonly authType?: number } {
  return authType === undefined ? {} : { authType: authType.value };
}

function keyOf({ event, binding, url }: Row): string | undefined {
  if (!binding.isWhole) return undefined;
  if (binding.eventType === 'offline') return JSON.stringify([event, binding.authConnector?.value ?? '']);
  return url === undefined ? undefined : JSON.stringify([event, url, binding.authType?.value ?? 0]);
}
