/** What a caller may set when starting the emulator or adding a portal. */

/** How the emulator starts. Everything is optional. */
export interface EmulatorOptions {
  /** Port of the portal; default 0, a free one. The authorisation server takes a second, always free, port. */
  readonly port?: number;
  /** Address to listen on; default `127.0.0.1`. */
  readonly host?: string;
  /** Clock in milliseconds, default `Date.now`: tokens, limits and all times in answers use it. */
  readonly now?: () => number;
  /** The application's id; generated (`local.<hex>.<digits>`) by default. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** A marker put into every token and secret generated, so that a suite can search its outputs for it. */
  readonly tokenPrefix?: string;
  /** The first portal. */
  readonly portal?: PortalOptions;
  /** Event delivery: recorded only (`capture`, the default) or really posted to the handlers (`send`). */
  readonly outbound?: 'capture' | 'send';
}

/** One portal and the application's installation on it. */
export interface PortalOptions {
  readonly memberId?: string;
  /** Default: user 1 (administrator), 15 and 16 (not). */
  readonly users?: readonly UserOptions[];
  /** Whose token the handle carries; default 1, an administrator. */
  readonly userId?: number;
  /** Scopes of the application; default every scope that unlocks an event. */
  readonly scope?: readonly string[];
  /** Answers of `feature.get`; default `rest_auth_connector` and `rest_offline_extended` Y, all others N. */
  readonly features?: Readonly<Record<string, string>>;
  /** An app with an installer page (`ui`) starts not installed, one without (`api-only`, the default) installed. */
  readonly kind?: 'ui' | 'api-only';
  /** `app.info` INSTALLED; default by kind. */
  readonly installed?: boolean;
  readonly paymentExpired?: boolean;
  readonly version?: number;
  readonly language?: string;
  /** Installer page of a `ui` app; `ONAPPINSTALL` callback of an `api-only` one, which also gets the platform's own row. */
  readonly applicationUrl?: string;
  readonly rows?: readonly SeedRow[];
  /** App options (`app.option.get`) at the start. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Smart process type ids: `ONCRMDYNAMICITEMADD_147` exists only when 147 is among them. */
  readonly crmTypeIds?: readonly number[];
  readonly switches?: Partial<Switches>;
}

export interface UserOptions {
  readonly id: number;
  readonly admin?: boolean;
  readonly active?: boolean;
  readonly name?: string;
  readonly lastName?: string;
}

/** A row put on the portal past the checks of `event.bind`. */
export interface SeedRow {
  readonly event: string;
  readonly handler?: string;
  readonly auth_type?: number;
  /** Default: `offline` when there is no handler. */
  readonly event_type?: 'online' | 'offline';
  readonly auth_connector?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Behaviour on which servers differ or which the sources leave open. */
export interface Switches {
  /** `auth_type` of `event.get` rows: the documented string (default) or a number. */
  readonly authTypeAs: 'string' | 'number';
  /** Whether `time` carries `operating` and `operating_reset_at`, as on portals with the limiter on. Default true. */
  readonly operating: boolean;
  /** Handlers that differ only by case are one, as in most MySQL collations. Default true. */
  readonly caseInsensitiveHandlers: boolean;
  /** HTTP status of `insufficient_scope`: 401 as the server's code has it (default) or 403 as documented. */
  readonly scopeErrorStatus: 401 | 403;
  /** An old refresh token keeps working after it was used. Default false: single use. */
  readonly tolerantRefresh: boolean;
  /** The portal keeps the authorisation server's verdict on a token, good or bad, for an hour. Default false. */
  readonly tokenCache: boolean;
  /** Requests per source address: `capacity` at once, draining `perSecond`. Default 50 and 2; false switches it off. */
  readonly leakyBucket: { readonly capacity: number; readonly perSecond: number } | false;
  /** Operating seconds per method and ten minutes before `OPERATION_TIME_LIMIT`. Default 480. */
  readonly operatingLimitSeconds: number;
  /** Seconds each call of a method is said to take; unnamed methods take none. */
  readonly operatingSecondsPerCall: Readonly<Record<string, number>>;
  /** Whether a batch's operating time is billed to the methods inside (default) or to `batch`. */
  readonly batchBilling: 'inner' | 'batch';
  /** `app.option.set` always fails. Default false. */
  readonly refuseOptions: boolean;
  /** Updates send `ONAPPUPDATE`, as documented; newer servers have no sender. Default false. */
  readonly sendsUpdateEvent: boolean;
}

export const defaultSwitches: Switches = {
  authTypeAs: 'string',
  operating: true,
  caseInsensitiveHandlers: true,
  scopeErrorStatus: 401,
  tolerantRefresh: false,
  tokenCache: false,
  leakyBucket: { capacity: 50, perSecond: 2 },
  operatingLimitSeconds: 480,
  operatingSecondsPerCall: {},
  batchBilling: 'inner',
  refuseOptions: false,
  sendsUpdateEvent: false,
};
