/** `bitrix-events serve` as the process it is run as, with limits of the operating system, and what it uses. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Emulator, PortalHandle } from '../../src/emulator/index.ts';
import { manifestText } from '../cli/cli.ts';
import { temporaryDirectory } from './world.ts';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Serving {
  readonly url: string;
  readonly port: number;
  /** Where its metrics are, if it has any. */
  readonly metrics: string | undefined;
  /** What stands on stderr so far. */
  err(): string;
  /** Undefined where the operating system does not tell. */
  usage(): Promise<Usage | undefined>;
  /** Resolves with its exit code. */
  stop(): Promise<number | null>;
  /** At once, whatever it is doing. */
  kill(): Promise<void>;
}

export interface Usage {
  readonly descriptors: number;
  readonly residentMiB: number;
}

export interface ServingOptions {
  readonly oauthUrl?: string;
  /** How many files and sockets it may have open. */
  readonly descriptors?: number;
  readonly nodeOptions?: readonly string[];
  /** Further options of the command. */
  readonly argv?: readonly string[];
  /** Of an earlier one, whose store it goes on with. */
  readonly directory?: string;
}

export async function aServing(emulator: Emulator, options: ServingOptions = {}): Promise<Serving> {
  const { directory = await temporaryDirectory() } = options;
  await writeFile(join(directory, 'bitrix-events.yaml'), manifestText());
  const { clientId, clientSecret } = emulator;
  const { oauthUrl = emulator.oauthUrl, descriptors, nodeOptions = [], argv: more = [] } = options;
  const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors}; `;
  const argv = [...nodeOptions, program, 'serve', '--port', '0', '--json', '--quiet', ...more];
  const child = spawn('bash', ['-c', `${limit}exec "$@"`, 'bash', process.execPath, ...argv], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'] ?? '',
      BITRIX24_CLIENT_ID: clientId,
      BITRIX24_CLIENT_SECRET: clientSecret,
      BITRIX24_OAUTH_URL: oauthUrl,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => void child.on('close', resolve));
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ready = new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  const line = await Promise.race([ready, ended.then((code) => `"ended with ${code}: ${err}"`)]);
  const { url, metrics } = JSON.parse(line) as { readonly url: string; readonly metrics?: string };
  return {
    url,
    port: Number(new URL(url).port),
    metrics,
    err: () => err,
    usage: () => usageOf(child),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function usageOf({ pid }: ChildProcess): Promise<Usage | undefined> {
  if (process.platform !== 'linux') return undefined;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kibibytes = ''] = /^VmRSS:\s*(\d+) kB$/m.exec(status) ?? [];
  return { descriptors: (await readdir(`/proc/${pid}/fd`)).length, residentMiB: Number(kibibytes) / 1024 };
}

/** Portals on which the application is not installed yet. */
export function freshPortals(emulator: Emulator, count: number): readonly PortalHandle[] {
  return Array.from({ length: count }, () => emulator.addPortal());
}

export interface Installed {
  readonly status: number | undefined;
  readonly events: readonly string[];
}

export async function installOn(portal: PortalHandle, url: string): Promise<Installed> {
  const { status } = await portal.install({ kind: 'api-only', applicationUrl: url });
  const events = portal.rows.map(({ event }) => event).filter((event) => event !== 'ONAPPINSTALL');
  return { status, events: events.sort() };
}

export const wellInstalled: Installed = { status: 200, events: ['ONCRMDEALADD', 'ONCRMLEADADD', 'ONTASKADD'] };
