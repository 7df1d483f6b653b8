/** The examples, followed from what their README says, each in a copy of its folder. */
import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { openPostgresStore } from '../../src/postgres/postgres-store.ts';
import { version } from '../../src/version.ts';
import { anEmulator, writesTo } from '../cli/cli.ts';
import { fill } from '../cli/many.ts';
import { aDatabase } from '../support/postgres.ts';
import { type Block, root } from './pages.ts';
import { aReader, type Reader, type ReaderOptions, removePackage } from './reader.ts';
import { blocksOf, type Story, stories } from './stories.ts';
import { has } from './terminal.ts';

afterAll(removePackage);

/** A reader who has copied the example's folder. */
async function aCopyOf({ page }: Story, options: ReaderOptions): Promise<Reader> {
  const reader = await aReader(options);
  await cp(join(root, dirname(page)), reader.folder, { recursive: true });
  return reader;
}

/** @returns what was shown */
async function tell(story: Story, reader: Reader): Promise<string> {
  let shown = '';
  for (const block of blocksOf(story)) shown += await reader.follow(block);
  return shown;
}

const eventsOf = (rows: Emulator['rows']): readonly string[] =>
  rows
    .map(({ event }) => event)
    .filter((event) => event !== 'ONAPPINSTALL')
    .sort();

test('examples/minimal', async () => {
  const emulator = await anEmulator();
  // What a person types at the question.
  const replace = () => Promise.resolve(new Map([['bitrix-events apply', 'bitrix-events apply --yes']]));
  const reader = await aCopyOf(stories.minimal, { installed: true, env: emulator.toEnv(), replace });
  await tell(stories.minimal, reader);
  expect(eventsOf(emulator.rows)).toEqual(['ONCRMDEALADD', 'ONTASKADD']);
});

test('examples/environments', async () => {
  const emulator = await anEmulator();
  const reader = await aCopyOf(stories.environments, { installed: true, env: emulator.toEnv() });
  const shown = await tell(stories.environments, reader);
  expect(shown).toContain('https://staging.example.com/b24/crm');
  expect(shown).toContain('https://events.example.com/b24/crm');
  expect(writesTo(emulator)).toEqual([]);
});

test.for(['express', 'fastify', 'nodeHttp', 'hono'] as const)(
  'the server of examples/%s binds what its manifest says on a portal that installs the application',
  async (name, { skip }) => {
    skip(name === 'hono' && !has('bun'), 'there is no bun on this machine');
    const emulator = await anEmulator();
    await emulator.uninstall({ clean: true });
    const { clientId, clientSecret, oauthUrl } = emulator;
    const here = new Map([
      ['BITRIX24_CLIENT_ID=…', `BITRIX24_CLIENT_ID=${clientId}`],
      ['BITRIX24_CLIENT_SECRET=…', `BITRIX24_CLIENT_SECRET=${clientSecret}`],
    ]);
    const reader = await aCopyOf(stories[name], {
      installed: false,
      env: { PORT: '0', BITRIX24_OAUTH_URL: oauthUrl },
      replace: () => Promise.resolve(here),
    });
    const [origin = ''] = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(await tell(stories[name], reader)) ?? [];
    const applicationUrl = `${origin}/bitrix24`;
    expect(await emulator.install({ kind: 'api-only', applicationUrl })).toMatchObject({ status: 200 });
    expect(eventsOf(emulator.rows)).toEqual(['ONAPPUNINSTALL', 'ONCRMDEALADD', 'ONCRMDEALUPDATE']);
  },
);

/** Of a machine that has systemd and cron: their folders, and somebody who looks at what is enabled. */
interface Machine {
  readonly reader: Reader;
  /** What has been put below /etc. */
  readonly read: (path: string) => Promise<string>;
  /** The units that were enabled. */
  readonly enabled: () => Promise<readonly string[]>;
}

async function aMachine(story: Story, more: ReadonlyMap<string, string> = new Map()): Promise<Machine> {
  const replace = (folder: string) =>
    Promise.resolve(
      new Map([
        ['/etc/', `${etcOf(folder)}/`],
        ['/srv/app', folder],
        // There is no such user here, and nobody but root could give him a folder.
        ['--owner bitrix-events', '--owner "$(id -u)"'],
        ...more,
      ]),
    );
  const reader = await aCopyOf(story, { installed: false, replace });
  const etc = etcOf(reader.folder);
  for (const folder of ['cron.d', 'systemd/system']) await mkdir(join(etc, folder), { recursive: true });
  const systemctl = join(dirname(reader.folder), 'bin/systemctl');
  await mkdir(dirname(systemctl), { recursive: true });
  await writeFile(systemctl, systemctlIn(etc));
  await chmod(systemctl, 0o755);
  const read = (path: string): Promise<string> => readFile(join(etc, path), 'utf8');
  return { reader, read, enabled: async () => (await read('enabled')).trim().split('\n') };
}

