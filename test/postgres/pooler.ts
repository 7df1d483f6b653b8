/** Two things that may stand before a server: a pooler, which lends its sessions, and a wire that changes what passes. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net';
import { Client } from 'pg';
import { onTestFinished } from 'vitest';
import { changed } from '../support/postgres.ts';

/** `transaction`: whoever begins one gets any free session; `session`: a client keeps its own until it goes. */
export type Mode = 'transaction' | 'session';

/** @returns the address of a pooler before the server at this address; it lets everybody in */
export async function aPooler(url: string, mode: Mode): Promise<string> {
  const free: End[] = [];
  const server = createServer((client) => void serve(client, mode, free, () => openSession(url)));
  return addressOf(server, url);
}

/** @returns the address of a wire to the server, on which one text is replaced by another of the same length */
export async function aWire(url: string, text: string, by: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes: Buffer) => {
      client.write(Buffer.from(bytes.toString('latin1').replaceAll(text, by), 'latin1'));
    });
    for (const [end, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      end.on('error', () => undefined).on('close', () => other.destroy());
    }
  });
  return addressOf(server, url);
}

async function addressOf(server: Server, url: string): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return changed(url, { port: String((server.address() as AddressInfo).port) });
}

/** One end of a connection, as the messages that come from it. */
interface End {
  readonly socket: Socket;
  /** Undefined when nothing comes any more. */
  next(): Promise<Message | undefined>;
}

interface Message {
  /** A letter; empty for the first one of a client. */
  readonly type: string;
  readonly bytes: Buffer;
}

/** A session that has logged in, as the bare socket that is left then. */
async function openSession(url: string): Promise<End> {
  const socket = new Socket();
  const client = new Client({ connectionString: url, stream: () => socket });
  client.on('error', () => undefined);
  await client.connect();
  socket.removeAllListeners('data');
  return endOf(socket, true);
}

async function serve(socket: Socket, mode: Mode, free: End[], open: () => Promise<End>): Promise<void> {
  const client = endOf(socket, false);
  let session: End | undefined;
  let request: Buffer[] = [];
  if ((await client.next()) !== undefined) socket.write(welcome);
  for (let next = await client.next(); next !== undefined && next.type !== 'X'; next = await client.next()) {
    request.push(next.bytes);
    if (next.type !== 'Q' && next.type !== 'S') continue;
    session ??= free.pop() ?? (await open());
    const isOver = await pass(Buffer.concat(request), session, socket);
    request = [];
    if (mode === 'session' || !isOver) continue;
    free.push(session);
    session = undefined;
  }
  session?.socket.destroy();
}

/** @returns whether no transaction is open after it */
async function pass(request: Buffer, session: End, client: Socket): Promise<boolean> {
  session.socket.write(request);
  for (let next = await session.next(); next !== undefined; next = await session.next()) {
    client.write(next.bytes);
    if (next.type === 'Z') return next.bytes[5] === 'I'.charCodeAt(0);
  }
  return false;
}

function endOf(socket: Socket, hasBegun: boolean): End {
  let rest = Buffer.alloc(0);
  let start = hasBegun ? 1 : 0;
  let isOver = false;
  let wake = (): void => undefined;
  socket.on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    wake();
  });
  socket.on('close', () => {
    isOver = true;
    wake();
  });
  const take = (): Message | undefined => {
    if (rest.length < start + 4) return undefined;
    const length = start + rest.readUInt32BE(start);
    if (rest.length < length) return undefined;
    const bytes = rest.subarray(0, length);
    const type = start === 0 ? '' : bytes.toString('latin1', 0, 1);
    rest = rest.subarray(length);
    start = 1;
    return { type, bytes };
  };
  return {
    socket,
    async next() {
      for (;;) {
        const taken = take();
        if (taken !== undefined || isOver) return taken;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** Authenticated; a key for cancelling that is made up, as nobody knows yet who will answer; ready. */
const welcome = Buffer.concat([
  message('R', Buffer.from([0, 0, 0, 0])),
  message('K', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])),
  message('Z', Buffer.from('I')),
]);

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}
