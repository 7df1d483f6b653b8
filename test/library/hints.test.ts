/** What goes wrong when the library is used for the first time: each error is one of ours, in one line, and says what to do. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Emulator, memoryStore, startEmulator } from '../../src/emulator/index.ts';
import {
  apply,
  BitrixEventsError,
  check,
  connect,
  createInstaller,
  credentialsFromEnv,
  type Installation,
  type InstallerOptions,
  loadManifest,
  openFileStore,
  type OpenPortal,
  openPostgresStore,
  parseKeys,
  parsePlan,
  plan,
  renderManifest,
} from '../../src/index.ts';

interface Surroundings {
  readonly emulator: Emulator;
  /** An empty folder. */
  readonly cwd: string;
}

type Mistake = (around: Surroundings) => unknown;

const handler = 'https://app.example.com/b24';
const env = {};
const memberId = 'a'.repeat(32);

function manifestOf(rest: string, cwd = '/') {
  return loadManifest({ file: '-', stdin: `version: 1\n${rest}\n`, cwd, env });
}

const bound = `bindings:\n  - { event: OnCrmDealAdd, handler: "${handler}" }`;

type Options = Parameters<typeof connect>[0];

/** With an open portal, which is closed again; by default with the emulator's credentials and no store. */
function withPortal(
  work: (portal: OpenPortal, around: Surroundings) => unknown,
  optionsIn: (emulator: Emulator) => Options = ({ credentials }) => ({ credentials }),
): Mistake {
  return async (around) => {
    const portal = await connect(optionsIn(around.emulator));
    try {
      return await work(portal, around);
    } finally {
      await portal.close();
    }
  };
}

function installerOf(options: object): unknown {
  const application = { clientId: 'local.1', clientSecret: 'secret' };
  return createInstaller({
    manifest: 'bitrix-events.yaml',
    application,
    store: memoryStore<Installation>(),
    ...options,
  });
}

