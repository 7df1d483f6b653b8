/** A registry on this machine, of which npm installs this package, packed, and whatever it is developed with: nothing is fetched. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './pages.ts';

export interface Registry {
  readonly url: string;
  close(): Promise<void>;
}

interface Lock {
  readonly packages: Readonly<Record<string, unknown>>;
}

interface Package {
  readonly name: string;
  readonly version: string;
}

/** @param tarball this package, as `npm pack` makes it */
export async function startRegistry(tarball: string): Promise<Registry> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const own = packageIn(root);
  const foldersOf = (name: string): readonly string[] =>
    Object.keys(packages)
      .filter((path) => path.endsWith(`node_modules/${name}`))
      // The one that nothing else is nested in is what the project itself uses.
      .sort((one, other) => one.length - other.length)
      .map((path) => join(root, path));

  /** What npm asks for first: which versions there are, what they need, and where their files lie. */
  function about(name: string): object | undefined {
    const found = name === own.name ? [own] : foldersOf(name).flatMap((folder) => installedIn(folder));
    const [latest] = found;
    if (latest === undefined) return undefined;
    const versions = found.map((one) => [
      one.version,
      { ...one, dist: { tarball: `${url}/${name}/-/${one.version}` } },
    ]);
    return { name, 'dist-tags': { latest: latest.version }, versions: Object.fromEntries(versions) as object };
  }

  async function files(name: string, version: string | undefined): Promise<Buffer | undefined> {
    if (name === own.name) return readFile(tarball);
    const folder = foldersOf(name).find((one) => installedIn(one).some((found) => found.version === version));
    return folder === undefined ? undefined : packed(folder);
  }

  const server = createServer((request, response) => {
    const [name = '', version] = decodeURIComponent(request.url ?? '')
      .slice(1)
      .split('/-/');
    const answer = version === undefined ? json(about(name)) : files(name, version);
    Promise.resolve(answer).then(
      (body) => response.writeHead(body === undefined ? 404 : 200).end(body ?? '{}'),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function json(value: object | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

function packageIn(folder: string): Package {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
}

/** None where the lock has a package that is for other machines. */
function installedIn(folder: string): readonly Package[] {
  try {
    return [packageIn(folder)];
  } catch {
    return [];
  }
}

/** npm takes off the first folder of each path, whatever it is called. */
async function packed(folder: string): Promise<Buffer> {
  const nested = `--exclude=${basename(folder)}/node_modules`;
  const { stdout } = await promisify(execFile)('tar', ['-cz', nested, '-C', dirname(folder), basename(folder)], {
    encoding: 'buffer',
    maxBuffer: 256 * 1024 * 1024,
  });
  return stdout;
}
