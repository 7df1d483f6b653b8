/** The documents, followed from their first block to their last in an empty folder with the packed package. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { anEmulator, writesTo } from '../cli/cli.ts';
import { aReader, type Reader, removePackage } from './reader.ts';
import { aDatabase, changed, runSql } from '../support/postgres.ts';
import { blocksOf, type Story, stories } from './stories.ts';

afterAll(removePackage);

type Replacements = ReadonlyMap<string, string>;

/** @param note told how long each step takes, which a reporter may show */
async function tell(story: Story, reader: Reader, note?: (text: string) => Promise<unknown>): Promise<void> {
  for (const block of blocksOf(story)) {
    const beganMs = performance.now();
    await reader.follow(block);
    const seconds = ((performance.now() - beganMs) / 1_000).toFixed(1);
    await note?.(`${block.page}:${block.line} ${block.text.split('\n')[0]}: ${seconds} s`);
  }
}

/** Where the documents have an application that answers. */
async function anApplication(): Promise<string> {
  const application = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await once(application, 'listening');
  onTestFinished(() => void application.close());
  return `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
}

/** A code for the login, as the browser would bring it. */
async function codeFrom(origin: string): Promise<string> {
  const answer = await fetch(`${origin}/_emulator/oauth-code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  return ((await answer.json()) as { readonly result: { readonly code: string } }).result.code;
}

/** The portal of the documents is an emulated one, whose credentials these are; a person's part of the login is done. */
async function portalOf(env: NodeJS.Dict<string>): Promise<Replacements> {
  const { BITRIX24_CLIENT_ENDPOINT: endpoint = '' } = env;
  const { origin } = new URL(endpoint);
  return new Map([
    ['https://acme.bitrix24.com/rest/', endpoint],
    ['login acme.bitrix24.com', `login ${origin} --code ${await codeFrom(origin)}`],
    ['login acme.bitrix24.ru', `login ${origin} --code ${await codeFrom(origin)}`],
    ['BITRIX24_CLIENT_ID=local.…', `BITRIX24_CLIENT_ID=${env['BITRIX24_CLIENT_ID']}`],
    // A real portal's servers are known; an emulated one has to say where its own is.
    [
      'BITRIX24_CLIENT_SECRET=…',
      `BITRIX24_CLIENT_SECRET=${env['BITRIX24_CLIENT_SECRET']}\nBITRIX24_OAUTH_URL=${env['BITRIX24_OAUTH_URL']}`,
    ],
    ['BITRIX24_ACCESS_TOKEN=…', `BITRIX24_ACCESS_TOKEN=${env['BITRIX24_ACCESS_TOKEN']}`],
    ['BITRIX24_REFRESH_TOKEN=…', `BITRIX24_REFRESH_TOKEN=${env['BITRIX24_REFRESH_TOKEN']}`],
  ]);
}

/** Once the document has started its emulator, the portal is that one. */
function portalIn(application: string): (folder: string) => Promise<Replacements> {
  let env: NodeJS.Dict<string> | undefined;
  return async (folder) => {
    env ??= await readFile(join(folder, '.env'), 'utf8').then(parseEnv, () => undefined);
    const portal = env === undefined ? new Map<string, string>() : await portalOf(env);
    return new Map([...portal, ['https://app.example.com', application]]);
  };
}

function rowsOf(emulator: Emulator): readonly string[] {
  return emulator.rows
    .map(({ event }) => event)
    .filter((event) => event !== 'ONAPPINSTALL')
    .sort();
}

test.for(['plan', 'planRu'] as const)('the plan at the top of the README is what the tool shows (%s)', async (name) => {
  const emulator = await anEmulator();
  const at = (path: string) => `https://app.example.com/b24/${path}`;
  emulator.addRow({ event: 'ONCRMDEALADD', handler: at('crm') });
  emulator.addRow({ event: 'ONCRMLEADADD', handler: at('old') });
  emulator.addRow({ event: 'ONCRMDEALUPDATE', handler: at('old') });
  emulator.addRow({ event: 'ONCRMCONTACTUPDATE', handler: 'https://erp.example.org/hook' });
  await tell(stories[name], await aReader({ installed: true, env: emulator.toEnv() }));
  expect(writesTo(emulator)).toEqual([]);
});

test.for(['readme', 'readmeRu'] as const)(
  'the way of a newcomer through the README ends on a portal (%s)',
  async (name, { annotate }) => {
    const reader = await aReader({ installed: false, replace: portalIn(await anApplication()) });
    await tell(stories[name], reader, (step) => annotate(step, 'step'));
    expect(await reader.bash('npx bitrix-events check')).toMatchObject({ code: 0 });
  },
);

