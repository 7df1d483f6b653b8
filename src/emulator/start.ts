/** Starts the emulator: two servers, one application, a first portal, and the handle on all of it. */
import { randomBytes, randomInt } from 'node:crypto';
import { control } from './control.ts';
import { createPortal, definePortal } from './create-portal.ts';
import type { Delivery } from './delivery.ts';
import { FaultStore } from './faults.ts';
import type { Fault, FaultHandle } from './faults.ts';
import type { PortalHandle } from './handle.ts';
import { listen } from './listen.ts';
import type { Answerer, Listening } from './listen.ts';
import type { EmulatorOptions, Outbound, PortalOptions, PortalsOptions, RequestLog } from './options.ts';
import { Portal } from './portal.ts';
import type { LoggedRequest } from './request-log.ts';
import { route } from './routes.ts';
import { PortalBook } from './portal-book.ts';
import type { PortalDefinition, PortalState, World } from './state.ts';
import { TokenStore } from './tokens.ts';

/** A running emulator; it is also the handle of its first portal. */
export interface Emulator extends PortalHandle {
  /** Origin of the portals. */
  readonly url: string;
  /** Origin of the authorisation server, a port of its own; `/oauth/token/` works on `url` too. */
  readonly oauthUrl: string;
  /** The application's id, the same on all portals. */
  readonly clientId: string;
  /** The application's secret; another one after `rotateSecret()`, until a reset. */
  readonly clientSecret: string;
  /** A further portal with the same application; gone again after a reset. */
  addPortal(options?: PortalOptions): PortalHandle;
  /** Many of them, kind by kind; ten thousand take a second. */
  addPortals(kinds: readonly PortalsOptions[]): readonly PortalHandle[];
  /** The portal with this `member_id`. */
  portal(memberId: string): PortalHandle | undefined;
  /** All of them, the first being the emulator itself. */
  readonly portals: readonly PortalHandle[];
  /** Every request answered, in order, of all portals and the authorisation server; not the control interface. */
  readonly requests: readonly LoggedRequest[];
  /** Forgets the requests so far; `index` counts on. */
  clearRequests(): void;
  /** Makes coming requests go wrong, until it has struck often enough, is removed, or a reset. */
  fault(fault: Fault): FaultHandle;
  /** Ends every fault. */
  clearFaults(): void;
  /** Whether events are recorded only or really posted from now on; a reset goes back to how the emulator was started. */
  setOutbound(outbound: Outbound): void;
  /** What is kept of requests from now on; a reset goes back to how the emulator was started. */
  setRequestLog(log: RequestLog): void;
  /** Event posts, captured or sent. */
  readonly deliveries: readonly Delivery[];
  /** Back to the start: same tokens, same ids, logs and faults cleared, further portals gone. */
  reset(): Promise<void>;
  /** Ends the servers and every open connection. */
  close(): Promise<void>;
  /** For `await using`: the same as `close`. */
  [Symbol.asyncDispose](): Promise<void>;
  /** The environment variables a client of the first portal needs. */
  toEnv(): Record<string, string>;
  /** One line of JSON that says where everything is. */
  toReadyLine(): string;
}

