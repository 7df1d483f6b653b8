/** A herd of emulated portals in a file store, and the installed program working on all of them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Emulator, LoggedRequest, PortalHandle, PortalsOptions } from '../../src/emulator/index.ts';
import type { Installation } from '../../src/installation/installation.ts';
import { sealInstallation } from '../../src/records/installation-secrets.ts';
import { aCli, anEmulator, type Cli, manifestText, type Ran } from '../cli/cli.ts';
import { program, startProcess } from '../cli/run-process.ts';

const usageReporter = fileURLToPath(new URL('../../scripts/bench/report-usage.mjs', import.meta.url));

export interface Herd {
  readonly cli: Cli;
  readonly emulator: Emulator;
  readonly portals: readonly PortalHandle[];
  /** What the program finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** In a process of its own. @param nodeOptions of Node.js itself */
  readonly run: (argv: string, nodeOptions?: readonly string[]) => Promise<Ran & { readonly peakMiB: number }>;
}

export interface HerdOptions {
  /** Each portal at a host of its own, as in the world; only Linux has so many without being told. Default false. */
  readonly isApart?: boolean;
}

/** Portals of these kinds, in a store that knows them as they were before any renaming. */
export async function aHerd(kinds: readonly PortalsOptions[], { isApart = false }: HerdOptions = {}): Promise<Herd> {
  const emulator = await anEmulator({ requestLog: 'facts', ...(isApart ? { host: '0.0.0.0' } : {}) });
  const portals = emulator.addPortals(kinds);
  const { clientId, clientSecret } = emulator;
  const oauthUrl = emulator.oauthUrl.replace('0.0.0.0', '127.0.0.1');
  const env = {
    BITRIX24_CLIENT_ID: clientId,
    BITRIX24_CLIENT_SECRET: clientSecret,
    BITRIX24_OAUTH_URL: oauthUrl,
  };
  const cli = await aCli(env);
  await cli.write('bitrix-events.yaml', manifestText(['OnTaskAdd']));
  const store = join(cli.directory, '.bitrix-events');
  await mkdir(store, { mode: 0o700 });
  for (const [index, portal] of portals.entries()) {
    const host = isApart ? `127.${1 + (index >> 8)}.${index & 255}.1` : '127.0.0.1';
    const clientEndpoint = portal.formerEndpoint.replace('0.0.0.0', host);
    await place(store, { ...installationOf(portal, clientId), clientEndpoint });
  }
  return {
    cli,
    emulator,
    portals,
    env,
    async run(argv, nodeOptions = []) {
      const options = [...nodeOptions, '--import', usageReporter];
      const command: [string, ...string[]] = [process.execPath, ...options, program, ...argv.split(' ')];
      const { child, ended } = startProcess(cli, command, env, ['ignore', 'pipe', 'pipe', 'pipe']);
      const report = child.stdio[3];
      if (!(report instanceof Readable)) throw new Error('the fourth stream is to be read from');
      const [ran, usage] = await Promise.all([ended, text(report)]);
      const { peakMiB } = JSON.parse(usage) as { readonly peakMiB: number };
      return { ...ran, peakMiB };
    },
  };
}

function installationOf(portal: PortalHandle, clientId: string): Installation {
  const { memberId, formerEndpoint: clientEndpoint, accessToken, refreshToken } = portal;
  return { memberId, clientEndpoint, clientId, tokens: { accessToken, refreshToken }, userId: 1, isAdmin: true };
}

/** As the store writes a record, without waiting for the disk: there are thousands. */
async function place(directory: string, installation: Installation): Promise<void> {
  const file = join(directory, `${installation.memberId}.json`);
  await writeFile(file, await sealInstallation(installation, undefined, file, []), { mode: 0o600 });
}

/** How many of them were made by, or for, each portal. */
export function countOf(requests: readonly LoggedRequest[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { portal } of requests) counts.set(portal, (counts.get(portal) ?? 0) + 1);
  return counts;
}