const mistakes: Readonly<Record<string, readonly [code: string, mistake: Mistake]>> = {
  'nothing to load a manifest from, as in JavaScript': [
    'missing-option',
    () => loadManifest(...(JSON.parse('[]') as Parameters<typeof loadManifest>)),
  ],
  'a manifest and no folder': [
    'missing-option',
    () => loadManifest(JSON.parse('{"file":"x.yaml","env":{}}') as Parameters<typeof loadManifest>[0]),
  ],
  'an environment that was not given': [
    'missing-option',
    () => credentialsFromEnv(JSON.parse('{"cwd":"/"}') as Parameters<typeof credentialsFromEnv>[0]),
  ],
  'no manifest anywhere': ['no-manifest', ({ cwd }) => loadManifest({ cwd, env })],
  'a manifest that is named and not there': [
    'unreadable-manifest',
    ({ cwd }) => loadManifest({ cwd, env, file: 'no.yaml' }),
  ],
  'a folder for a manifest': ['invalid-manifest', ({ cwd }) => loadManifest({ cwd, env, file: '.' })],
  'a manifest with a slip': ['invalid-manifest', () => manifestOf('bindngs: []')],
  'a manifest with a handler that has no name': [
    'invalid-manifest',
    () => manifestOf('bindings:\n  - { event: OnTaskAdd, handler: no }'),
  ],
  'a manifest without a variable it needs': [
    'invalid-manifest',
    () => manifestOf('bindings:\n  - { event: OnTaskAdd, handler: "${APP}" }'),
  ],
  'a manifest that is no YAML': ['invalid-manifest', () => manifestOf('bindings: [')],
  'an environment that is not in the manifest': [
    'invalid-manifest',
    ({ cwd }) => loadManifest({ cwd, env, file: '-', stdin: 'version: 1\nbindings: []\n', environment: 'prod' }),
  ],
  'a .env that cannot be read': [
    'env-file',
    async ({ cwd }) => {
      await writeFile(join(cwd, '.env'), 'what is this\n');
      return credentialsFromEnv({ env, cwd });
    },
  ],
  'a key that is no key': ['invalid-key', () => parseKeys('secret')],
  'a key in the environment that is no key': [
    'invalid-key',
    ({ cwd }) => credentialsFromEnv({ env: { BITRIX_EVENTS_KEY: 'c2hvcnQ=' }, cwd }),
  ],
  'a key that is set and empty': [
    'invalid-key',
    ({ cwd }) => credentialsFromEnv({ env: { BITRIX_EVENTS_KEY: '' }, cwd }),
  ],
  'a store of a kind there is not, in the environment': [
    'invalid-store',
    ({ cwd }) => credentialsFromEnv({ env: { BITRIX_EVENTS_STORE: 'redis://x' }, cwd }),
  ],
  'a store of a kind there is not': ['invalid-store', () => connect({ credentials: {}, store: 'ftp://x' })],
  'a store that is only a path': ['invalid-store', () => connect({ credentials: {}, store: './tokens' })],
  'a database at no address': ['invalid-store', () => openPostgresStore('mysql://localhost/x')],
  'no credentials and no store': ['no-credentials', () => connect({ credentials: {} })],
  'nothing at all, as in JavaScript': [
    'no-credentials',
    () => connect(JSON.parse('{}') as Parameters<typeof connect>[0]),
  ],
  'credentials whose variables are all empty': [
    'no-credentials',
    () => connect({ credentials: { clientEndpoint: '', accessToken: ' ' } }),
  ],
  'no credentials and an empty store': [
    'no-credentials',
    ({ cwd }) => connect({ credentials: {}, store: `file:${cwd}` }),
  ],
  'an address without tokens': [
    'no-credentials',
    () => connect({ credentials: { clientEndpoint: 'acme.bitrix24.com' } }),
  ],
  'the URL of a webhook': [
    'webhook-url',
    () => connect({ credentials: { clientEndpoint: 'https://acme.bitrix24.com/rest/1/s3cret/', accessToken: 'a' } }),
  ],
  'plain http': [
    'insecure-endpoint',
    () => connect({ credentials: { clientEndpoint: 'http://acme.bitrix24.com/rest/', accessToken: 'a' } }),
  ],
  'no address': ['invalid-endpoint', () => connect({ credentials: { clientEndpoint: 'https://', accessToken: 'a' } })],
  'an authorisation server over plain http': [
    'insecure-endpoint',
    () =>
      connect({
        credentials: { clientEndpoint: 'acme.bitrix24.com', accessToken: 'a', oauthUrl: 'http://oauth.bitrix.info' },
      }),
  ],
  'a proxy that is none': [
    'invalid-proxy',
    () =>
      connect({
        credentials: { clientEndpoint: 'acme.bitrix24.com', accessToken: 'a' },
        proxy: { httpProxy: '', httpsProxy: 'not a proxy', noProxy: '' },
      }),
  ],
  'a portal that is not the one of the tokens': [
    'unknown-portal',
    ({ emulator }) => connect({ credentials: emulator.credentials, portal: 'acme.bitrix24.com' }),
  ],
  'a portal that the store does not have': [
    'unknown-portal',
    async ({ emulator }) => {
      const store = memoryStore<Installation>();
      await (await connect({ credentials: emulator.credentials, store })).close();
      return connect({ credentials: {}, store, portal: 'acme.bitrix24.com' });
    },
  ],
  'tokens of another portal': [
    'foreign-tokens',
    ({ emulator }) =>
      connect({
        credentials: { ...emulator.credentials, memberId: undefined, clientEndpoint: 'https://127.0.0.1:1/rest/' },
      }),
  ],
  'a portal that nobody answers for': [
    'unreachable',
    withPortal(
      async (portal) => plan(await manifestOf(bound), portal),
      () => ({ credentials: { clientEndpoint: 'http://127.0.0.1:1/rest/', accessToken: 'a', memberId } }),
    ),
  ],
  'tokens past their hour, without a store': [
    'no-store',
    withPortal(async (portal, { emulator }) => {
      emulator.expireTokens();
      return plan(await manifestOf(bound), portal);
    }),
  ],
  'tokens past their hour, without a refresh token': [
    'authorisation-expired',
    withPortal(
      async (portal, { emulator }) => {
        emulator.expireTokens();
        return plan(await manifestOf(bound), portal);
      },
      ({ credentials }) => ({
        credentials: { ...credentials, refreshToken: undefined },
        store: memoryStore<Installation>(),
      }),
    ),
  ],
  'a manifest for another portal': [
    'wrong-portal',
    withPortal(async (portal) => apply(await manifestOf(`portal: acme.bitrix24.com\n${bound}`), portal)),
  ],
  'an event to rebind that is not in the manifest': [
    'nothing-to-rebind',
    withPortal(async (portal) => plan(await manifestOf(bound), portal, { rebind: ['OnTaskAdd'] })),
  ],
  'a plan that a guard objects to': [
    'left-empty',
    withPortal(async (portal, { emulator }) => {
      emulator.addRow({ event: 'ONCRMDEALADD', handler: `${handler}/old` });
      return apply(await manifestOf(`owns: ["${handler}/"]\nbindings: []`), portal);
    }),
  ],
  'a text that is no plan': ['damaged-plan', () => parsePlan('{}', 'plan.json')],
  'an installer without application': [
    'no-application',
    () => installerOf({ application: { clientId: '', clientSecret: '' } }),
  ],
  'an installer whose variables are not set': [
    'no-application',
    () => installerOf({ application: { clientId: 'local.1', clientSecret: undefined } }),
  ],
  'an installer of nothing, as in JavaScript': [
    'no-application',
    () => createInstaller(JSON.parse('{}') as InstallerOptions),
  ],
  'an installer without manifest': ['no-manifest', () => installerOf({ manifest: undefined })],
  'an installer with the wrong store': ['invalid-store', () => installerOf({ store: 'sqlite:x' })],
  'an installer whose authorisation server is none': [
    'invalid-endpoint',
    () => installerOf({ application: { clientId: 'a', clientSecret: 'b', oauthUrl: 'ftp://x' } }),
  ],
  'an installer that is asked for a portal it does not know': [
    'unknown-portal',
    () =>
      createInstaller({
        manifest: 'x.yaml',
        application: { clientId: 'a', clientSecret: 'b' },
        store: memoryStore<Installation>(),
      }).accessToken(memberId),
  ],
  'an installer whose manifest is not there': [
    'unreadable-manifest',
    ({ cwd }) =>
      createInstaller({
        manifest: 'no.yaml',
        cwd,
        application: { clientId: 'a', clientSecret: 'b' },
        store: memoryStore<Installation>(),
      }).ready(),
  ],
};

