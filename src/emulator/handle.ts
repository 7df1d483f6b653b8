/** A portal from the outside: everything a test or the control interface can see and do there. */
import type { Delivery } from './delivery.ts';
import type { Frame, FrameOptions } from './frame.ts';
import type { InstallOptions, InstallResult, UpdateOptions } from './lifecycle.ts';
import type { SeedRow, Switches } from './options.ts';
import type { Row, RowChange } from './rows.ts';
import type { Pair } from './tokens.ts';

/** Whatever a client needs to work with one portal. */
export interface PortalCredentials {
  /** Address of the REST interface at the time of asking; another one after `rename()`. */
  readonly clientEndpoint: string;
  /** Of the handle's own chain at the time of asking. */
  readonly accessToken: string;
  /** Of the same pair. */
  readonly refreshToken: string;
  /** The application's id, the same on all portals. */
  readonly clientId: string;
  /** The application's secret; another one after `rotateSecret()`. */
  readonly clientSecret: string;
  /** `member_id`, which renaming, updates and reinstallation leave as it is (F114, F120). */
  readonly memberId: string;
  /** Origin of the authorisation server. */
  readonly oauthUrl: string;
}

/** What a new chain is made with. */
export interface TokenOptions {
  /** What its tokens may do. Default: whatever the application may when they are used. */
  readonly scope?: readonly string[];
  /** Its access token is past its hour already; the refresh token works. Default false. */
  readonly expired?: boolean;
}

/** Who makes an event happen, and how. */
export interface FireOptions {
  /** Who acted; 0 = nobody, and rows of user 0 get no tokens (F128). Default that of `accessToken`, else the handle's. */
  readonly userId?: number;
  /** By REST with this token. One that an event brought counts: what handlers do themselves is cut after seven levels (F132). */
  readonly accessToken?: string;
  /** Of the application's own call that caused it; its own queue does not hear of it (F151). */
  readonly connector?: string;
}

/** One emulated portal. */
export interface PortalHandle {
  /** `member_id`, which renaming, updates and reinstallation leave as it is (F114, F120). */
  readonly memberId: string;
  /** Current address of the REST interface; another one after `rename()`. */
  readonly clientEndpoint: string;
  /** Where it was before any renaming: what an application knows that has not heard of one. */
  readonly formerEndpoint: string;
  /** The name it was given, else the host and port of its address. */
  readonly domain: string;
  /** Current pair of the handle's own chain; it moves on when a client refreshes it. */
  readonly accessToken: string;
  /** Of the same pair. */
  readonly refreshToken: string;
  /** What every event and frame of this portal brings; another one after `rotateSecret()` (F120). */
  readonly applicationToken: string;
  /** What `connect({ credentials })` takes; every address in it is on this machine. */
  readonly credentials: PortalCredentials;
  /** Live rows with their hidden columns, oldest first. */
  readonly rows: readonly Row[];
  /** Every change of the rows since start or reset, in order. */
  readonly history: readonly RowChange[];
  /** The application's options on this portal. */
  readonly options: Readonly<Record<string, unknown>>;
  /** A chain of its own for a user, `expired` with an access token past its hour. */
  token(userId: number, options?: TokenOptions): Pair;
  /** The address of a new incoming webhook of this user, default the handle's; `scope` defaults to the application's. */
  webhook(userId?: number, options?: Pick<TokenOptions, 'scope'>): string;
  /** Adds a row past all checks. */
  addRow(row: SeedRow): Row;
  /** Removes a row past all checks; an id that is not there is no error. */
  removeRow(id: number): void;
  /** Sets one of the application's options, whatever `app.option.set` would say. */
  setOption(name: string, value: unknown): void;
  /** Removes all of the application's options, ledgers included. */
  clearOptions(): void;
  /** Adds a user, by default active and no administrator, or changes what is given of one. */
  setUser(user: { readonly id: number; readonly admin?: boolean; readonly active?: boolean }): void;
  /** What the application may do from now on, with earlier tokens too, unless they have a scope of their own. */
  setScope(scope: readonly string[]): void;
  /** What `feature.get` answers to this code; `Y` switches it on. */
  setFeature(code: string, value: string): void;
  /** Those given; all others stay as they are. */
  setSwitches(switches: Partial<Switches>): void;
  /** Every access token given out so far is past its hour. */
  expireTokens(): void;
  /** No refresh token given out so far works any more. */
  killRefreshChain(): void;
  /** `app.info` PAYMENT_EXPIRED: while true, events are dropped (F113). */
  setPaymentExpired(on: boolean): void;
  /** The authorisation server answers PAYMENT_REQUIRED to who would renew a token. */
  setUnpaid(on: boolean): void;
  /** The portal answers PORTAL_DELETED to every call, and its tokens are renewed no more. */
  setDeleted(on: boolean): void;
  /** `app.info` INSTALLED: while false, events are dropped (F112). */
  setInstalled(on: boolean): void;
  /** Installs the application (again): new tokens; without an interface and with a callback it posts ONAPPINSTALL, always for real. */
  install(options?: InstallOptions): Promise<InstallResult>;
  /** What `BX24.installFinish()` does. */
  finishInstall(): void;
  /** A new version: rows and tokens stay; an application with an interface is silent until its installation is finished. */
  update(options?: UpdateOptions): Promise<InstallResult>;
  /** Deletes the application; `clean` (default false) takes its options too. */
  uninstall(options?: { readonly clean?: boolean }): Promise<void>;
  /** Installs as before. */
  reinstall(): Promise<InstallResult>;
  /** Moves the portal to another port, and to this name if it goes by one; the old address answers 302. */
  rename(domain?: string): Promise<void>;
  /** A new client secret for the application, on all portals; application tokens change with it. */
  rotateSecret(): void;
  /** What the portal posts when a user opens the application, with new tokens of that user (F122). Posts nothing. */
  openFrame(options?: FrameOptions): Frame;
  /**
   * Makes an event happen. `userId`: who acted, default the handle's user, 0 = nobody; `accessToken`: acted by REST with this
   * token; `connector`: caused by the application's own call with this connector, so its own queue does not hear of it.
   */
  fire(event: string, data: Record<string, unknown>, options?: FireOptions): Promise<readonly Delivery[]>;
  /** A code for the `authorization_code` grant; lives 30 seconds. */
  oauthCode(userId?: number): string;
}
