/** What a binding is, what identifies it on a portal, and the order in which bindings are shown and changed. */

/** The kinds of registration a portal knows. What differs between them is decided by `switch` or table, so that a further one would not compile. */
export const eventTypes = ['online', 'offline'] as const;

/** How events get to the application. `online`: posted to a handler. `offline`: fetched from a queue. */
export type EventType = (typeof eventTypes)[number];

/** Settings of a binding that the portal keeps but never returns (docs/portal-facts.md, "Reading"). */
export type Options = Readonly<Record<string, string | number | boolean>>;

/** The largest id of a user that a portal's database keeps. */
export const largestUserId = 2_147_483_647;

/** A binding whose events the portal posts to a URL. */
export interface OnlineBinding {
  /** Its events are posted as they happen. */
  readonly eventType: 'online';
  /** Upper case. */
  readonly event: string;
  /** The URL, byte for byte as the portal stores it. */
  readonly handler: string;
  /** The user whose token the handler gets; 0 is the user whose action fired the event. */
  readonly authType: number;
  /** Those wanted; absent in what a portal lists, because it never tells (F54). */
  readonly options?: Options;
}

/** A binding whose events wait on the portal in a queue until the application fetches them. */
export interface OfflineBinding {
  /** Its events wait until they are fetched. */
  readonly eventType: 'offline';
  /** Upper case. */
  readonly event: string;
  /** Names the queue; empty for the application's default one. */
  readonly authConnector: string;
  /** Those wanted; absent in what a portal lists, because it never tells (F54). */
  readonly options?: Options;
}

/** An event bound to a handler, or to an offline queue: one row of the portal. */
export type Binding = OnlineBinding | OfflineBinding;

/** Event, event_type, handler, auth_type, auth_connector: what identifies a binding on a portal. */
export type BindingKey = string;

type KeyParts = readonly [
  event: string,
  eventType: EventType,
  handler: string,
  authType: number,
  authConnector: string,
];

function keyParts(binding: Binding): KeyParts {
  switch (binding.eventType) {
    case 'online':
      return [binding.event, binding.eventType, binding.handler, binding.authType, ''];
    case 'offline':
      return [binding.event, binding.eventType, '', 0, binding.authConnector];
  }
}

/** The URL its events are posted to; undefined where they are not posted. */
export function handlerOf(binding: Binding): string | undefined {
  switch (binding.eventType) {
    case 'online':
      return binding.handler;
    case 'offline':
      return undefined;
  }
}

/** The connector whose queue its events wait in; empty for the default queue, and where there is none. */
export function connectorOf(binding: Binding): string {
  switch (binding.eventType) {
    case 'online':
      return '';
    case 'offline':
      return binding.authConnector;
  }
}

/** The key as one string; equal strings mean the same registration, whatever the options. */
export function keyOf(binding: Binding): BindingKey {
  return JSON.stringify(keyParts(binding));
}

/** Orders by key with code units, so that the order is the same on every machine. */
export function compareBindings(a: Binding, b: Binding): number {
  const left = keyParts(a);
  const right = keyParts(b);
  return (
    compare(left[0], right[0]) ||
    compare(left[1], right[1]) ||
    compare(left[2], right[2]) ||
    left[3] - right[3] ||
    compare(left[4], right[4])
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The options as one string with sorted names; empty for none, so that `{}` and absence are equal. */
export function optionsText(options: Options | undefined): string {
  const entries = Object.entries(options ?? {}).sort(([a], [b]) => compare(a, b));
  return entries.length === 0 ? '' : JSON.stringify(entries);
}
