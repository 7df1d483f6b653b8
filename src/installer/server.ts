/** The installer as a small server of its own: one path, two for whoever watches over it, and limits on what it is sent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { monotonicMs } from '../portal/clock.ts';
import { connectionsFor, descriptorLimit } from './connection-limit.ts';
import type { Installer } from './create-installer.ts';
import { createSeldom } from './seldom.ts';
import { toNodeHandler } from './servers/node.ts';

export interface ServerOptions {
  readonly installer: Installer;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Where the installer answers. */
  readonly path: string;
  /** Told why `/readyz` says no, once for each time it was looked; its callers are not. */
  readonly onUnready: (error: unknown) => void;
  /**
   * Told that connections were refused because so many are open: at once, and then at most once a minute.
   * @param refused how many since it was told last
   * @param most how many may be open
   */
  readonly onCrowd: (refused: number, most: number) => void;
}

export interface RunningServer {
  /** The installer's own address. */
  readonly url: string;
  /** Takes no more requests, finishes those it has and all work they began. */
  stop(): Promise<void>;
}

const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const maxHeaders = 100;
const tellEveryMs = 60_000;

/** Rejects with the system's error when it cannot listen. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { installer, host, port, path } = options;
  const tellReadiness = readinessTeller(options);
  const handle = toNodeHandler(installer);
  const server = createServer(limits, (request, response) => {
    const pathname = (request.url ?? '').replace(/\?.*$/s, '');
    const isQuestion = request.method === 'GET' || request.method === 'HEAD';
    if (isQuestion && pathname === '/healthz') return say(response, 200, 'ok');
    if (isQuestion && pathname === '/readyz') return void tellReadiness(response);
    handle(request, response);
  });
  server.maxHeadersCount = maxHeaders;
  const maxConnections = connectionsFor(await descriptorLimit());
  server.maxConnections = maxConnections;
  server.on(
    'drop',
    createSeldom((refused) => options.onCrowd(refused, maxConnections), tellEveryMs, monotonicMs),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}${path}`,
    async stop() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      // A connection that is kept alive would keep the server waiting for a request that may never come.
      server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
        response.setHeader('Connection', 'close');
      });
      await closed;
      await installer.close();
    },
  };
}

function readinessTeller({ installer, onUnready }: ServerOptions): (response: ServerResponse) => Promise<void> {
  let told: unknown;
  return async (response) => {
    try {
      await installer.ready();
      say(response, 200, 'ready');
    } catch (error) {
      if (error !== told) onUnready(error);
      told = error;
      say(response, 503, 'not ready');
    }
  };
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(`${text}\n`);
}
