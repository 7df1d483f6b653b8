/** The first minutes with the library: it speaks to nobody but the portal it was given, writes nothing that nobody asked for, and says what is missing. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { get } from 'node:https';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { type Emulator, type EmulatorOptions, memoryStore, startEmulator } from '../../src/emulator/index.ts';
import {
  apply,
  BitrixEventsError,
  check,
  connect,
  createInstaller,
  type Installation,
  loadManifest,
  type Manifest,
  type OpenPortal,
  plan,
  toNodeHandler,
} from '../../src/index.ts';
import { listen } from '../installer/world.ts';
import { hostsOf } from './hosts.ts';

const here = ['127.0.0.1'];
const stdin = 'version: 1\nbindings:\n  - { event: OnCrmDealAdd, handler: "https://app.example.com/b24" }\n';
const wanted: Manifest = await loadManifest({ file: '-', stdin, cwd: '/', env: {} });

async function anEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

async function opened(options: Parameters<typeof connect>[0]): Promise<OpenPortal> {
  const portal = await connect(options);
  onTestFinished(() => portal.close());
  return portal;
}

/** Everything there is to do with an open portal. */
async function use(portal: OpenPortal): Promise<string> {
  await plan(wanted, portal);
  const { report } = await apply(wanted, portal);
  await check(wanted, portal);
  await portal.accessToken();
  await portal.diagnosis();
  return report.verdict;
}

function codeOf(error: unknown): string {
  if (error instanceof BitrixEventsError) return error.code;
  throw error;
}

test('the look at hosts sees those of other programs, too', async () => {
  const [, hosts] = await hostsOf(
    () => new Promise<void>((resolve) => get('https://nobody.invalid/').on('error', () => resolve())),
  );
  expect(hosts).toEqual(['nobody.invalid']);
});

/** Fewer and fewer of the emulator's credentials: what is left leads to this machine, and so does what is learned from there. */
const partsOfThem = {
  'as they are': [],
  'without member id': ['memberId'],
  'without authorisation server': ['oauthUrl'],
  'without address': ['clientEndpoint'],
} as const;

function without(emulator: Emulator, missing: readonly string[]) {
  return { ...emulator.credentials, ...Object.fromEntries(missing.map((name) => [name, undefined])) };
}

test.for(Object.entries(partsOfThem))(
  "with the emulator's credentials %s nobody else is spoken to, nor at a refresh, and at one that fails",
  async ([, missing]) => {
    const emulator = await anEmulator();
    const credentials = without(emulator, missing);
    const store = memoryStore<Installation>();
    expect(await hostsOf(() => opened({ credentials }).then(use))).toEqual(['converged', here]);
    const refreshed = async () => {
      const portal = await opened({ credentials, store });
      emulator.expireTokens();
      return use(portal);
    };
    expect(await hostsOf(refreshed)).toEqual(['unchanged', here]);
    emulator.killRefreshChain();
    emulator.expireTokens();
    const dead = () => opened({ credentials, store }).then(use).catch(codeOf);
    expect(await hostsOf(dead)).toEqual(['authorisation-lost', here]);
  },
);

test('nor where nothing tells whose the tokens are: its own address is a guess, and not what the emulator has for that', async () => {
  const emulator = await anEmulator();
  const credentials = without(emulator, ['memberId', 'oauthUrl']);
  expect(await hostsOf(() => opened({ credentials }).then(use).catch(codeOf))).toEqual(['no-answer', here]);
});

test('nor where the record of a portal on this machine names a public server', async () => {
  const emulator = await anEmulator();
  const { oauthUrl: _, ...credentials } = emulator.credentials;
  const store = memoryStore<Installation>();
  await opened({ credentials, store });
  const record = await store.read(emulator.memberId);
  if (record === undefined) throw new Error('it is not kept');
  await store.write({ ...record, server: 'https://oauth.bitrix.info' });
  emulator.expireTokens();
  expect(await hostsOf(async () => use(await opened({ credentials, store })))).toEqual(['converged', here]);
});

test('nor by an installer, when its application is installed, and its tokens are refreshed', async () => {
  const emulator = await anEmulator({ outbound: 'send' });
  const { clientId, clientSecret, oauthUrl } = emulator.credentials;
  const told: unknown[] = [];
  const installer = createInstaller({
    manifest: wanted,
    application: { clientId, clientSecret, oauthUrl },
    hooks: { onInstalled: ({ report }) => void told.push(report.verdict) },
    onError: (error, { during }) => void told.push([during, codeOf(error)]),
  });
  onTestFinished(() => installer.close());
  // That tokens are lost at the end of the process is said before anything is installed.
  expect(told).toEqual([['start', 'no-store']]);
  const url = `${await listen(createServer(toNodeHandler(installer)))}/`;
  await emulator.uninstall({ clean: true });
  const [, hosts] = await hostsOf(async () => {
    await emulator.install({ kind: 'api-only', applicationUrl: url });
    const token = await installer.accessToken(emulator.memberId);
    emulator.expireTokens();
    expect(await installer.accessToken(emulator.memberId, token)).not.toBe(token);
  });
  expect(told.slice(1)).toEqual(['converged']);
  expect(hosts).toEqual(here);
});

