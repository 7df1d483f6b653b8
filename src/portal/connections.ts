/** Connections to portals and authorisation servers, directly or through a proxy. What keeps one from coming about is a `NoConnection`. */
import { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { NoConnection, NoProxy } from './no-connection.ts';
import { proxiesOf, type ProxySettings } from './proxy.ts';

type Connector = buildConnector.connector;

/** For a connection, and for a proxy's answer. */
const connectMs = 10_000;

export interface ConnectionsOptions {
  /**
   * How long a connection is kept for another request. What the other side says of it does not count: portals could have as many
   * descriptors of ours held for them as they please, for ten minutes each.
   */
  readonly idleMs: number;
  /** Ends connections that are still coming about; of the others the dispatcher knows. */
  readonly signal: AbortSignal;
  /** Told of every connection to where a request goes. */
  readonly onConnection?: (socket: Socket) => void;
}

/** @throws UsageError `invalid-proxy` */
export function createConnections(
  settings: ProxySettings | undefined,
  { idleMs, signal, onConnection = () => {} }: ConnectionsOptions,
): Dispatcher {
  const connector = endedBy(signal, buildConnector({ timeout: connectMs }));
  const kept = { keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs };
  const { http, https } = settings === undefined ? { http: undefined, https: undefined } : proxiesOf(settings);
  if (http === undefined && https === undefined) {
    return new Agent({
      ...kept,
      connect: marking(connector, (cause) => new NoConnection(cause, undefined), onConnection),
    });
  }
  return new EnvHttpProxyAgent({
    ...kept,
    // Never undefined: the agent would look into the process's environment itself.
    httpProxy: http?.url ?? '',
    httpsProxy: https?.url ?? '',
    noProxy: settings?.noProxy ?? '',
    clientFactory: (origin) =>
      new Pool(origin, {
        ...kept,
        connect: marking(connector, (cause) => new NoProxy(cause)),
        headersTimeout: connectMs,
      }),
    factory: (origin, options) => {
      const tunnel = tunnelOf(options);
      // Without a tunnel NO_PROXY names the host.
      const proxy = tunnel === undefined ? undefined : new URL(origin).protocol === 'https:' ? https : http;
      const wrap = (cause: Error) => new NoConnection(cause, proxy);
      return new Pool(origin, { ...kept, connect: marking(tunnel ?? connector, wrap, onConnection) });
    },
  });
}

/** What the agent gives as `connect` where a proxy is to be asked; for a direct connection it gives settings, or none. */
function tunnelOf(options: object): Connector | undefined {
  return 'connect' in options && isConnector(options.connect) ? options.connect : undefined;
}

function isConnector(value: unknown): value is Connector {
  return typeof value === 'function';
}

/** A socket that is given a signal listens to it for as long as the signal lives, not the socket: thousands of portals would stay. */
function endedBy(signal: AbortSignal, connector: Connector): Connector {
  const comingAbout = new Set<Socket>();
  signal.addEventListener('abort', () => {
    for (const socket of comingAbout) socket.destroy(new Error('given up'));
  });
  return (options, callback) => {
    // What undici's connector gives back is not in its types.
    const socket: unknown = connector(options, (...outcome) => {
      if (socket instanceof Socket) comingAbout.delete(socket);
      callback(...outcome);
    });
    if (socket instanceof Socket) comingAbout.add(socket);
  };
}

function marking(
  connector: Connector,
  wrap: (cause: Error) => Error,
  onConnection: (socket: Socket) => void = () => {},
): Connector {
  return (options, callback) => {
    connector(options, (error, socket) => {
      if (error !== null) return callback(wrap(error), null);
      onConnection(socket);
      callback(null, socket);
    });
  };
}
