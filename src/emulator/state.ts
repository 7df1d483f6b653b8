/** Everything the emulator remembers: the world (one application, one authorisation server) and each portal in it. */
import { createHash, randomBytes } from 'node:crypto';
import type { Delivery } from './delivery.ts';
import { allScopes } from './events.ts';
import type { FaultStore } from './faults.ts';
import { Limiter } from './limits.ts';
import { OfflineQueue } from './offline-queue.ts';
import { boxSwitches, defaultSwitches } from './options.ts';
import type { Outbound, PortalOptions, SeedRow, Switches, UserOptions } from './options.ts';
import type { LoggedRequest } from './request-log.ts';
import type { PortalBook } from './portal-book.ts';
import { RowStore } from './rows.ts';
import type { Row } from './rows.ts';
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
  oauthOrigin: string;
  readonly tokens: TokenStore;
  readonly faults: FaultStore;
  readonly portals: PortalBook;
  requests: LoggedRequest[];
  nextRequestIndex: number;
  deliveries: Delivery[];
}

const defaultUsers: readonly UserOptions[] = [
  { id: 1, admin: true, name: 'Ada', lastName: 'Admin' },
  { id: 15, name: 'Uma', lastName: 'User' },
  { id: 16, name: 'Otto', lastName: 'Other' },
];

const defaultFeatures = { rest_auth_connector: 'Y', rest_offline_extended: 'Y' };

/** Settles what is generated for a portal, once: a reset goes back to exactly this. */
export function definePortal(world: World, number: number, options: PortalOptions): PortalDefinition {
  return {
    number,
    options,
    memberId: options.memberId ?? randomBytes(16).toString('hex'),
    portalKey: randomBytes(16).toString('hex'),
    pair: world.tokens.pair(),
  };
}

export function createPortal(world: World, definition: PortalDefinition): PortalState {
  const { options } = definition;
  let isSeeding = true;
  const kind = options.kind ?? 'api-only';
  const edition = options.edition ?? 'cloud';
  const portal: PortalState = {
    definition,
    memberId: definition.memberId,
    prefix: definition.number === 1 ? '' : `/portals/${definition.number}`,
    origin: world.origin,
    domain: options.domain,
    edition,
    users: new Map(),
    rows: new RowStore(
      () => portal.switches.caseInsensitiveHandlers,
      () => (isSeeding ? -1 : world.nextRequestIndex),
      definition.number * 1000 + 1,
    ),
    options: new Map(Object.entries(options.options ?? {})),
    features: new Map(Object.entries({ ...(edition === 'cloud' ? defaultFeatures : {}), ...options.features })),
    app: {
      kind,
      isPresent: true,
      isInstalled: options.installed ?? kind === 'api-only',
      paymentExpired: options.paymentExpired ?? false,
      version: options.version ?? 1,
      scope: options.scope ?? allScopes,
      applicationUrl: options.applicationUrl,
    },
    queue: new OfflineQueue(world.now),
    limiter: new Limiter(world.now),
    crmTypeIds: new Set(options.crmTypeIds),
    language: options.language ?? 'en',
    switches: { ...defaultSwitches, ...(edition === 'box' ? boxSwitches : {}), ...options.switches },
    chain: world.tokens.issue({ memberId: definition.memberId, userId: options.userId ?? 1 }, definition.pair),
    verdicts: new Map(),
    systemUserId: undefined,
    webhooks: new Map(),
    bots: new Map(),
    botCommands: new Map(),
    notified: new Map(),
  };
  for (const user of options.users ?? defaultUsers) setUser(portal, user);
  for (const row of options.rows ?? []) addSeedRow(portal, row);
  if (kind === 'api-only' && options.applicationUrl !== undefined)
    addPlatformRow(portal, 'ONAPPINSTALL', options.applicationUrl);
  isSeeding = false;
  return portal;
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

export function domainOf(portal: PortalState): string {
  return portal.domain ?? new URL(portal.origin).host;
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