test("an installer that was not told of the emulator's authorisation server asks no other, and says what is missing", async () => {
  const emulator = await anEmulator({ outbound: 'send' });
  const { clientId, clientSecret } = emulator.credentials;
  const reasons: unknown[] = [];
  const installer = createInstaller({
    manifest: wanted,
    application: { clientId, clientSecret },
    store: memoryStore<Installation>(),
    log: ({ reason }) => void reasons.push(reason),
  });
  onTestFinished(() => installer.close());
  const url = `${await listen(createServer(toNodeHandler(installer)))}/`;
  const [, hosts] = await hostsOf(() => emulator.install({ kind: 'api-only', applicationUrl: url }));
  expect([reasons, hosts]).toEqual([['portal-of-this-machine'], here]);
});

test('without a store a refresh token is not spent: it works once, and the new pair would be lost', async () => {
  const emulator = await anEmulator();
  const { credentials } = emulator;
  const portal = await opened({ credentials });
  emulator.expireTokens();
  await expect(plan(wanted, portal)).rejects.toMatchObject({
    code: 'no-store',
    message: expect.stringContaining('the new pair would be lost with this process'),
    hint: "Give a `store` that keeps it, such as 'file:.bitrix-events', or an access token that is still valid",
  });
  await expect(portal.accessToken(credentials.accessToken)).rejects.toMatchObject({ code: 'no-store' });
  const { accessToken: _, ...onlyRefresh } = credentials;
  await expect(connect({ credentials: onlyRefresh })).rejects.toMatchObject({ code: 'no-store' });
  expect(emulator.refreshToken).toBe(credentials.refreshToken);
  // And so it is still good for somebody who keeps what comes of it.
  expect(await use(await opened({ credentials, store: memoryStore<Installation>() }))).toBe('converged');
});

test('without a store those of one process still wait for each other before they change a portal', async () => {
  const emulator = await anEmulator();
  const { credentials } = emulator;
  const [first, second] = await Promise.all([opened({ credentials }), opened({ credentials })]);
  const held = await first.lock();
  const waited = await new Promise((resolve) => {
    const take = async () => {
      const other = await second.lock({ onWait: ({ owner }) => resolve(owner) });
      await other.release();
      resolve('nobody');
    };
    void take();
  });
  await held.release();
  expect(waited).toBe('this process');
  const verdicts = await Promise.all(
    [first, second].map(async (portal) => (await apply(wanted, portal)).report.verdict),
  );
  expect(verdicts.toSorted()).toEqual(['converged', 'unchanged']);
});

test('nothing is written into the folder of the process', async () => {
  const emulator = await anEmulator({ outbound: 'send' });
  const cwd = await mkdtemp(join(tmpdir(), 'bitrix-events-first-use-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
  const script = `
    import { createServer } from 'node:http';
    import * as library from ${JSON.stringify(library)};
    const { connect, apply, loadManifest, createInstaller, toNodeHandler } = library;
    const credentials = ${JSON.stringify(emulator.credentials)};
    const manifest = await loadManifest({ file: '-', stdin: ${JSON.stringify(stdin)}, cwd: '/', env: {} });
    const portal = await connect({ credentials });
    console.log((await apply(manifest, portal)).report.verdict);
    await portal.close();
    const installer = createInstaller({ manifest, application: credentials, hooks: {
      onInstalled: ({ report }) => console.log('installed', report.verdict),
    } });
    const server = createServer(toNodeHandler(installer)).listen(0, '127.0.0.1', () =>
      console.log('http://127.0.0.1:' + server.address().port + '/'));
    process.stdin.resume().on('end', async () => { server.close(); await installer.close(); });`;
  const ended = new Promise<readonly [out: string, err: string]>((resolve) => {
    const child = execFile(process.execPath, ['--input-type=module', '-e', script], { cwd }, (_, out, err) =>
      resolve([out, err]),
    );
    child.stdout?.on('data', (text: string) => {
      const url = /http\S+/.exec(text)?.[0];
      if (url === undefined) return;
      const installed = emulator.install({ kind: 'api-only', applicationUrl: url });
      void installed.finally(() => child.stdin?.end());
    });
  });
  const [out, err] = await ended;
  expect(out).toMatch(/^converged\nhttp\S+\ninstalled (converged|unchanged)\n$/);
  expect(err).toBe(
    "bitrix-events: start: the installer was given no store: the tokens of every installation are lost when this process ends  [no-store]  Give a `store`, such as 'file:.bitrix-events', or all of what credentialsFromEnv finds\n",
  );
  expect(await readdir(cwd)).toEqual([]);
});
