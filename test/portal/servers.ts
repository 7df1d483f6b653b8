/** Real servers that break connections at every place there is, and a proxy; each ends with its test. */
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createNetServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

/** Signed by itself, for localhost and 127.0.0.1: nobody trusts it. */
const selfSigned = { key: fixture('localhost.key.pem'), cert: fixture('localhost.cert.pem') };

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export const answer: RequestListener = (request, response) => {
  request.resume().on('end', () => response.end('{"result":[]}'));
};

export const httpPort = (listener = answer) => listening(createHttpServer(listener));
export const httpsPort = (listener = answer) => listening(createHttpsServer(selfSigned, listener));

/** What comes right after TCP is up. */
export const tcpPort = (onConnection: (socket: Socket) => unknown) => listening(createNetServer(onConnection));

/** Takes the request, and then the TCP connection is reset under it. */
export async function resettingPort(isSecure: boolean): Promise<number> {
  const clients = new Set<Socket>();
  const reset = () => clients.forEach((client) => client.resetAndDestroy());
  const port = await (isSecure ? httpsPort(reset) : httpPort(reset));
  return tcpPort((client) => {
    clients.add(client);
    const target = connect(port, '127.0.0.1').on('error', () => {});
    client.pipe(target).pipe(client);
  });
}

/** A port where nobody listens. */
export async function deadPort(): Promise<number> {
  const server = createNetServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface ProxyServer {
  readonly host: string;
  /** `CONNECT host:port`, with its credentials. */
  readonly asked: string[];
}

/** @param status what it answers; 200 tunnels */
export async function aProxy(status = 200): Promise<ProxyServer> {
  const asked: string[] = [];
  const server = createHttpServer((_, response) => response.writeHead(500).end());
  server.on('connect', ({ url = '', headers }, client) => {
    const [, credentials] = /^Basic (.+)$/.exec(headers['proxy-authorization'] ?? '') ?? [];
    const login = credentials === undefined ? '' : ` as ${Buffer.from(credentials, 'base64').toString()}`;
    asked.push(`CONNECT ${url}${login}`);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`tcp://${url}`);
    const target = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client);
      client.pipe(target);
    });
    target.on('error', () => client.destroy());
    client.on('error', () => target.destroy());
    client.on('close', () => target.destroy());
  });
  return { host: `127.0.0.1:${await listening(server)}`, asked };
}
