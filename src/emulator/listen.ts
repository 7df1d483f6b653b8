/** HTTP servers on the loopback: listening, answering, cutting connections, closing. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Outcome } from './exchange.ts';
import { receive } from './request.ts';
import type { Received } from './request.ts';

export interface Listening {
  /** Without a slash at the end. */
  readonly origin: string;
  close(): Promise<void>;
}

export type Answerer = (received: Received, origin: string) => Promise<Outcome>;

export async function listen(
  host: string,
  port: number,
  answer: Answerer,
  headers: () => Readonly<Record<string, string>>,
): Promise<Listening> {
  const server = createServer((request, response) => {
    void respond(request, response, () => origin, answer, headers());
  });
  // Longer than any client keeps an idle connection: a close at the wrong moment would look like a fault nobody ordered.
  server.keepAliveTimeout = 120_000;
  const origin = await new Promise<string>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(originOf(server, host));
    });
  });
  return {
    origin,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function originOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  origin: () => string,
  answer: Answerer,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    const outcome = await answer(await receive(request), origin());
    switch (outcome.kind) {
      case 'reset':
        request.socket.resetAndDestroy();
        break;
      case 'timeout':
        // The socket stays open until the caller gives up or the emulator closes.
        break;
      case 'answer':
        response.writeHead(outcome.status, {
          ...headers,
          'content-type': outcome.type,
          'content-length': Buffer.byteLength(outcome.text),
          ...(outcome.location === undefined ? {} : { location: outcome.location }),
        });
        response.end(outcome.text);
    }
  } catch (error) {
    // The caller hung up, or the emulator has a bug; either way there is nobody to throw at.
    if (response.headersSent || response.destroyed) return;
    response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(`The emulator failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
