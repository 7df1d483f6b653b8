/** A portal as it stands at the start, from its options. */
import { randomBytes } from 'node:crypto';
import { allScopes } from './events.ts';
import { Limiter } from './limits.ts';
import { OfflineQueue } from './offline-queue.ts';
import { boxSwitches, defaultSwitches } from './options.ts';
import type { Condition, PortalOptions, Switches, UserOptions } from './options.ts';
import { RowStore } from './rows.ts';
import { addPlatformRow, addSeedRow, setUser } from './state.ts';
import type { PortalDefinition, PortalState, World } from './state.ts';

const defaultUsers: readonly UserOptions[] = [
  { id: 1, admin: true, name: 'Ada', lastName: 'Admin' },
  { id: 15, name: 'Uma', lastName: 'User' },
  { id: 16, name: 'Otto', lastName: 'Other' },
];

const noTypes: ReadonlySet<number> = new Set();

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
    crmTypeIds: options.crmTypeIds === undefined ? noTypes : new Set(options.crmTypeIds),
    language: options.language ?? 'en',
    switches: switchesOf(edition, options.switches),
    chain: world.tokens.issue({ memberId: definition.memberId, userId: options.userId ?? 1 }, definition.pair),
    verdicts: new Map(),
    systemUserId: undefined,
    isUnpaid: false,
    isDeleted: false,
    traffic: { now: 0 },
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
  befall(world, portal, options.condition ?? 'well');
  return portal;
}

/** Most portals are as all are, and there may be thousands. */
function switchesOf(edition: PortalState['edition'], given: Partial<Switches> | undefined): Switches {
  if (edition === 'cloud' && given === undefined) return defaultSwitches;
  return { ...defaultSwitches, ...(edition === 'box' ? boxSwitches : {}), ...given };
}

/** What may have become of it before the first request comes. */
function befall({ movedOrigin, tokens }: World, portal: PortalState, condition: Condition): void {
  const { memberId } = portal;
  switch (condition) {
    case 'well':
      break;
    case 'renamed':
      portal.origin = movedOrigin;
      break;
    case 'expired':
      tokens.expire(memberId);
      break;
    case 'lost':
      tokens.expire(memberId);
      tokens.killRefresh(memberId);
      break;
    case 'unpaid':
      tokens.expire(memberId);
      portal.app.paymentExpired = true;
      portal.isUnpaid = true;
      break;
    case 'removed':
      // As after `uninstall`, except that nobody is told.
      for (const row of portal.rows.all()) portal.rows.remove(row);
      Object.assign(portal.app, { isPresent: false, isInstalled: false });
      tokens.revoke(memberId);
      break;
    case 'deleted':
      portal.isDeleted = true;
  }
}