test.for(Object.entries(mistakes))('%s', async ([, [code, mistake]]) => {
  const emulator = await startEmulator({ tokenPrefix: 'MARKER' });
  const cwd = await mkdtemp(join(tmpdir(), 'bitrix-events-hints-'));
  onTestFinished(async () => {
    await emulator.close();
    await rm(cwd, { recursive: true, force: true });
  });
  let thrown: unknown;
  try {
    await mistake({ emulator, cwd });
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof BitrixEventsError)) throw new Error('it is none of ours', { cause: thrown });
  expect(thrown.code).toBe(code);
  expect(thrown.message).toMatch(/^.{10,}$/);
  expect(thrown.hint, thrown.message).toMatch(/^.{10,}$/);
  expect(`${thrown.message} ${thrown.hint}`).not.toMatch(/MARKER|s3cret/);
});

test('an error of a manifest says in its hint where the first problem is', async () => {
  await expect(manifestOf(`bindings:\n  - { event: OnTaskAdd, handler: nobody }\nprune: some`)).rejects.toMatchObject({
    message: 'the manifest has 2 errors',
    hint: expect.stringMatching(/^<stdin>:3:\d+: .+\. `diagnostics` has all of them$/),
  });
});

test('what cannot go wrong has no error: files and keys are looked at when they are needed', () => {
  expect(() => openFileStore('/no/such/folder')).not.toThrow();
  expect(() => renderManifest([], { isAdmin: true, userId: 1 })).not.toThrow();
  expect(check).toBeTypeOf('function');
});
