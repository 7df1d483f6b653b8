/** Installing, updating, finishing, deleting: what each does to rows, tokens, options and the delivery gate. */
import { authFields, deliver } from './delivery.ts';
import type { Delivery } from './delivery.ts';
import { addPlatformRow, applicationToken, setUser } from './state.ts';
import type { PortalState, World } from './state.ts';

/** What is installed, and by whom. */
export interface InstallOptions {
  /** With an interface (`ui`), or without. Default as before. */
  readonly kind?: 'ui' | 'api-only';
  /** Installer page, or callback of an `api-only` application. Default as before. */
  readonly applicationUrl?: string;
  /** The installing user; default the handle's. */
  readonly userId?: number;
  /** The application's. Default as before. */
  readonly version?: number;
}

/** What came of an installation or update. */
export interface InstallResult {
  /** The handle's from now on. */
  readonly accessToken: string;
  /** Of the same pair. */
  readonly refreshToken: string;
  /** The same as before, unless the client secret has changed (F120). */
  readonly applicationToken: string;
  /** The ONAPPINSTALL post of an application without an interface that has a callback address. */
  readonly delivery?: Delivery;
  /** The ONAPPUSERREADY post, on a portal switched to send one. */
  readonly userReady?: Delivery;
  /** The callback's answer. */
  readonly status?: number;
  /** The text of that answer. */
  readonly body?: string;
  /** Why the callback could not be reached. */
  readonly error?: string;
}

export async function install(world: World, portal: PortalState, options: InstallOptions = {}): Promise<InstallResult> {
  const { app } = portal;
  app.kind = options.kind ?? app.kind;
  app.applicationUrl = options.applicationUrl ?? app.applicationUrl;
  app.version = options.version ?? app.version;
  app.isPresent = true;
  app.isInstalled = app.kind === 'api-only';
  portal.verdicts.clear();
  portal.chain = world.tokens.issue({ memberId: portal.memberId, userId: options.userId ?? portal.chain.userId });
  const when = portal.switches.userReady;
  const before = when === 'before' ? await presentSystemUser(world, portal) : undefined;
  const result = await announce(world, portal);
  const userReady = when === 'after' ? await presentSystemUser(world, portal) : before;
  return userReady === undefined ? result : { ...result, userReady };
}

/** Makes the application a user of its own, once, and posts that user's tokens to where it is installed. */
async function presentSystemUser(world: World, portal: PortalState): Promise<Delivery | undefined> {
  const { applicationUrl } = portal.app;
  if (applicationUrl === undefined || portal.systemUserId !== undefined) return undefined;
  const userId = Math.max(...portal.users.keys()) + 1;
  portal.systemUserId = userId;
  setUser(portal, { id: userId, admin: true, name: 'Application' });
  const chain = world.tokens.issue({ memberId: portal.memberId, userId });
  const tokens = Object.entries(authFields(world, portal, chain, true)).filter(
    ([name]) => name !== 'application_token',
  );
  const data = { client_id: world.clientId, ...Object.fromEntries(tokens) };
  const row = addPlatformRow(portal, 'ONAPPUSERREADY', applicationUrl);
  const cause = { userId: portal.chain.userId, sends: true, row };
  const [delivery] = await deliver(world, portal, 'ONAPPUSERREADY', data, cause);
  return delivery;
}

/** What an update of the application changes. */
export interface UpdateOptions {
  /** Default one more than before. */
  readonly version?: number;
  /** What the application may do from now on. Default as before. */
  readonly scope?: readonly string[];
}

export async function update(world: World, portal: PortalState, options: UpdateOptions = {}): Promise<InstallResult> {
  const { app } = portal;
  const before = app.version;
  app.version = options.version ?? before + 1;
  app.scope = options.scope ?? app.scope;
  const data = { VERSION: app.version, PREVIOUS_VERSION: before, LANGUAGE_ID: portal.language };
  if (portal.switches.sendsUpdateEvent) {
    await deliver(world, portal, 'ONAPPUPDATE', data, { userId: portal.chain.userId });
  }
  if (app.kind === 'ui') app.isInstalled = false;
  return announce(world, portal);
}

/** Rewrites the ONAPPINSTALL rows as newer servers do, and posts to the callback where there is one. */
async function announce(world: World, portal: PortalState): Promise<InstallResult> {
  const { app, chain } = portal;
  const tokens = {
    accessToken: chain.accessToken,
    refreshToken: chain.refreshToken,
    applicationToken: applicationToken(world, portal),
  };
  for (const row of portal.rows.ofEvent('ONAPPINSTALL')) portal.rows.remove(row);
  if (app.kind !== 'api-only' || app.applicationUrl === undefined) return tokens;
  const row = addPlatformRow(portal, 'ONAPPINSTALL', app.applicationUrl);
  const data = { VERSION: app.version, ACTIVE: 'Y', INSTALLED: 'Y', LANGUAGE_ID: portal.language };
  const [delivery] = await deliver(world, portal, 'ONAPPINSTALL', data, { userId: chain.userId, sends: true, row });
  if (delivery === undefined) return tokens;
  const { status, responseBody, error } = delivery;
  return {
    ...tokens,
    delivery,
    ...(status === undefined ? {} : { status }),
    ...(responseBody === undefined ? {} : { body: responseBody }),
    ...(error === undefined ? {} : { error }),
  };
}

/** Deletes the application: its rows, queues and tokens go, its options only with cleaning. */
export async function uninstall(world: World, portal: PortalState, clean: boolean): Promise<void> {
  if (!portal.app.isPresent) return;
  const data = { CLEAN: clean ? '1' : '0', LANGUAGE_ID: portal.language };
  const posted = deliver(world, portal, 'ONAPPUNINSTALL', data, { userId: portal.chain.userId });
  for (const row of portal.rows.all()) portal.rows.remove(row);
  portal.queue.clear();
  portal.notified.clear();
  if (clean) portal.options.clear();
  portal.app.isPresent = false;
  portal.app.isInstalled = false;
  world.tokens.revoke(portal.memberId);
  await posted;
}
