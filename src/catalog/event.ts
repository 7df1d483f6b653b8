/** What is known about one event of the platform. */

/** An option of `event.bind` that one event understands. */
export interface EventOption {
  /** A whole number, the only type there is so far; a manifest with anything else has an `option-type`. */
  readonly type: 'int';
  /** What is counted, in the plural; absent where it is a bare number. */
  readonly unit?: string;
  /** What the portal goes by where it is not given. */
  readonly default?: number;
  /** The least that makes sense; a manifest with less has an `option-range`. */
  readonly min?: number;
  /** What it is for, in one sentence without a full stop. */
  readonly description: string;
}

/** The variable part of a code, such as the type id in `ONCRMDYNAMICITEMADD_{entityTypeId}`. */
export interface EventParameter {
  /** As in the braces of `code`. */
  readonly name: string;
  /** A whole number, the only type there is so far. */
  readonly type: 'int';
  /** The REST method that lists its possible values. */
  readonly from: string;
  /** What its values are, in a few words. */
  readonly description: string;
}

/** What is known of an event of the platform. */
export interface CatalogEvent {
  /** Upper case, as `event.get` returns it; a parameter stands in braces. */
  readonly code: string;
  /** As the documentation spells it. */
  readonly name: string;
  /** The documented scope; `basic` is granted to every application. */
  readonly scope: string;
  /** The scope an application really needs, where it differs from the documented one. */
  readonly serverScope?: string;
  /** Further scopes that grant the event. */
  readonly alsoScopes?: readonly string[];
  /** What has happened when it comes, in one sentence without a full stop. */
  readonly summary: string;
  /** Path of its page in the public documentation. */
  readonly doc?: string;
  /** Matches the concrete codes of an event with a parameter. */
  readonly regex?: string;
  /** What stands in the braces of `code`, where there are any. */
  readonly parameter?: EventParameter;
  /** What makes this binding on the platform's side; such a binding is never bound or unbound from outside. */
  readonly managedBy?: string;
  /** Whether the page itself or a whole section says so, and what to use instead. */
  readonly deprecated?: { readonly level: 'page' | 'section'; readonly replacedBy: readonly string[] };
  /** False: known from the server's source only. */
  readonly documented?: false;
  /** False: cannot be bound offline. */
  readonly offline?: false;
  /** What `options` of its bindings may hold, by name. Absent: the portal keeps none (F8). */
  readonly options?: Readonly<Record<string, EventOption>>;
  /** False: the handler gets no tokens. */
  readonly sendsAuth?: false;
  /** True: the handler gets a refresh token as well. */
  readonly sendsRefreshToken?: true;
  /** What is surprising about it, in whole sentences. */
  readonly note?: string;
}
