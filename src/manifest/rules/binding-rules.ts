/** Rules about how the parts of one binding go together, and bindings with each other. */
import { findEvent } from '../../catalog/catalog.ts';
import type { EventType } from '../../core/binding.ts';
import { type IgnoreSubject, matchesRule } from '../../core/ignore.ts';
import { error, hasField, type Row, type Rule } from './context.ts';

export const offlineHandler: Rule = function* ({ draft }) {
  for (const { eventType, handler } of draft.bindings) {
    if (handler === undefined || hasField({ eventType }, 'handler') !== false) continue;
    yield error(handler.path, {
      code: 'offline-handler',
      message: `an ${eventType} binding has no handler`,
      hint: "Remove 'handler'; the application fetches the events with event.offline.get",
    });
  }
};

export const offlineAuthType: Rule = function* ({ draft }) {
  for (const { eventType, authType } of draft.bindings) {
    if (authType === undefined || hasField({ eventType }, 'authType') !== false) continue;
    yield error(authType.path, {
      code: 'offline-auth-type',
      message: `an ${eventType} binding has no auth_type`,
      hint: "Remove 'auth_type'; the portal ignores it",
    });
  }
};

export const offlineImpossible: Rule = function* ({ rows }) {
  for (const { event, path, binding } of rows) {
    if (!isImpossible(binding.eventType, event)) continue;
    yield error(path, {
      code: 'offline-impossible',
      message: `event '${event}' cannot be bound ${binding.eventType}`,
      hint: 'Bind it online, with a handler',
    });
  }
};

export const connectorOnOnline: Rule = function* ({ draft }) {
  for (const { eventType, authConnector } of draft.bindings) {
    if (authConnector === undefined || hasField({ eventType }, 'authConnector') !== false) continue;
    if (authConnector.value === '') continue;
    yield error(authConnector.path, {
      code: 'connector-on-online',
      message: `'auth_connector' on an ${eventType} binding, which the portal would keep and never show`,
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
    if (!binding.isWhole || isPending) continue;
    const subject = subjectOf({ event, binding, url });
    if (subject === undefined) continue;
    const rule = draft.ignore.find(({ value }) => Object.keys(value).length > 0 && matchesRule(value, subject));
    if (rule === undefined) continue;
    yield error(path, {
      code: 'declared-and-ignored',
      message: `event '${event}' is declared here and ignored by the rule at ${whereIs(rule.path)}`,
      hint: 'Remove the binding, or narrow the rule',
    });
  }
};

function isImpossible(eventType: EventType | undefined, event: string): boolean {
  switch (eventType) {
    case 'online':
    case undefined:
      return false;
    case 'offline':
      return findEvent(event)?.offline === false;
  }
}

function subjectOf({ event, binding, url }: Pick<Row, 'event' | 'binding' | 'url'>): IgnoreSubject | undefined {
  const { eventType } = binding;
  switch (eventType) {
    case 'online':
      return { event, eventType, ...(url === undefined ? {} : { handler: url }), ...authTypeOf(binding) };
    case 'offline':
      return { event, eventType, authConnector: binding.authConnector?.value ?? '' };
    case undefined:
      return undefined;
  }
}

function authTypeOf({ authType }: Row['binding']): { readonly authType?: number } {
  return authType === undefined ? {} : { authType: authType.value };
}

function keyOf({ event, binding, url }: Row): string | undefined {
  if (!binding.isWhole) return undefined;
  switch (binding.eventType) {
    case 'online':
    case undefined:
      return url === undefined ? undefined : JSON.stringify([event, url, binding.authType?.value ?? 0]);
    case 'offline':
      return JSON.stringify([event, binding.authConnector?.value ?? '']);
  }
}