test.for(['gettingStarted', 'gettingStartedRu'] as const)('getting started (%s)', async (name) => {
  const reader = await aReader({ installed: false, replace: portalIn('https://app.example.com') });
  await tell(stories[name], reader);
  expect(await reader.bash('npx bitrix-events check')).toMatchObject({ code: 0 });
});

test('an application and its tokens, each way', async () => {
  const emulator = await anEmulator();
  const application = await anApplication();
  const reader = await aReader({ installed: true, replace: () => portalOf(emulator.toEnv()) });
  await writeFile(
    join(reader.folder, 'bitrix-events.yaml'),
    `version: 1\nbindings: [{ event: OnCrmDealAdd, handler: "${application}/b24" }]\n`,
  );
  await tell(stories.application, reader);
  expect(await reader.bash('npx bitrix-events store list')).toMatchObject({ code: 0 });
});

test('the manifest with everything in it is valid, and its plan is reviewed and applied', async () => {
  const emulator = await anEmulator();
  const replace = () => Promise.resolve(new Map([['portal: acme.bitrix24.com', `portal: ${emulator.memberId}`]]));
  const reader = await aReader({ installed: true, env: emulator.toEnv(), replace });
  await tell(stories.manifest, reader);
  expect(await reader.bash('npx bitrix-events check')).toMatchObject({ code: 0 });
  const staging = await reader.bash('npx bitrix-events validate --environment staging');
  expect(staging).toMatchObject({ code: 0 });
});

test('the installer hook binds what its manifest says, in both servers, and none begins to serve without a manifest', async () => {
  const emulator = await anEmulator({ outbound: 'send' });
  const env = emulator.toEnv();
  await emulator.uninstall({ clean: true });
  const reader = await aReader({ installed: true, env });
  await tell(stories.installer, reader);
  for (const documented of [8080, 8081]) {
    const applicationUrl = `http://127.0.0.1:${reader.portOf(documented)}/bitrix24`;
    expect(await emulator.install({ kind: 'api-only', applicationUrl })).toMatchObject({ status: 200 });
    expect(rowsOf(emulator)).toEqual(['ONAPPUNINSTALL', 'ONCRMDEALADD', 'ONCRMDEALUPDATE']);
    await emulator.uninstall({ clean: true });
    expect(rowsOf(emulator)).toEqual([]);
  }
  await rm(join(reader.folder, 'bitrix-events.yaml'));
  const broken = await reader.bash('node server.mjs');
  expect(broken.code).toBe(1);
  expect(broken.err).toContain("code: 'unreadable-manifest'");
});

test('a key is made, and the records are written anew with it', async () => {
  const emulator = await anEmulator();
  const [NEW_KEY, OLD_KEY] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  const reader = await aReader({ installed: true, env: { ...emulator.toEnv(), NEW_KEY, OLD_KEY } });
  const before = await reader.bash('BITRIX_EVENTS_KEY="$OLD_KEY" npx bitrix-events import');
  expect(before).toMatchObject({ code: 0 });
  await tell(stories.variables, reader);
  expect(await reader.bash('BITRIX_EVENTS_KEY="$NEW_KEY" npx bitrix-events import')).toMatchObject({ code: 0 });
  const old = await reader.bash('BITRIX_EVENTS_KEY="$OLD_KEY" npx bitrix-events import');
  expect(old.err).toContain('[wrong-key]');
});

test('a store moves from a folder into a database, whose user owns nothing but the schema', async () => {
  const emulator = await anEmulator();
  const database = await aDatabase();
  const url = changed(database, { username: 'app', password: 'of-app' });
  const key = randomBytes(32).toString('base64');
  const reader = await aReader({
    installed: true,
    env: emulator.toEnv(),
    sql: (text) => runSql(database, text),
    replace: () =>
      Promise.resolve(
        new Map([
          ["PASSWORD '…'", "PASSWORD 'of-app'"],
          ['BITRIX_EVENTS_KEY=…', `BITRIX_EVENTS_KEY=${key}`],
          ['postgres://app@db.example.com/app', url],
        ]),
      ),
  });
  onTestFinished(async () => void (await runSql(database, 'DROP OWNED BY app CASCADE; DROP ROLE app')));
  expect(await reader.bash(`npm install pg && BITRIX_EVENTS_KEY=${key} npx bitrix-events import`)).toMatchObject({
    code: 0,
  });
  await tell(stories.store, reader);
  const moved = await reader.bash(`BITRIX_EVENTS_KEY=${key} bitrix-events store list --store '${url}'`);
  expect(moved).toMatchObject({ code: 0, shown: expect.stringContaining(emulator.memberId) as string });
});
