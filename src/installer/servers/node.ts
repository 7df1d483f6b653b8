/** The installer in a server of `node:http`, and so in Express and everything else that takes `(request, response, next)`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Installer } from '../create-installer.ts';
import type { Incoming, IncomingBody } from '../exchange.ts';
import { parseForm } from '../form.ts';

/** What frameworks add: the body a parser has read before, and the address before a router cut it. */
export interface NodeRequest extends IncomingMessage {
  /** What a parser has made of the body; afterwards, what the installer had to read and passed on. */
  body?: unknown;
  /** The address before a router cut it; absent: `url` is whole. */
  originalUrl?: string;
}

/** A handler as `http.createServer` and Express take it. */
export type NodeHandler = (request: NodeRequest, response: ServerResponse, next?: (error?: unknown) => void) => void;

/** How long a sender may go on after its answer, so that it gets to read it. */
const lingerMs = 500;

/**
 * A handler for `http.createServer` and for Express. A body that a parser has read before (`express.urlencoded`) is used as it
 * stands. What is not for the installer goes to `next`; its body, when it had to be read, is then in `request.body`.
 * @example
 * app.use('/bitrix24', toNodeHandler(installer));
 */
export function toNodeHandler(installer: Pick<Installer, 'handle'>): NodeHandler {
  return (request, response, next) => {
    void answer(installer, request, response, next);
  };
}

async function answer(
  { handle }: Pick<Installer, 'handle'>,
  request: NodeRequest,
  response: ServerResponse,
  next: ((error?: unknown) => void) | undefined,
): Promise<void> {
  const incoming = incomingOf(request, next !== undefined);
  const outgoing = await handle(incoming);
  if (outgoing.kind === 'foreign') {
    // Parsers that come later find the stream at its end, and leave alone what is there.
    if (outgoing.text !== undefined && incoming.body.kind === 'stream') request.body = parseForm(outgoing.text) ?? {};
    next?.();
    return;
  }
  // Whoever hung up meanwhile gets nothing; writing to a socket that is gone is no error here.
  response.on('error', () => undefined);
  const { status, headers, body } = outgoing;
  const isUnread = !request.complete;
  const length = { 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length, ...(isUnread ? { Connection: 'close' } : {}) });
  response.end(body);
  if (isUnread) endUnread(request);
}

function incomingOf(request: NodeRequest, hasNext: boolean): Incoming {
  const url = request.originalUrl ?? request.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? '' : url.slice(mark + 1),
    contentType: request.headers['content-type'],
    body: bodyOf(request),
    hasNext,
  };
}

export function bodyOf(request: NodeRequest): IncomingBody {
  return hasBeenRead(request)
    ? { kind: 'parsed', value: request.body }
    : { kind: 'stream', chunks: () => request.iterator({ destroyOnReturn: false }) };
}

/** Parsers of other types leave an empty object behind and the stream unread; whoever has no stream has only what they left. */
function hasBeenRead(request: NodeRequest): boolean {
  return request.body !== undefined && request.readableDidRead !== false;
}

/** Closing at once would take the answer back: whoever still sends gets a reset before reading it. */
function endUnread(request: IncomingMessage): void {
  request.resume();
  const timer = setTimeout(() => request.destroy(), lingerMs);
  request.once('close', () => clearTimeout(timer));
}
