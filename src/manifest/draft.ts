/** The manifest as written, after the overlay of the chosen environment: each part is there only as far as its shape is right. */
import { type EventType, eventTypes, largestUserId } from '../core/binding.ts';
import type { IgnoreRule, Prune } from '../core/manifest.ts';
import { isPlainMap, type PlainMap } from './plain-values.ts';
import type { Path } from './problem.ts';

/** A value and where it stands. */
export interface Placed<T> {
  readonly value: T;
  readonly path: Path;
  /** True: it still holds a placeholder whose variable is not set, so its final text is not known. */
  readonly isPending?: boolean;
  /** True: a part of it came out of a variable. */
  readonly hasVariable?: boolean;
}

/** What is known of the text at a path beside its value. */
export type TextFacts = (path: Path) => Pick<Placed<string>, 'isPending' | 'hasVariable'>;

export interface DraftBinding {
  readonly path: Path;
  /** Upper case. */
  readonly events: readonly Placed<string>[];
  /** Undefined where it is not one of the two. */
  readonly eventType: EventType | undefined;
  /** A name under `handlers`, or a URL. */
  readonly handler?: Placed<string> | undefined;
  readonly authType?: Placed<number> | undefined;
  readonly authConnector?: Placed<string> | undefined;
  readonly options: readonly (Placed<string | number | boolean> & { readonly name: string })[];
  /** False: some part is of the wrong shape or misspelt, so nothing can be said about what is missing. */
  readonly isWhole: boolean;
}

export interface Draft {
  readonly name: string;
  readonly portals: readonly Placed<string>[];
  readonly scope: readonly Placed<string>[] | undefined;
  /** Names of events that the catalogue does not know and the portal offers. */
  readonly customEvents: readonly Placed<string>[];
  readonly handlers: ReadonlyMap<string, Placed<string>>;
  readonly bindings: readonly DraftBinding[];
  readonly prune: Prune;
  readonly owns: readonly Placed<string>[];
  readonly ignore: readonly Placed<IgnoreRule>[];
  readonly maxUnbind: number;
}

const bindingKeys = ['event', 'handler', 'auth_type', 'event_type', 'auth_connector', 'options'];

const overridable = ['name', 'portal', 'prune', 'owns', 'max_unbind'] as const;

/** The names of the environments a manifest has. */
export function environmentNames(root: unknown): readonly string[] {
  return isPlainMap(root) && isPlainMap(root.environments) ? Object.keys(root.environments) : [];
}

/** Whether a value counts: not in an environment that was not chosen, and not overridden by the one that was. */
export function isInForce(root: PlainMap, environment: string | undefined, path: Path): boolean {
  const [key, second] = path;
  if (key === 'environments') return second === environment;
  const overlay = overlayOf(root, environment);
  if (key === 'handlers')
    return !(isPlainMap(overlay.handlers) && typeof second === 'string' && second in overlay.handlers);
  return !(overridable.some((name) => name === key) && String(key) in overlay);
}

export function readDraft(root: PlainMap, environment: string | undefined, facts: TextFacts): Draft {
  const overlay = overlayOf(root, environment);
  const inForce = (key: string): Placed<unknown> =>
    key in overlay && environment !== undefined
      ? { value: overlay[key], path: ['environments', environment, key] }
      : { value: root[key], path: [key] };
  const name = inForce('name').value;
  const prune = inForce('prune').value;
  const maxUnbind = inForce('max_unbind').value;
  return {
    name: typeof name === 'string' ? name : 'default',
    portals: textsOf(inForce('portal'), facts),
    scope: Array.isArray(root.scope) ? textsOf({ value: root.scope, path: ['scope'] }, facts) : undefined,
    customEvents: textsOf({ value: root.events, path: ['events'] }, facts),
    handlers: new Map([
      ...namedTexts(root.handlers, ['handlers'], facts),
      ...namedTexts(overlay.handlers, ['environments', environment ?? '', 'handlers'], facts),
    ]),
    bindings: membersOf(root.bindings, ['bindings']).map((binding) => readBinding(binding, facts)),
    prune: prune === 'all' || prune === 'none' ? prune : 'managed',
    owns: textsOf(inForce('owns'), facts),
    ignore: membersOf(root.ignore, ['ignore']).map(({ value, path }) => ({ value: readIgnoreRule(value), path })),
    maxUnbind: typeof maxUnbind === 'number' ? maxUnbind : 5,
  };
}

