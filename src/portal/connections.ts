/** Connections to portals and authorisation servers, directly or through a proxy. What keeps one from coming about is a `NoConnection`. */
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
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
  /** Ends connections at once, those that are still coming about too. */
  readonly signal: AbortSignal;
  /** Told of every connection to where a request goes. */
  readonly onConnection?: (socket: Socket) => void;
}

/** @throws UsageError `invalid-proxy` */
export function createConnections(
  settings: ProxySettings | undefined,
  { idleMs, signal, onConnection = () => {} }: ConnectionsOptions,
): Dispatcher {
  // Every connection listens to it.
  setMaxListeners(0, signal);
  const connector = buildConnector({ timeout: connectMs, signal });
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
