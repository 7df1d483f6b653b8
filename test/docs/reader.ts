/** Follows a document as its reader would: in an empty folder, with the packed package, block after block in a real bash. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { version } from '../../src/version.ts';
import { type Block, root } from './pages.ts';
import { type Registry, startRegistry } from './registry.ts';
import { partsOf, type Ran, run, startServer } from './terminal.ts';

export interface Reader {
  readonly folder: string;
  /**
   * Does what one block says: runs it, or writes the file that it names; `written` after the name: the tool wrote it like this.
   *
   * @param code what its commands end with, 0 unless one says that something is to be done
   * @returns what was shown
   */
  follow(block: Block, code?: number): Promise<string>;
  /** Runs a command line that no document has. */
  bash(script: string): Promise<Ran>;
  /** Where a server of the document listens, by the port in the document. */
  portOf(documented: number): number;
}

export interface ReaderOptions {
  /** A folder where the package is installed already; otherwise the document has to install it. */
  readonly installed: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Where a block of SQL is run. */
  readonly sql?: (text: string) => Promise<unknown>;
  /** What stands in the document, and what stands for it here: a portal's address, a secret. Asked before each block. */
  readonly replace?: (folder: string) => Promise<ReadonlyMap<string, string>>;
}

interface Packed {
  readonly registry: Registry;
  /** Where the package is installed, and nothing else is. */
  readonly project: string;
}

let packing: Promise<Packed> | undefined;

/** The package as npm would publish it and as npm installs it; made once. */
function thePackage(): Promise<Packed> {
  packing ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bitrix-events-packed-'));
    const project = join(folder, 'project');
    await mkdir(project);
    await run(folder, `cd '${root}' && npm pack --silent --ignore-scripts --pack-destination '${folder}'`, {});
    const registry = await startRegistry(join(folder, `bitrix-events-${version}.tgz`));
    await writeFile(join(project, 'package.json'), '{}');
    const ran = await run(project, 'npm i bitrix-events', npmOf(registry));
    if (ran.code !== 0) throw new Error(ran.shown);
    return { registry, project };
  })();
  return packing;
}

function npmOf({ url }: Registry): Readonly<Record<string, string>> {
  return { npm_config_registry: url, npm_config_audit: 'false', npm_config_fund: 'false' };
}

/** To be called when the last reader is gone. */
export async function removePackage(): Promise<void> {
  if (packing === undefined) return;
  const { registry, project } = await packing;
  packing = undefined;
  await registry.close();
  await rm(dirname(project), { recursive: true, force: true });
}

export async function aReader({ installed, env: own = {}, sql, replace }: ReaderOptions): Promise<Reader> {
  const home = await mkdtemp(join(tmpdir(), 'bitrix-events-reader-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  // `npm init -y` names the package after it, and `init` the manifest.
  const folder = join(home, 'my-app');
  const { registry, project } = await thePackage();
  if (installed) await cp(project, folder, { recursive: true, verbatimSymlinks: true });
  else await mkdir(folder);
  const env = { ...npmOf(registry), ...own };
  const ports = new Map<number, number>();

  async function adapted(text: string): Promise<string> {
    const known = replace === undefined ? [] : [...(await replace(folder))];
    return known.reduce((sofar, [from, to]) => sofar.replaceAll(from, to), text);
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
    async follow(block, code = 0) {
      const { language, info, text } = block;
      const place = `${block.page}:${block.line}`;
      let all = '';
      if (language === 'console') {
        for (const { command, output } of commandsIn(text)) {
          const { code: ended, shown } = await bash(await adapted(command));
          const told = { place, code: ended, shown: comparable(shown) };
          expect(told).toEqual({ place, code, shown: comparable(output) });
          all += shown;
        }
      } else if (language === 'sh') {
        for (const { script, stays } of partsOf(await adapted(await withFreePorts(text)))) {
          if (stays) all += await startServer(folder, script, env, place);
          else {
            const ran = await bash(script);
            expect(ran, `${place}\n${ran.shown}`).toMatchObject({ code });
            all += ran.shown;
          }
        }
      } else if (language === 'sql') {
        await sql?.(await adapted(text));
      } else {
        const [file = '', isWritten] = info.split(' ');
        const content = await adapted(language === 'js' ? await withFreePorts(text) : text);
        if (isWritten === undefined) await writeFile(join(folder, file), content);
        else expect({ place, text: await readFile(join(folder, file), 'utf8') }).toEqual({ place, text: content });
      }
      return all;
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

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
