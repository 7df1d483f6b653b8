/** Puts the parts together: an open portal from an installation, from the store, or from credentials. */
import { resolve } from 'node:path';
import type { Installation } from './installation/installation.ts';
import { holdLock } from './installation/change-installation.ts';
import { openMemoryStore } from './installation/memory-store.ts';
import type { Store } from './installation/store.ts';
import { createPortal } from './portal/client.ts';
import type { Diagnosis } from './portal/diagnose.ts';
import { createHttp, type Http } from './portal/http.ts';
import { type Credentials, openSession, sessionOf } from './portal/open-session.ts';
import { type BucketSize, createPacers } from './portal/pacing.ts';
import { askUser } from './portal/profile.ts';
import type { ProxySettings } from './portal/proxy.ts';
import type { PortalUser } from './portal/reading.ts';
import type { PortalEvent } from './portal/portal-event.ts';
import type { Session } from './portal/session.ts';
import type { Connection } from './reconcile/connection.ts';
import { openPostgresStore } from './postgres/postgres-store.ts';
import type { InspectableStore } from './records/inspectable-store.ts';
import type { StoreKey } from './records/keys.ts';
import { openFileStore } from './store/file-store.ts';
import type { StoreWarning } from './store/openness.ts';
import { parseStoreUrl } from './store/store-url.ts';

/** How to speak to a portal, whichever it is. */
export interface SpeakOptions {
  /** For one request. Default 65 000. */
  readonly timeoutMs?: number | undefined;
  /** The proxy to go through (`credentialsFromEnv` reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY). Default none. */
  readonly proxy?: ProxySettings | undefined;
  /** The portal's rate limit. Default 50 requests at once, then 2 a second. */
  readonly pacing?: BucketSize | undefined;
  /** Ends waits and requests at once; what was in flight has an unknown outcome. */
  readonly signal?: AbortSignal | undefined;
  /** Ends waiting before another try, for a limit to pass for example; what is in flight is finished. */
  readonly stop?: AbortSignal | undefined;
  /** Milliseconds since 1970: no wait for a limit is begun that would end later. */
  readonly deadlineMs?: number | undefined;
  /** Told of every request, wait, refresh and move. Never of a token. */
  readonly onEvent?: ((event: PortalEvent) => void) | undefined;
}

/** Which store, for who opens one by its URL. */
export interface StoreOptions {
  /**
   * A store, `file:DIR` with DIR against `cwd`, or `postgres://…`, for which `pg` has to be installed; `credentialsFromEnv` gives the
   * one that every command uses. Default none: nothing is written anywhere, and a token that has expired is not refreshed, because a
   * refresh token works once and the new pair would be lost with this process.
   */
  readonly store?: Store | string | undefined;
  /** Encrypt the tokens of a store that is given by its URL, and open them (`parseKeys`). Default none: tokens in the clear. */
  readonly keys?: readonly StoreKey[] | undefined;
  /** An absolute path; needed for a relative store only. */
  readonly cwd?: string | undefined;
  /** Who works here, for those who wait for the lock. Default `bitrix-events`. */
  readonly command?: string | undefined;
  /** Told when others than its owner may read or write a `file:` store. */
  readonly onWarning?: ((warning: StoreWarning) => void) | undefined;
}

/** Whose portal, where its tokens are kept, and how to speak to it. */
export interface ConnectOptions extends SpeakOptions, StoreOptions {
  /** With tokens: they seed the store. Without: the store has to know the portal. */
  readonly credentials: Credentials;
  /** Which installation of the store: its domain or member_id. */
  readonly portal?: string | undefined;
}

/** A connection that also serves the application's own calls. */
export interface OpenPortal extends Connection {
  /** The installation as it is now. */
  installation(): Installation;
  /**
   * An access token for the application's own calls to this portal, from the same chain and under the same lock as everybody else's:
   * two holders of one refresh token kill each other's chain.
   * @param refused the token that the portal has just called expired; gives another one
   * @throws PortalError `authorisation-lost`, `authorisation-expired` and the other codes of a refresh; NetworkError
   */
  accessToken(refused?: string): Promise<string>;
  /** Questions to the portal that only a diagnosis has. */
  diagnosis(): Promise<Diagnosis>;
}

/** A portal counts the requests of this machine, whoever of this process makes them. */
const pacers = createPacers();

/** Of all who were given no store: they keep nothing, and still change a portal one after the other. */
const locks = openMemoryStore();

function openNowhere(): Store {
  return { ...openMemoryStore(), lock: (...request) => locks.lock(...request) };
}