const etcOf = (folder: string): string => join(dirname(folder), 'etc');

/** Enables what is installed and can be enabled, an instance of a template too, and starts nothing. */
function systemctlIn(etc: string): string {
  return `#!/usr/bin/env bash
set -eu
[ "$1 $2" = 'enable --now' ]
for unit in "\${@:3}"; do
  case $unit in *.*) file=$unit ;; *) file=$unit.service ;; esac
  grep -q '^\\[Install\\]$' "${etc}/systemd/system/\${file/@*./@.}"
  echo "$unit" >> '${etc}/enabled'
done
`;
}

/** What a unit starts, as a block of that file. */
async function startOf(page: string): Promise<Block> {
  const lines = (await readFile(join(root, page), 'utf8')).split('\n');
  const index = lines.findIndex((line) => line.startsWith('ExecStart='));
  const text = lines[index]?.replace('ExecStart=', '') ?? '';
  return { page, headings: [], language: 'sh', info: '', text, line: index + 1 };
}

const example = (path: string): Promise<string> => readFile(join(root, 'examples', path), 'utf8');

test('examples/cron installs a line for cron, and a timer with its service', async ({ skip }) => {
  skip(process.platform !== 'linux', 'it is for Linux, whose install has long options');
  const { reader, read, enabled } = await aMachine(stories.cron);
  await tell(stories.cron, reader);
  expect(await read('cron.d/bitrix-events')).toBe(await example('cron/crontab'));
  for (const unit of ['bitrix-events-check.service', 'bitrix-events-check.timer'])
    expect(await read(`systemd/system/${unit}`)).toBe(await example(`cron/${unit}`));
  expect(await enabled()).toEqual(['bitrix-events-check.timer']);
  expect((await stat(join(reader.folder, '.bitrix-events'))).mode & 0o777).toBe(0o700);
  expect(await reader.bash('bitrix-events --version')).toMatchObject({ code: 0, shown: `${version}\n` });
});

test('examples/serve installs the command, its manifest and its service', async () => {
  const { reader, read, enabled } = await aMachine(stories.serve);
  await tell(stories.serve, reader);
  expect(await read('bitrix-events.yaml')).toBe(await example('serve/bitrix-events.yaml'));
  expect(await enabled()).toEqual(['bitrix-events']);
  expect(await reader.bash('bitrix-events --version')).toMatchObject({ code: 0, shown: `${version}\n` });
});

test('examples/fleet installs workers as services, who carry out what is rolled out from the repository', async () => {
  const emulator = await anEmulator();
  const { clientId, clientSecret, oauthUrl } = emulator;
  const portals = emulator.addPortals([
    { name: 'ours', count: 2 },
    { name: 'theirs', count: 10 },
  ]);
  const [database, key] = [await aDatabase(), randomBytes(32).toString('base64')];
  const here = new Map([
    ['postgres://app:PASSWORD@db.example.com/app', database],
    ['32 random bytes in base64', key],
    ['app.0123456789abcd.01234567', clientId],
    // A real portal's servers are known; an emulated one has to say where its own is.
    ['BITRIX24_CLIENT_SECRET=…', `BITRIX24_CLIENT_SECRET=${clientSecret}\nBITRIX24_OAUTH_URL=${oauthUrl}`],
    // What a person types at the question; and nobody waits half an hour here.
    ['--bake 30m', '--bake 1s --yes'],
  ]);
  await fill(openPostgresStore(database), emulator, portals);
  const { reader, enabled } = await aMachine(stories.fleetService, here);
  const service = await startOf('examples/fleet/bitrix-events-worker@.service');
  let shown = '';
  for (const block of blocksOf(stories.fleetService)) {
    shown = await reader.follow(block);
    if (block.language === 'dotenv') await reader.follow(service);
  }
  expect(await enabled()).toEqual(['bitrix-events-worker@1', 'bitrix-events-worker@2']);
  expect(shown).toMatch(/^Rollout .*, apply, completed\n[^]*\n12 portals: 12 succeeded\n$/m);
  const events = ['ONAPPUNINSTALL', 'ONCRMDEALADD', 'ONCRMDEALDELETE', 'ONCRMDEALUPDATE'];
  for (const { rows } of portals) expect(eventsOf(rows)).toEqual(events);
});
