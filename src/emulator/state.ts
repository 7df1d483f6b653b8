/** Everything the emulator remembers: the world (one application, one authorisation server) and each portal in it. */
import { createHash } from 'node:crypto';
import type { Delivery } from './delivery.ts';
import type { FaultStore } from './faults.ts';
import type { Limiter } from './limits.ts';
import type { OfflineQueue } from './offline-queue.ts';
import type { Outbound, PortalOptions, RequestLog, SeedRow, Switches, UserOptions } from './options.ts';
import type { LoggedRequest } from './request-log.ts';
import type { PortalBook } from './portal-book.ts';
import type { Row, RowStore } from './rows.ts';
import type { RestError } from './rest-error.ts';
import type { Chain, Pair, TokenStore } from './tokens.ts';

export interface User {
  readonly id: number;
  admin: boolean;
  active: boolean;
  name: string;
  lastName: string;
}

/** The application's installation on one portal. */
export interface Installation {
  kind: 'ui' | 'api-only';
  /** False after uninstall: every token answers APPLICATION_NOT_FOUND. */
  isPresent: boolean;
  /** The delivery gate: `app.info` INSTALLED. */
  isInstalled: boolean;
  paymentExpired: boolean;
  version: number;
  scope: readonly string[];
  applicationUrl: string | undefined;
}

/** How many requests are being answered. */
export interface Traffic {
  now: number;
}

/** What the portal remembers of the authorisation server's answer about a token. */
export interface Verdict {
  readonly until: number;
  readonly error: RestError | undefined;
  readonly scope: readonly string[];
}

/** An incoming webhook: whose it is and what it may; undefined = what the application may. */
export interface Webhook {
  readonly userId: number;
  readonly scope: readonly string[] | undefined;
}

/** What stays the same when the emulator is reset: the options and the secrets made for them. */
export interface PortalDefinition {
  readonly number: number;
  readonly options: PortalOptions;
  readonly memberId: string;
  readonly portalKey: string;
  readonly pair: Pair;
}

export interface PortalState {
  readonly definition: PortalDefinition;
  readonly memberId: string;
  /** Path before `/rest/`: empty for the first portal. */
  readonly prefix: string;
  /** Changes when the portal is renamed. */
  origin: string;
  /** The name it was given; undefined follows the origin. */
  domain: string | undefined;
  readonly edition: 'cloud' | 'box';
  readonly users: Map<number, User>;
  readonly rows: RowStore;
  readonly options: Map<string, unknown>;
  readonly features: Map<string, string>;
  readonly app: Installation;
  readonly queue: OfflineQueue;
  readonly limiter: Limiter;
  readonly crmTypeIds: ReadonlySet<number>;
  readonly language: string;
  switches: Switches;
  /** The chain whose tokens the handle shows. */
  chain: Chain;
  readonly verdicts: Map<string, Verdict>;
  /** The user the portal made for the application itself, once it has. */
  systemUserId: number | undefined;
  /** The authorisation server renews none of its tokens before it is paid. */
  isUnpaid: boolean;
  isDeleted: boolean;
  readonly traffic: Traffic;
  /** By their secret. */
  readonly webhooks: Map<string, Webhook>;
  /** Ids of registered bots by their code, and of their commands by bot and name. */
  readonly bots: Map<string, number>;
  readonly botCommands: Map<string, number>;
  /** When each ONOFFLINEEVENT row was last notified, in milliseconds. */
  readonly notified: Map<number, number>;
}

export interface World {
  readonly now: () => number;
  readonly clientId: string;
  clientSecret: string;
  readonly tokenPrefix: string;
  outbound: Outbound;
  /** Origin of the portals' server, without a slash at the end. */
  origin: string;
  /** Where renamed portals are. */
  movedOrigin: string;
  oauthOrigin: string;
  readonly tokens: TokenStore;
  readonly faults: FaultStore;
  requestLog: RequestLog;
  /** Of the authorisation server. */
  readonly traffic: Traffic;
  readonly portals: PortalBook;
  requests: LoggedRequest[];
  nextRequestIndex: number;
  deliveries: Delivery[];
}

export function setUser(portal: PortalState, user: UserOptions): void {
  const before = portal.users.get(user.id);
  portal.users.set(user.id, {
    id: user.id,
    admin: user.admin ?? before?.admin ?? false,
    active: user.active ?? before?.active ?? true,
    name: user.name ?? before?.name ?? '',
    lastName: user.lastName ?? before?.lastName ?? '',
  });
}

export function addSeedRow(portal: PortalState, seed: SeedRow): Row {
  const offline = (seed.event_type ?? (seed.handler === undefined ? 'offline' : 'online')) === 'offline';
  return portal.rows.add({
    event: seed.event.toUpperCase(),
    handler: offline ? '' : (seed.handler ?? ''),
    userId: offline ? 0 : (seed.auth_type ?? 0),
    connector: seed.auth_connector ?? '',
    options: seed.options ?? {},
    offline,
  });
}

/** A row the platform makes itself, at the address where the application is installed. */
export function addPlatformRow(portal: PortalState, event: 'ONAPPINSTALL' | 'ONAPPUSERREADY', url: string): Row {
  return addSeedRow(portal, { event, handler: url });
}

export function clientEndpoint(portal: PortalState): string {
  return `${portal.origin}${portal.prefix}/rest/`;
}

/** Before it was ever renamed. */
export function formerEndpoint(world: World, portal: PortalState): string {
  return `${world.origin}${portal.prefix}/rest/`;
}

export function domainOf(portal: PortalState): string {
  return portal.domain ?? new URL(portal.origin).host;
}

/** Whether the application is there to be given tokens for. */
export function isThere({ app, isDeleted }: PortalState): boolean {
  return app.isPresent && !isDeleted;
}

/** The self-hosted edition has every feature and asks nobody. */
export function hasFeature(portal: PortalState, code: string): boolean {
  return portal.edition === 'box' || portal.features.get(code) === 'Y';
}

/** Derived, hence stable over updates and reinstalls, and another one after the client secret changed. */
export function applicationToken(world: World, portal: PortalState): string {
  const parts = [portal.memberId, world.clientId, world.clientSecret, portal.definition.portalKey];
  return world.tokenPrefix + createHash('md5').update(parts.join('|')).digest('hex');
}

export function isAdmin(user: User): boolean {
  return user.admin && user.active;
}
