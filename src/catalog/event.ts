/** What is known about one event of the platform. */

/** An option of `event.bind` that one event understands. */
export interface EventOption {
  readonly type: 'int';
  readonly unit?: string;
  readonly default?: number;
  readonly min?: number;
  readonly description: string;
}

/** The variable part of a code, such as the type id in `ONCRMDYNAMICITEMADD_{entityTypeId}`. */
export interface EventParameter {
  readonly name: string;
  readonly type: 'int';
  /** The REST method that lists its possible values. */
  readonly from: string;
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
  readonly summary: string;
  /** Path of its page in the public documentation. */
  readonly doc?: string;
  /** Matches the concrete codes of an event with a parameter. */
  readonly regex?: string;
  readonly parameter?: EventParameter;
  /** What makes this binding on the platform's side; such a binding is never bound or unbound from outside. */
  readonly managedBy?: string;
  /** Whether the page itself or a whole section says so, and what to use instead. */
  readonly deprecated?: { readonly level: 'page' | 'section'; readonly replacedBy: readonly string[] };
  /** False: known from the server's source only. */
  readonly documented?: false;
  /** False: cannot be bound offline. */
  readonly offline?: false;
  readonly options?: Readonly<Record<string, EventOption>>;
  /** False: the handler gets no tokens. */
  readonly sendsAuth?: false;
  /** True: the handler gets a refresh token as well. */
  readonly sendsRefreshToken?: true;
  readonly note?: string;
}