/** What open portals share: connections, and for each portal the one bucket of its rate limit. */
export interface PortalWorld extends SpeakOptions {
  readonly store: Store;
  readonly http: Http;
  /** Instead of `http` for servers of authorisation, which all portals share, see `pacedHttp`. */
  readonly authorisationHttp?: Http | undefined;
  /** Of the application; a client id that is not given is that of the record. */
  readonly application: Credentials;
}

/** Opens a portal whose installation is at hand. Makes no request; whoever gave the connections closes them. */
export function openPortal(installation: Installation, world: PortalWorld): OpenPortal {
  const { http, authorisationHttp = http } = world;
  return openWith(sessionOf(installation, { ...world, http: authorisationHttp }), world, () => Promise.resolve());
}

/**
 * Renews the tokens of an installation, under their lock, and keeps them. `found`: somebody else has renewed them meanwhile, and
 * nothing was asked.
 * @throws PortalError `authorisation-lost` and the other codes of a refresh; NetworkError; UsageError of the store
 */
export function renewTokens(installation: Installation, world: PortalWorld): Promise<'granted' | 'found'> {
  const { http, authorisationHttp = http } = world;
  return sessionOf(installation, { ...world, http: authorisationHttp }).refresh(installation.tokens.accessToken);
}

/**
 * Who the user of an installation's access token is, asked of the portal itself. Takes one request.
 * @throws PortalError, NetworkError when it does not say
 */
export function userOf(installation: Installation, world: PortalWorld): Promise<PortalUser> {
  const pacer = pacers.pacerFor(installation.clientEndpoint, world.pacing);
  return askUser({ ...world, session: sessionOf(installation, world), pacer });
}

/**
 * Opens the portal that credentials or the store name.
 * @throws UsageError `no-credentials`, `ambiguous-portal`, `unknown-portal`, `webhook-url`, `invalid-endpoint`,
 *   `insecure-endpoint`, `no-store`, `invalid-store`, `unsupported-store`, `unusable-store`, `damaged-store`, `no-key`, `wrong-key`,
 *   `invalid-proxy`, `missing-package`, `transaction-pooler`
 * @throws NetworkError `unreachable-store`
 * @throws PortalError, NetworkError when the authorisation server has to be asked whose the token is
 */
export async function connect(options: ConnectOptions): Promise<OpenPortal> {
  const { store: given = openNowhere() } = options;
  const opened = typeof given === 'string' ? openStoreAt(given, options) : undefined;
  const store = opened ?? openStore(given, options);
  const keepsTokens = options.store !== undefined;
  const http = createHttp({ timeoutMs: options.timeoutMs, proxy: options.proxy });
  const close = async (): Promise<void> => {
    await http.close();
    await opened?.close();
  };
  // In JavaScript nobody is made to give them.
  const { credentials = {}, portal, signal } = options;
  try {
    const session = await openSession({ credentials, store, portal, http, signal, keepsTokens });
    return openWith(session, { ...options, store, http }, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function openWith(
  session: Session,
  world: SpeakOptions & { readonly store: Store; readonly http: Http },
  close: () => Promise<void>,
): OpenPortal {
  const { memberId } = session.current();
  return {
    memberId,
    port: createPortal({ ...world, session, pacers }),
    lock: (lockOptions) => holdLock(world.store, memberId, 'apply', lockOptions),
    installation: () => session.current(),
    async accessToken(refused) {
      if (refused !== undefined) await session.refresh(refused);
      return session.current().tokens.accessToken;
    },
    async diagnosis() {
      const { createDiagnosis } = await import('./portal/diagnose.ts');
      return createDiagnosis({ ...world, session, pacers });
    },
    close,
  };
}

/** @throws UsageError `invalid-store` */
export function openStore(store: Store | string, options: Omit<StoreOptions, 'store'>): Store {
  return typeof store === 'string' ? openStoreAt(store, options) : store;
}

/**
 * The store in a folder or in a database; neither is touched before it is used.
 * @throws UsageError `invalid-store`
 */
export function openStoreAt(
  url: string,
  { cwd = '.', command = 'bitrix-events', keys, onWarning }: Omit<StoreOptions, 'store'>,
): InspectableStore {
  const parsed = parseStoreUrl(url);
  switch (parsed.kind) {
    case 'file':
      return openFileStore(resolve(cwd, parsed.directory), { command, keys, onWarning });
    case 'postgres':
      return openPostgresStore(parsed.url, { command, keys });
  }
}
