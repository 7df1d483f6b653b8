/** Builds the project before the tests run, so that the precompiled validators and the command exist, and keeps a database server for those that want one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestProject } from 'vitest/node';
import { build } from '../scripts/build.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for the address of the PostgreSQL server of this run, which is started for whoever asks first. */
    readonly postgresDoor: string;
  }
}

interface Server {
  readonly child: ChildProcess;
  readonly url: Promise<string>;
}

export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  assertNothingAbove(tmpdir());
  await build();
  let server: Server | undefined;
  const door = createServer((_request, response) => {
    server ??= startServer();
    server.url.then(
      (url) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  door.listen(0, '127.0.0.1').unref();
  await once(door, 'listening');
  provide('postgresDoor', `http://127.0.0.1:${(door.address() as AddressInfo).port}`);
  return async () => {
    door.closeAllConnections();
    door.close();
    if (server === undefined || server.child.exitCode !== null) return;
    server.child.stdin?.end();
    await once(server.child, 'exit');
  };
}

/** Tests work in folders of their own below it, where npm, Node.js and the command look upwards for a project. */
function assertNothingAbove(folder: string): void {
  for (const name of ['package.json', 'node_modules', 'bitrix-events.yaml']) {
    const stray = join(folder, name);
    if (existsSync(stray)) throw new Error(`remove ${stray}: every test would take it for its own`);
  }
  if (dirname(folder) !== folder) assertNothingAbove(dirname(folder));
}

function startServer(): Server {
  const script = join(import.meta.dirname, 'support', 'postgres-server.mjs');
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const firstLine = async (): Promise<string> => {
    const { value, done } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
    if (done !== true) return value;
    throw new Error('there is no PostgreSQL server to test with; what it said stands above');
  };
  return { child, url: firstLine() };
}
