/** What a caller may set when starting the emulator or adding a portal. */

export const outbounds = ['capture', 'send'] as const;

/** What becomes of an event post. `capture`: it is recorded only. `send`: it goes to the handler as well. */
export type Outbound = (typeof outbounds)[number];

/** Every `RequestLog`, for whoever reads one. */
export const requestLogs = ['whole', 'facts', 'off'] as const;

/** What is kept of each request. `whole`: all of it. `facts`: all but what was sent and answered. `off`: nothing. */
export type RequestLog = (typeof requestLogs)[number];

/** Every `Condition`, for whoever reads one. */
export const conditions = ['well', 'renamed', 'expired', 'lost', 'unpaid', 'removed', 'deleted'] as const;

/**
 * What has become of a portal. `renamed`: it has moved, and its former address answers 302. `expired`: its access token is past its
 * hour. `lost`: its refresh token is dead too. `unpaid`: its token is past its hour, and the authorisation server wants payment
 * before it renews it. `removed`: the application was deleted there. `deleted`: the portal is no more.
 */
export type Condition = (typeof conditions)[number];

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
  /** The application's secret; random by default. */
  readonly clientSecret?: string;
  /** A marker put into every token and secret generated, so that a suite can search its outputs for it. */
  readonly tokenPrefix?: string;
  /** The first portal. */
  readonly portal?: PortalOptions;
  /** Further portals that stand from the start and come back with every reset, each below an address of its own. */
  readonly portals?: readonly PortalOptions[];
  /** Event delivery: recorded only (`capture`, the default) or really posted to the handlers (`send`). */
  readonly outbound?: Outbound;
  /** Default `whole`; with thousands of portals the answers are most of the memory. */
  readonly requestLog?: RequestLog;
}

/** One portal and the application's installation on it. */
export interface PortalOptions {
  /** Default 32 random hexadecimal digits. Two portals cannot share one. */
  readonly memberId?: string;
  /**
   * The host name the portal goes by in events, frames and tokens, where applications expect one like
   * `acme.bitrix24.com`. Its address stays on this machine. Default the host and port of that address.
   */
  readonly domain?: string;
  /** A portal of the vendor's cloud (the default), or the self-hosted edition: every feature there, no limits, no plan. */
  readonly edition?: 'cloud' | 'box';
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
  /** `app.info` PAYMENT_EXPIRED: while true, events are dropped (F113). Default false. */
  readonly paymentExpired?: boolean;
  /** The application's, `app.info` VERSION. Default 1. */
  readonly version?: number;
  /** Such as `de`: in frames, in `app.info` and in events about the application. Default `en`. */
  readonly language?: string;
  /** Installer page of a `ui` app; `ONAPPINSTALL` callback of an `api-only` one, which also gets the platform's own row. */
  readonly applicationUrl?: string;
  /** Rows that stand from the start, past the checks of `event.bind`. Default none. */
  readonly rows?: readonly SeedRow[];
  /** App options (`app.option.get`) at the start. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Smart process type ids: `ONCRMDYNAMICITEMADD_147` exists only when 147 is among them. */
  readonly crmTypeIds?: readonly number[];
  /** Those that differ from the edition's defaults. */
  readonly switches?: Partial<Switches>;
  /** How it stands at the start. Default `well`. */
  readonly condition?: Condition;
}

/** Portals that are alike. */
export interface PortalsOptions extends Omit<PortalOptions, 'memberId' | 'domain'> {
  /** How many to make. */
  readonly count: number;
  /** Their member ids are this, a hyphen and a number from 1. Default random ones. */
  readonly name?: string;
}

/** A user of the portal. */
export interface UserOptions {
  /** From 1; a user with this id that is there is changed. */
  readonly id: number;
  /** Default false. */
  readonly admin?: boolean;
  /** Default true; a dismissed user's tokens are refused. */
  readonly active?: boolean;
  /** Given name, as `profile` shows it. Default empty. */
  readonly name?: string;
  /** Family name, as `profile` shows it. Default empty. */
  readonly lastName?: string;
}

/** A row put on the portal past the checks of `event.bind`. */
export interface SeedRow {
  /** In any letter case. */
  readonly event: string;
  /** Stored as it is, byte for byte; not at all for an offline row. */
  readonly handler?: string;
  /** Whose token the handler gets; default 0, whoever acted. */
  readonly auth_type?: number;
  /** Default: `offline` when there is no handler. */
  readonly event_type?: 'online' | 'offline';
  /** Default empty. Kept on online rows too, where nobody sees it (F28). */
  readonly auth_connector?: string;
  /** Kept as they are. Default none. */
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
  /** What answers of the authorisation server call `scope`: the word `app`, as captured (default), or the scopes. */
  readonly tokenScope: 'app' | 'list';
  /** `ONAPPINSTALL` without `expires` and `user_id`, and with the old spelling `server_andpoint`. Default false. */
  readonly sparseInstall: boolean;
  /** When an installation posts `ONAPPUSERREADY` with the tokens of a system user: not at all (default), or around `ONAPPINSTALL`. */
  readonly userReady: 'never' | 'before' | 'after';
  /** How long every REST answer of the portal takes, in milliseconds. Default 0. */
  readonly latencyMs: number;
  /** `app.option.set` always fails. Default false. */
  readonly refuseOptions: boolean;
  /** Updates send `ONAPPUPDATE`, as documented; newer servers have no sender. Default false. */
  readonly sendsUpdateEvent: boolean;
}

/** Where the self-hosted edition differs: it limits nothing. */
export const boxSwitches: Partial<Switches> = { operating: false, leakyBucket: false };

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
  tokenScope: 'app',
  sparseInstall: false,
  userReady: 'never',
  latencyMs: 0,
  refuseOptions: false,
  sendsUpdateEvent: false,
};
