/** A portal from the outside: everything a test or the control interface can see and do there. */
import { deliver } from './delivery.ts';
import type { Delivery } from './delivery.ts';
import { openFrame } from './frame.ts';
import type { Frame, FrameOptions } from './frame.ts';
import { install, uninstall, update } from './lifecycle.ts';
import type { InstallOptions, InstallResult, UpdateOptions } from './lifecycle.ts';
import type { SeedRow, Switches } from './options.ts';
import type { Row, RowChange } from './rows.ts';
import { addSeedRow, applicationToken, clientEndpoint, domainOf, setUser } from './state.ts';
import type { PortalState, World } from './state.ts';
import type { Pair } from './tokens.ts';

/** Whatever a client needs to work with one portal. */
export interface PortalCredentials {
  readonly clientEndpoint: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly memberId: string;
  /** Origin of the authorisation server. */
  readonly oauthUrl: string;
}

/** One emulated portal. */
export interface PortalHandle {
  readonly memberId: string;
  /** Current address of the REST interface; another one after `rename()`. */
  readonly clientEndpoint: string;
  /** The name it was given, else the host and port of its address. */
  readonly domain: string;
  /** Current pair of the handle's own chain; it moves on when a client refreshes it. */
  readonly accessToken: string;
  readonly refreshToken: string;
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
  token(userId: number, options?: { readonly scope?: readonly string[]; readonly expired?: boolean }): Pair;
  /** The address of a new incoming webhook of this user, default the handle's; `scope` defaults to the application's. */
  webhook(userId?: number, options?: { readonly scope?: readonly string[] }): string;
  /** Adds a row past all checks. */
  addRow(row: SeedRow): Row;
  removeRow(id: number): void;
  setOption(name: string, value: unknown): void;
  clearOptions(): void;
  setUser(user: { readonly id: number; readonly admin?: boolean; readonly active?: boolean }): void;
  setScope(scope: readonly string[]): void;
  setFeature(code: string, value: string): void;
  setSwitches(switches: Partial<Switches>): void;
  /** Every access token given out so far is past its hour. */
  expireTokens(): void;
  /** No refresh token given out so far works any more. */
  killRefreshChain(): void;
  setPaymentExpired(on: boolean): void;
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
  openFrame(options?: FrameOptions): Frame;
  /**
   * Makes an event happen. `userId`: who acted, default the handle's user, 0 = nobody; `accessToken`: acted by REST with this
   * token; `connector`: caused by the application's own call with this connector, so its own queue does not hear of it.
   */
  fire(
    event: string,
    data: Record<string, unknown>,
    options?: { readonly userId?: number; readonly accessToken?: string; readonly connector?: string },
  ): Promise<readonly Delivery[]>;
  /** A code for the `authorization_code` grant; lives 30 seconds. */
  oauthCode(userId?: number): string;
}

/** `portal` is asked each time: a reset replaces the state behind the handle. */
export function portalHandle(
  world: World,
  portal: () => PortalState,
  rename: (portal: PortalState, domain?: string) => Promise<void>,
): PortalHandle {
  return {
    get memberId() {
      return portal().memberId;
    },
    get clientEndpoint() {
      return clientEndpoint(portal());
    },
    get domain() {
      return domainOf(portal());
    },
    get accessToken() {
      return portal().chain.accessToken;
    },
    get refreshToken() {
      return portal().chain.refreshToken;
    },
    get applicationToken() {
      return applicationToken(world, portal());
    },
    get credentials() {
      const { accessToken, refreshToken } = portal().chain;
      return {
        clientEndpoint: clientEndpoint(portal()),
        accessToken,
        refreshToken,
        clientId: world.clientId,
        clientSecret: world.clientSecret,
        memberId: portal().memberId,
        oauthUrl: world.oauthOrigin,
      };
    },
    get rows() {
      return portal().rows.all();
    },
    get history() {
      return portal().rows.history;
    },
    get options() {
      return Object.fromEntries(portal().options);
    },
    token: (userId, options = {}) => {
      const { accessToken, refreshToken } = world.tokens.issue({
        memberId: portal().memberId,
        userId,
        scope: options.scope,
      });
      const issued = world.tokens.access(accessToken);
      if (options.expired === true && issued !== undefined) issued.expiresAt = world.now();
      return { accessToken, refreshToken };
    },
    webhook: (userId, options) => {
      const owner = userId ?? portal().chain.userId;
      const secret = world.tokens.secret(8);
      portal().webhooks.set(secret, { userId: owner, scope: options?.scope });
      return `${clientEndpoint(portal())}${owner}/${secret}/`;
    },
    addRow: (row) => addSeedRow(portal(), row),
    removeRow: (id) => {
      const row = portal().rows.get(id);
      if (row !== undefined) portal().rows.remove(row);
    },
    setOption: (name, value) => void portal().options.set(name, value),
    clearOptions: () => portal().options.clear(),
    setUser: (user) => setUser(portal(), user),
    setScope: (scope) => void (portal().app.scope = [...scope]),
    setFeature: (code, value) => void portal().features.set(code, value),
    setSwitches: (switches) => {
      portal().switches = { ...portal().switches, ...switches };
      portal().rows.reindex();
    },
    expireTokens: () => world.tokens.expire(portal().memberId),
    killRefreshChain: () => world.tokens.killRefresh(portal().memberId),
    setPaymentExpired: (on) => void (portal().app.paymentExpired = on),
    setInstalled: (on) => void (portal().app.isInstalled = on),
    install: (options) => install(world, portal(), options),
    finishInstall: () => void (portal().app.isInstalled = true),
    update: (options) => update(world, portal(), options),
    uninstall: (options) => uninstall(world, portal(), options?.clean ?? false),
    reinstall: () => install(world, portal()),
    rename: (domain) => rename(portal(), domain),
    rotateSecret: () => void (world.clientSecret = world.tokens.secret(25)),
    openFrame: (options) => openFrame(world, portal(), options),
    fire: (event, data, options = {}) => {
      const chain = options.accessToken === undefined ? undefined : world.tokens.access(options.accessToken)?.chain;
      return deliver(world, portal(), event, data, {
        userId: options.userId ?? chain?.userId ?? portal().chain.userId,
        depth: chain?.depth ?? 0,
        connector: options.connector,
      });
    },
    oauthCode: (userId) => world.tokens.code(portal().memberId, userId ?? portal().chain.userId),
  };
}
