/** Writes bindings as entries of a manifest: grouped, in YAML or as JSON for flow style. */
import { findEvent, isManagedByPlatform } from '../catalog/catalog.ts';
import { type Binding, compareBindings, keyOf, optionsText } from '../core/binding.ts';

/** Who read the live bindings: that decides what may be left unsaid in the manifest. */
export interface Caller {
  /** An administrator need not say `auth_type: 0`; of anybody else every `auth_type` is written down. */
  readonly isAdmin: boolean;
  /** Whose token the bindings were read with. */
  readonly userId: number;
}

/** One entry under `bindings`. */
export interface Entry {
  readonly events: readonly string[];
  /** The fields beside `event`, in the order of writing. */
  readonly fields: readonly (readonly [name: string, value: string | number | Readonly<Record<string, unknown>>])[];
}

/** What a manifest can ask for: without the platform's own bindings, and rows that look alike once. */
export function declarable(live: readonly Binding[]): readonly Binding[] {
  const byKey = new Map(live.map((binding) => [keyOf(binding), binding]));
  return [...byKey.values()].filter(({ event }) => !isManagedByPlatform(event)).sort(compareBindings);
}

/** The user whose token the handler gets when a manifest says nothing. */
export function impliedAuthType({ isAdmin, userId }: Caller): number {
  return isAdmin ? 0 : userId;
}

/** Bindings that differ in nothing but the event become one entry. */
export function entriesOf(
  bindings: readonly Binding[],
  caller: Caller,
  handlerText: (url: string) => string,
): readonly Entry[] {
  const groups = new Map<string, Binding[]>();
  for (const binding of bindings) {
    // Offline events are no family: each is a queue's worth of its own, but the connector holds them together.
    const key = keyOf({ ...binding, event: '' }) + optionsText(binding.options);
    groups.set(key, [...(groups.get(key) ?? []), binding]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [{ events: group.map(({ event }) => spelling(event)), fields: fieldsOf(first, caller, handlerText) }];
  });
}

function fieldsOf(binding: Binding, caller: Caller, handlerText: (url: string) => string): Entry['fields'] {
  const options = optionsText(binding.options) === '' ? [] : ([['options', binding.options ?? {}]] as const);
  switch (binding.eventType) {
    case 'online': {
      // Who is no administrator says whose it is: for an administrator the same line would mean another binding.
      const isImplied = caller.isAdmin && binding.authType === impliedAuthType(caller);
      const authType = isImplied ? [] : ([['auth_type', binding.authType]] as const);
      return [['handler', handlerText(binding.handler)], ...authType, ...options];
    }
    case 'offline': {
      const connector = binding.authConnector === '' ? [] : ([['auth_connector', binding.authConnector]] as const);
      return [['event_type', binding.eventType], ...connector, ...options];
    }
  }
}

/** As the documentation spells it, with a capital; an event with a parameter has no spelling but its code. */
function spelling(code: string): string {
  const name = findEvent(code)?.name;
  return name?.toUpperCase() === code ? name.slice(0, 1).toUpperCase() + name.slice(1) : code;
}

/** The lines of an entry in block style, the first one beginning with the dash. */
export function entryLines({ events, fields }: Entry): readonly string[] {
  const [only] = events;
  const inline = `[${events.map(scalarText).join(', ')}]`;
  const event =
    events.length === 1 && only !== undefined
      ? [`event: ${scalarText(only)}`]
      : inline.length <= 100
        ? [`event: ${inline}`]
        : ['event:', ...events.map((one) => `  - ${scalarText(one)}`)];
  const rest = fields.map(
    ([name, value]) => `${name}: ${typeof value === 'object' ? flowMap(value) : scalarText(value)}`,
  );
  return [...event, ...rest].map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}

/** An entry as JSON on one line, which is also YAML in flow style. */
export function entryJson({ events, fields }: Entry): string {
  const event = events.length === 1 ? events[0] : events;
  const parts = [['event', event] as const, ...fields].map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(escaped(value))}`,
  );
  return `{ ${parts.join(', ')} }`;
}

/** A text or number that YAML reads back as it is, in block and in flow style, with placeholders made literal. */
export function scalarText(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = escapedText(value);
  const isPlain = /^[A-Za-z](?:[A-Za-z0-9_/.:@%&=?+~-]*[A-Za-z0-9_/.@%&=?+~-])?$/.test(text);
  return isPlain && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text);
}

function flowMap(map: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(map).map(([name, value]) => {
    const text = typeof value === 'string' || typeof value === 'number' ? scalarText(value) : JSON.stringify(value);
    return `${scalarText(name)}: ${text}`;
  });
  return `{ ${parts.join(', ')} }`;
}

/** Only texts are interpolated, so only they need it. */
function escaped(value: unknown): unknown {
  return typeof value === 'string' ? escapedText(value) : value;
}

function escapedText(text: string): string {
  // As a function, because `$$` in a replacement text means one dollar.
  return text.replaceAll('${', () => '$${');
}
