/** Portals that answer as they should not, each a server of its own in front of an emulated one, and the authorisation server that knows them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Emulator, PortalHandle } from '../../src/emulator/index.ts';
import { listen } from './world.ts';

/** Sends its own answer instead of the portal's. */
export type Misbehaviour = (response: ServerResponse, text: string) => void;

interface BatchText {
  /** Undefined inside of what is no batch. */
  readonly result: { readonly result?: Record<string, unknown> };
}

/** So many handlers are bound there, it says: a hundred thousand are just within the limit of an answer. */
export function manyRows(count: number): Misbehaviour {
  const rows = Array.from({ length: count }, (_, index) => ({
    event: 'ONTASKADD',
    handler: `https://e.example/${index}`,
    auth_type: '0',
  }));
  return (response, text) => {
    const answer = JSON.parse(text) as BatchText;
    if (answer.result.result !== undefined) answer.result.result['live'] = rows;
    response.end(JSON.stringify(answer));
  };
}

export function longAnswer(bytes: number): Misbehaviour {
  return (response) => response.end(`{"result":"${'x'.repeat(bytes)}"}`);
}

/** One byte, and another one after each pause, for ever. */
export function slowAnswer(pauseMs: number): Misbehaviour {
  return (response) => {
    response.write('{');
    const timer = setInterval(() => response.write(' '), pauseMs);
    response.on('close', () => clearInterval(timer));
  };
}

export interface HostileWorld {
  /** Origin of the authorisation server. */
  readonly oauthUrl: string;
  /** Makes a portal of the emulator answer like this from now on. */
  corrupt(portal: PortalHandle, misbehaviour: Misbehaviour): Promise<void>;
}

export async function aHostileWorld(emulator: Emulator): Promise<HostileWorld> {
  const endpoints = new Map<string, string>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = await forward(request, emulator.oauthUrl);
    for (const [memberId, endpoint] of endpoints) if (text.includes(memberId)) text = withEndpoint(text, endpoint);
    response.end(text);
  };
  const oauthUrl = await listen(createServer((request, response) => void answer(request, response)));
  return {
    oauthUrl,
    async corrupt({ memberId, clientEndpoint }, misbehaviour) {
      const origin = await listen(
        createServer((request, response) => {
          void forward(request, new URL(clientEndpoint).origin).then((text) => misbehaviour(response, text));
        }),
      );
      endpoints.set(memberId, `${origin}${new URL(clientEndpoint).pathname}`);
    },
  };
}

function withEndpoint(text: string, endpoint: string): string {
  return text.replace(/"client_endpoint":"[^"]*"/, `"client_endpoint":${JSON.stringify(endpoint)}`);
}

async function forward(request: IncomingMessage, origin: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const answer = await fetch(`${origin}${request.url ?? '/'}`, {
    method: 'POST',
    headers: { 'content-type': request.headers['content-type'] ?? '' },
    body: Buffer.concat(chunks),
  });
  return answer.text();
}