function overlayOf(root: PlainMap, environment: string | undefined): PlainMap {
  const environments = root.environments;
  const overlay = isPlainMap(environments) && environment !== undefined ? environments[environment] : undefined;
  return isPlainMap(overlay) ? overlay : {};
}

function readBinding({ value, path }: Placed<PlainMap>, facts: TextFacts): DraftBinding {
  const placed = <T extends string | number>(
    key: string,
    accepts: (part: unknown) => part is T,
  ): Placed<T> | undefined => {
    const part = value[key];
    return accepts(part) ? { value: part, path: [...path, key], ...facts([...path, key]) } : undefined;
  };
  const events = textsOf({ value: value.event, path: [...path, 'event'] }, facts);
  const handler = placed('handler', isFilledText);
  const authType = placed('auth_type', isUserId);
  const authConnector = placed('auth_connector', isText);
  const options = optionsOf(value.options, [...path, 'options'], facts);
  const eventType = 'event_type' in value ? eventTypeOf(value.event_type) : 'online';
  return {
    path,
    events: events.map((event) => ({ ...event, value: event.value.toUpperCase() })),
    eventType,
    handler,
    authType,
    authConnector,
    options,
    isWhole:
      eventType !== undefined &&
      Object.keys(value).every((key) => bindingKeys.includes(key)) &&
      (handler !== undefined) === 'handler' in value &&
      (authType !== undefined) === 'auth_type' in value &&
      (authConnector !== undefined) === 'auth_connector' in value,
  };
}

function readIgnoreRule(value: PlainMap): IgnoreRule {
  const eventType = eventTypeOf(value.event_type);
  return {
    ...(isText(value.event) ? { event: value.event.toUpperCase() } : {}),
    ...(isText(value.handler) ? { handler: value.handler } : {}),
    ...(eventType === undefined ? {} : { event_type: eventType }),
    ...(isUserId(value.auth_type) ? { auth_type: value.auth_type } : {}),
    ...(isText(value.auth_connector) ? { auth_connector: value.auth_connector } : {}),
  };
}

function optionsOf(value: unknown, path: Path, facts: TextFacts): DraftBinding['options'] {
  if (!isPlainMap(value)) return [];
  return Object.entries(value).flatMap(([name, option]) =>
    isText(option) || typeof option === 'number' || typeof option === 'boolean'
      ? [{ name, value: option, path: [...path, name], ...facts([...path, name]) }]
      : [],
  );
}

/** One text or a list of texts; whatever else stands there is left out. */
function textsOf({ value, path }: Placed<unknown>, facts: TextFacts): readonly Placed<string>[] {
  const placed = (text: string, at: Path): Placed<string> => ({ value: text, path: at, ...facts(at) });
  if (isFilledText(value)) return [placed(value, path)];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown, index) => (isFilledText(item) ? [placed(item, [...path, index])] : []));
}

function namedTexts(value: unknown, path: Path, facts: TextFacts): readonly (readonly [string, Placed<string>])[] {
  if (!isPlainMap(value)) return [];
  return Object.entries(value).flatMap(([name, text]) =>
    isFilledText(text) ? [[name, { value: text, path: [...path, name], ...facts([...path, name]) }] as const] : [],
  );
}

function membersOf(value: unknown, path: Path): readonly Placed<PlainMap>[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown, index) => (isPlainMap(item) ? [{ value: item, path: [...path, index] }] : []));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isFilledText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isUserId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largestUserId;
}

function eventTypeOf(value: unknown): EventType | undefined {
  return eventTypes.find((eventType) => eventType === value);
}
