/** Connections to portals and authorisation servers, directly or through a proxy. What keeps one from coming about is a `NoConnection`. */
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { NoConnection, NoProxy } from './no-connection.ts';
import { proxiesOf, type Proxy, type ProxySettings } from './proxy.ts';

type Connector = buildConnector.connector;

/** For a connection, and for a proxy's answer. */
const connectMs = 10_000;

/** @throws UsageError `invalid-proxy` */
export function createConnections(settings: ProxySettings | undefined): Dispatcher {
  const { http, https } = settings === undefined ? { http: undefined, https: undefined } : proxiesOf(settings);
  if (http === undefined && https === undefined) {
    return new Agent({ connect: marking(directConnector(), (cause) => new NoConnection(cause, undefined)) });
  }
  return new EnvHttpProxyAgent({
    // Never undefined: the agent would look into the process's environment itself.
    httpProxy: http?.url ?? '',
    httpsProxy: https?.url ?? '',
    noProxy: settings?.noProxy ?? '',
    clientFactory: (origin) =>
      new Pool(origin, {
        connect: marking(directConnector(), (cause) => new NoProxy(cause)),
        headersTimeout: connectMs,
      }),
    factory: (origin, options) => {
      const tunnel = tunnelOf(options);
      const proxy = new URL(origin).protocol === 'https:' ? https : http;
      return new Pool(origin, { connect: proxied(tunnel, proxy) });
    },
  });
}

function directConnector(): Connector {
  return buildConnector({ timeout: connectMs });
}

/** Without a tunnel NO_PROXY names the host. */
function proxied(tunnel: Connector | undefined, proxy: Proxy | undefined): Connector {
  return tunnel === undefined
    ? marking(directConnector(), (cause) => new NoConnection(cause, undefined))
    : marking(tunnel, (cause) => new NoConnection(cause, proxy));
}

/** What the agent gives as `connect` where a proxy is to be asked; for a direct connection it gives settings, or none. */
function tunnelOf(options: object): Connector | undefined {
  return 'connect' in options && isConnector(options.connect) ? options.connect : undefined;
}

function isConnector(value: unknown): value is Connector {
  return typeof value === 'function';
}

function marking(connector: Connector, wrap: (cause: Error) => Error): Connector {
  return (options, callback) => {
    connector(options, (error, socket) => {
      if (error === null) callback(null, socket);
      else callback(wrap(error), null);
    });
  };
}
