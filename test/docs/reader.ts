/** Follows a document as its reader would: in an empty folder, with the packed package, block after block in a real bash. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { version } from '../../src/version.ts';
import { type Block, root } from './pages.ts';

export interface Reader {
  readonly folder: string;
  /** Does what one block says: runs it, or writes the file that it names; `written` after the name: the tool wrote it like this. */
  follow(block: Block): Promise<void>;
  /** Runs a command line that no document has. */
  bash(script: string): Promise<Ran>;
  /** Where a server of the document listens, by the port in the document. */
  portOf(documented: number): number;
}

interface Ran {
  readonly code: number | null;
  /** Both streams as they came. */
  readonly shown: string;
  readonly err: string;
}

export interface ReaderOptions {
  /** A folder where the package is installed already; otherwise the document has to install it. */
  readonly installed: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Further packages that are installed. */
  readonly packages?: readonly string[];
  /** Where a block of SQL is run. */
  readonly sql?: (text: string) => Promise<unknown>;
  /** What stands in the document, and what stands for it here: a portal's address, a secret. Asked before each block. */
  readonly replace?: (folder: string) => Promise<ReadonlyMap<string, string>>;
}

/** Servers: they are left running, and the reader goes on in another terminal. */
const server = /^(?:npx bitrix-events (?:emulator|serve)|node server\.mjs)\b/;

let packing: Promise<{ readonly tarball: string; readonly modules: string }> | undefined;

/** The package as npm would publish it, and a folder where it is installed; made once. */
function thePackage(): NonNullable<typeof packing> {
  packing ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bitrix-events-packed-'));
    await run(folder, `cd '${root}' && npm pack --silent --ignore-scripts --pack-destination '${folder}'`, {});
    const tarball = join(folder, `bitrix-events-${version}.tgz`);
    await writeFile(join(folder, 'package.json'), '{}');
    const ran = await run(folder, `npm i --no-audit --no-fund '${tarball}'`, {});
    if (ran.code !== 0) throw new Error(ran.shown);
    return { tarball, modules: join(folder, 'node_modules') };
  })();
  return packing;
}

/** To be called when the last reader is gone. */
export async function removePackage(): Promise<void> {
  if (packing !== undefined) await rm(dirname((await packing).tarball), { recursive: true, force: true });
}

export async function aReader({ installed, env = {}, packages = [], sql, replace }: ReaderOptions): Promise<Reader> {
  const home = await mkdtemp(join(tmpdir(), 'bitrix-events-reader-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  // `npm init -y` names the package after it, and `init` the manifest.
  const folder = join(home, 'my-app');
  await mkdir(folder);
  const { tarball, modules } = await thePackage();
  if (installed) await cp(modules, join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  for (const name of packages) {
    await cp(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
  const ports = new Map<number, number>();

  async function adapted(text: string): Promise<string> {
    const known = replace === undefined ? [] : [...(await replace(folder))];
    const told = known.reduce((sofar, [from, to]) => sofar.replaceAll(from, to), text);
    return told.replace(/^npm i -D bitrix-events$/m, `npm i -D --no-audit --no-fund '${tarball}'`);
  }

  /** Ports of the document may be taken on this machine. */
  async function withFreePorts(text: string): Promise<string> {
    const documented = [...text.matchAll(/\b(?:--port |listen\(|127\.0\.0\.1:)(\d{4,5})\b/g)].map(([, port]) =>
      Number(port),
    );
    for (const port of documented) if (!ports.has(port)) ports.set(port, await freePort());
    return [...ports].reduce((sofar, [from, to]) => sofar.replace(new RegExp(`\\b${from}\\b`, 'g'), String(to)), text);
  }

  const bash = (script: string): Promise<Ran> => run(folder, script, env);

  return {
    folder,
    bash,
    portOf: (documented) => ports.get(documented) ?? documented,
    async follow(block) {
      const { language, info, text } = block;
      const place = `${block.page}:${block.line}`;
      if (language === 'console') {
        for (const { command, output } of commandsIn(text)) {
          const ran = await bash(await adapted(command));
          expect({ place, code: ran.code, shown: comparable(ran.shown) }).toEqual({
            place,
            code: 0,
            shown: comparable(output),
          });
        }
      } else if (language === 'sh') {
        const script = await adapted(await withFreePorts(text));
        if (server.test(script)) return startServer(folder, script, env);
        const ran = await bash(script);
        expect(ran, `${place}\n${ran.shown}`).toMatchObject({ code: 0 });
      } else if (language === 'sql') {
        await sql?.(await adapted(text));
      } else {
        const [file = '', isWritten] = info.split(' ');
        const content = await adapted(language === 'js' ? await withFreePorts(text) : text);
        if (isWritten === undefined) await writeFile(join(folder, file), content);
        else expect({ place, text: await readFile(join(folder, file), 'utf8') }).toEqual({ place, text: content });
      }
    },
  };
}

interface Command {
  readonly command: string;
  readonly output: string;
}

/** `$ command`, and what it shows until the next one. */
export function commandsIn(text: string): readonly Command[] {
  const [before, ...parts] = text.split(/^\$ /m);
  if (before !== '') throw new Error(`a console begins with '$ ': ${text}`);
  return parts.map((part) => {
    const [command = '', ...lines] = part.split('\n');
    return { command, output: lines.join('\n') };
  });
}

/** What differs from portal to portal. */
function comparable(output: string): string {
  return output
    .replace(/\b(?:127\.0\.0\.1:\d+|acme\.bitrix24\.(?:com|ru))/g, 'PORTAL')
    .replace(/\b[\da-f]{32}\b/g, 'MEMBER')
    .trimEnd();
}

async function run(cwd: string, script: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', script], { cwd, env: environment(cwd, env) });
  child.stdin.end();
  let [shown, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => ((shown += text), (err += text)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, shown, err };
}

/** In a group of processes of its own: npx does not pass on that it is to end. */
async function startServer(cwd: string, script: string, env: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
    cwd,
    env: environment(cwd, env),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.pid === undefined) return;
    const ended = once(child, 'close');
    process.kill(-child.pid, 'SIGTERM');
    await ended;
  });
  let shown = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (shown += text));
  const [, file] = /--write-env (\S+)/.exec(script) ?? [];
  await expect
    .poll(
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${shown}`);
        const size =
          file === undefined
            ? 1
            : await stat(join(cwd, file)).then(
                (found) => found.size,
                () => 0,
              );
        return size > 0 && /http:\/\/127\.0\.0\.1:\d+/.test(shown);
      },
      { timeout: 60_000, interval: 100 },
    )
    .toBe(true);
}

function environment(cwd: string, env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const path = `${join(cwd, 'node_modules/.bin')}:${process.env['PATH']}`;
  return { PATH: path, HOME: dirname(cwd), npm_config_update_notifier: 'false', ...env };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