/**
 * Starts a local portal and authorisation server on free ports of 127.0.0.1.
 *
 * @example
 * const emulator = await startEmulator({ portal: { rows: [{ event: 'ONCRMDEALADD', handler: 'https://app.example.com/old' }] } });
 * await fetch(`${emulator.clientEndpoint}event.get?auth=${emulator.accessToken}`);
 * await emulator.close();
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const host = options.host ?? '127.0.0.1';
  const tokenPrefix = options.tokenPrefix ?? '';
  const now = options.now ?? Date.now;
  const tokens = new TokenStore(now, tokenPrefix);
  const clientSecret = options.clientSecret ?? tokens.secret(25);
  const world: World = {
    now,
    clientId: options.clientId ?? `local.${randomBytes(7).toString('hex')}.${randomInt(10_000_000, 99_999_999)}`,
    clientSecret,
    tokenPrefix,
    outbound: options.outbound ?? 'capture',
    requestLog: options.requestLog ?? 'whole',
    traffic: { now: 0 },
    origin: '',
    movedOrigin: '',
    oauthOrigin: '',
    tokens,
    faults: new FaultStore(),
    portals: new PortalBook(),
    requests: [],
    nextRequestIndex: 0,
    deliveries: [],
  };
  const moved: Listening[] = [];
  const headers = (): Record<string, string> => ({
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
    'x-bitrix-rest-application': world.clientId,
    'x-bitrix-rest-time': '0.0010000000',
    'x-bitrix-rest-user-time': '0.001000',
    'x-bitrix-rest-system-time': '0.000000',
  });
  const answerer =
    (isAuthorisationServer: boolean): Answerer =>
    (received, origin) =>
      received.path.startsWith('/_emulator')
        ? control({ world, emulator }, received)
        : route(world, { origin, isAuthorisationServer }, received);

  const main = await listen(host, options.port ?? 0, answerer(false), headers);
  const oauth = await listen(host, 0, answerer(true), headers);
  const elsewhere = await listen(host, 0, answerer(false), headers);
  world.origin = main.origin;
  world.oauthOrigin = oauth.origin;
  world.movedOrigin = elsewhere.origin;

  const rename = async (portal: PortalState, domain?: string): Promise<void> => {
    const server = await listen(host, 0, answerer(false), headers);
    moved.push(server);
    portal.origin = server.origin;
    portal.domain = domain ?? (portal.domain === undefined ? undefined : `renamed-${portal.domain}`);
  };
  const definitions = [options.portal ?? {}, ...(options.portals ?? [])].map((portal, index) =>
    definePortal(world, index + 1, portal),
  );
  const build = (definition: PortalDefinition): PortalState => {
    const { memberId } = definition;
    if (world.portals.ofMember(memberId) !== undefined) throw new Error(`Two portals have the member_id ${memberId}`);
    const portal = createPortal(world, definition);
    world.portals.add(portal);
    return portal;
  };
  const handles = new Map<string, PortalHandle>();
  const handleOf = ({ memberId }: PortalDefinition, fallback: PortalState): PortalHandle => {
    const handle = new Portal(world, () => world.portals.ofMember(memberId) ?? fallback, rename);
    handles.set(memberId, handle);
    return handle;
  };

  const addPortal = (portalOptions: PortalOptions = {}): PortalHandle => {
    const definition = definePortal(world, world.portals.size + 1, portalOptions);
    return handleOf(definition, build(definition));
  };
  const close = async (): Promise<void> => {
    await Promise.all([main, oauth, elsewhere, ...moved.splice(0)].map((server) => server.close()));
  };
  const emulatorParts = {
    url: main.origin,
    oauthUrl: oauth.origin,
    clientId: world.clientId,
    get clientSecret() {
      return world.clientSecret;
    },
    addPortal,
    addPortals: (kinds: readonly PortalsOptions[]) => kinds.flatMap((kind) => expanded(kind).map(addPortal)),
    portal: (memberId: string) => handles.get(memberId),
    get portals() {
      return [...handles.values()];
    },
    get requests() {
      return world.requests;
    },
    clearRequests: () => void (world.requests = []),
    fault: (fault: Fault) => world.faults.add(fault),
    clearFaults: () => world.faults.clear(),
    setOutbound: (outbound: Outbound) => void (world.outbound = outbound),
    setRequestLog: (log: RequestLog) => void (world.requestLog = log),
    get deliveries() {
      return world.deliveries;
    },
    reset: async () => {
      tokens.clear();
      world.clientSecret = clientSecret;
      world.outbound = options.outbound ?? 'capture';
      world.requestLog = options.requestLog ?? 'whole';
      world.faults.clear();
      world.requests = [];
      world.nextRequestIndex = 0;
      world.deliveries = [];
      world.portals.clear();
      definitions.forEach(build);
      const standing = new Set(definitions.map(({ memberId }) => memberId));
      for (const memberId of handles.keys()) if (!standing.has(memberId)) handles.delete(memberId);
      await Promise.all(moved.splice(0).map((server) => server.close()));
    },
    close,
    [Symbol.asyncDispose]: close,
    toEnv: () => ({
      BITRIX24_CLIENT_ENDPOINT: emulator.clientEndpoint,
      BITRIX24_ACCESS_TOKEN: emulator.accessToken,
      BITRIX24_REFRESH_TOKEN: emulator.refreshToken,
      BITRIX24_CLIENT_ID: emulator.clientId,
      BITRIX24_CLIENT_SECRET: emulator.clientSecret,
      BITRIX24_MEMBER_ID: emulator.memberId,
      BITRIX24_OAUTH_URL: emulator.oauthUrl,
    }),
    toReadyLine: () =>
      JSON.stringify({
        url: emulator.url,
        clientEndpoint: emulator.clientEndpoint,
        oauthUrl: emulator.oauthUrl,
        clientId: emulator.clientId,
        clientSecret: emulator.clientSecret,
        memberId: emulator.memberId,
        accessToken: emulator.accessToken,
        refreshToken: emulator.refreshToken,
        applicationToken: emulator.applicationToken,
      }),
  };
  const [handle] = definitions.map((definition) => handleOf(definition, build(definition)));
  if (handle === undefined) throw new Error('There is always a first portal');
  extend(handle, emulatorParts);
  const emulator: Emulator = handle;
  return emulator;
}

function expanded({ count, name, ...alike }: PortalsOptions): readonly PortalOptions[] {
  if (name === undefined) return Array.from<PortalOptions>({ length: count }).fill(alike);
  return Array.from({ length: count }, (_, index) => ({ ...alike, memberId: `${name}-${index + 1}` }));
}

/** Adds properties with their getters: a spread would read them once and freeze what they gave. */
function extend<Target extends object, Source extends object>(
  target: Target,
  source: Source,
): asserts target is Target & Source {
  Object.defineProperties(target, Object.getOwnPropertyDescriptors(source));
}
