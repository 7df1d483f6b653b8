/** The doctor's findings: each check in each of its outcomes, with what a portal, a store and handlers can be like. */
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { platform } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import type { Emulator, EmulatorOptions } from '../../src/emulator/index.ts';
import { aCli, aPortal, type Cli, document, manifestText, type Ran, type RunOptions } from './cli.ts';

interface Finding {
  readonly code: string;
  readonly status: string;
  readonly message: string;
  readonly hint?: string;
}

const none = 'version: 1\nbindings: []\n';

function checksOf(ran: Ran): readonly Finding[] {
  return document(ran)['checks'] as readonly Finding[];
}

async function findings(
  cli: Cli,
  code: string,
  options: RunOptions = {},
  line = 'doctor',
): Promise<readonly Finding[]> {
  const checks = checksOf(await cli.run(`${line} --format json`, options));
  return checks.filter((check) => check.code === code);
}

interface Case {
  readonly emulator?: EmulatorOptions;
  readonly manifest?: string;
  readonly arrange?: (cli: Cli, emulator: Emulator) => unknown;
  readonly env?: Readonly<Record<string, string>>;
}

const key = Buffer.alloc(32, 1).toString('base64');
const otherKey = Buffer.alloc(32, 2).toString('base64');
const offline = 'version: 1\nbindings: [{ event: OnCrmDealAdd, event_type: offline, auth_connector: erp }]\n';

const cases: readonly (readonly [code: string, status: string, message: RegExp, what: string, Case])[] = [
  ['doctor-manifest', 'ok', /asks for 0 bindings$/, 'a manifest', {}],
  [
    'doctor-manifest',
    'warning',
    /draws 1 warning$/,
    'a manifest with a warning',
    { manifest: manifestText(['OnNothing']) },
  ],
  ['doctor-manifest', 'failed', /has 1 error$/, 'a manifest with an error', { manifest: 'version: 1\n' }],
  ['doctor-credentials', 'ok', /variables give/, 'variables', {}],
  ['doctor-application', 'ok', /its secret is set$/, 'an application', {}],
  [
    'doctor-application',
    'warning',
    /^BITRIX24_CLIENT_SECRET is not set/,
    'an application without its secret',
    { env: { BITRIX24_CLIENT_SECRET: '' } },
  ],
  ['doctor-store', 'ok', /holds 0 installations$/, 'an empty store', {}],
  [
    'doctor-store',
    'failed',
    /damaged|not JSON|cannot be read/,
    'a store with a damaged record',
    { arrange: (cli) => cli.write(`.bitrix-events/${'f'.repeat(32)}.json`, 'no JSON') },
  ],
  [
    'doctor-store',
    'failed',
    /is no folder$/,
    'a file in place of the store',
    { arrange: (cli) => cli.write('.bitrix-events', '') },
  ],
  ['doctor-store-privacy', 'ok', /only its owner/, 'a private store', { arrange: (cli) => cli.run('plan') }],
  ['doctor-store-key', 'warning', /in the clear$/, 'no key', {}],
  ['doctor-store-key', 'ok', /with the first key$/, 'a key', { env: { BITRIX_EVENTS_KEY: key } }],
  [
    'doctor-store-key',
    'warning',
    /^1 record of the store is not encrypted/,
    'an older key',
    {
      arrange: (cli) => cli.run('plan', { env: { BITRIX_EVENTS_KEY: otherKey } }),
      env: { BITRIX_EVENTS_KEY: `${key},${otherKey}` },
    },
  ],
  [
    'doctor-store-key',
    'failed',
    /^no key was given that opens 1 record/,
    'another key',
    { arrange: (cli) => cli.run('plan', { env: { BITRIX_EVENTS_KEY: otherKey } }), env: { BITRIX_EVENTS_KEY: key } },
  ],
  ['doctor-token', 'ok', /accepts the tokens, which are of user 1$/, 'good tokens', {}],
  [
    'doctor-token',
    'failed',
    /is lost/,
    'tokens that nobody knows',
    { env: { BITRIX24_ACCESS_TOKEN: 'x', BITRIX24_REFRESH_TOKEN: 'x' } },
  ],
  ['doctor-address', 'ok', /^the portal's address is/, 'the usual address', {}],
  [
    'doctor-administrator',
    'warning',
    /^user 15 is no administrator/,
    'an ordinary user',
    { emulator: { portal: { userId: 15 } } },
  ],
  ['doctor-administrator', 'ok', /is an administrator/, 'an administrator', {}],
  [
    'doctor-installed',
    'failed',
    /is not finished/,
    'an open installation',
    { emulator: { portal: { installed: false } } },
  ],
  ['doctor-payment', 'failed', /not paid for/, 'a debt', { emulator: { portal: { paymentExpired: true } } }],
  [
    'doctor-events',
    'failed',
    /does not offer the application ONTASKADD; its scopes are crm$/,
    'a scope that lacks',
    { emulator: { portal: { scope: ['crm'] } }, manifest: manifestText() },
  ],
  ['doctor-events', 'ok', /offers every event/, 'every scope', { manifest: manifestText() }],
  [
    'doctor-connectors',
    'failed',
    /has no connectors, and the manifest asks for erp$/,
    'a plan without connectors',
    { emulator: { portal: { features: { rest_auth_connector: 'N' } } }, manifest: offline },
  ],
  [
    'doctor-connectors',
    'ok',
    /asks for none$/,
    'no need of them',
    { emulator: { portal: { features: { rest_auth_connector: 'N' } } } },
  ],
  [
    'doctor-offline',
    'warning',
    /read and emptied in one/,
    'a plan without extended queues',
    { emulator: { portal: { features: { rest_auth_connector: 'Y', rest_offline_extended: 'N' } } }, manifest: offline },
  ],
  ['doctor-offline', 'ok', /without emptying/, 'a plan with them', { manifest: offline }],
  [
    'doctor-limits',
    'warning',
    /^server\.time has used 400\.0 s of 480 s/,
    'much time used',
    { emulator: { portal: { switches: { operatingSecondsPerCall: { 'server.time': 400 } } } } },
  ],
  ['doctor-limits', 'skipped', /does not say/, 'a box', { emulator: { portal: { edition: 'box' } } }],
  ['doctor-clock', 'ok', /agree$/, 'one time', {}],
  [
    'doctor-clock',
    'warning',
    /is 5 minutes behind that of the portal$/,
    'a portal of the future',
    { emulator: { now: () => Date.now() + 330_000 } },
  ],
  ['doctor-uninstall', 'warning', /ONAPPUNINSTALL is not bound$/, 'nobody who listens', {}],
  [
    'doctor-uninstall',
    'ok',
    /^a handler is told/,
    'somebody who listens',
    { emulator: { portal: { rows: [{ event: 'ONAPPUNINSTALL', handler: 'https://a.invalid/x' }] } } },
  ],
  ['doctor-test-event', 'skipped', /^no test event was sent$/, 'no --send', {}],
];

test.for(cases)(
  '%s is %s',
  async ([code, status, message, _what, { emulator: options, manifest = none, arrange, env = {} }]) => {
    const [cli, emulator] = await aPortal(options, manifest);
    await arrange?.(cli, emulator);
    const [finding, ...others] = await findings(cli, code, { env });
    expect(finding).toMatchObject({ status, message: expect.stringMatching(message) as unknown });
    expect(others).toEqual([]);
    if (status === 'failed' || status === 'warning') expect(finding?.hint).toMatch(/^.{8,}$/);
  },
);

test('it fails exactly when a check failed', async () => {
  const [well] = await aPortal({}, none);
  const good = await well.run('doctor --format json');
  expect({ code: good.code, verdict: document(good)['verdict'] }).toEqual({ code: 0, verdict: 'warning' });
  const [ill] = await aPortal({ portal: { installed: false } }, none);
  const bad = await ill.run('doctor --format json');
  expect({ code: bad.code, verdict: document(bad)['verdict'] }).toEqual({ code: 1, verdict: 'failed' });
  expect((await ill.run('doctor')).code).toBe(1);
});

test('without tokens what the portal would have to be asked is skipped, and there is no manifest to miss', async () => {
  const cli = await aCli();
  const ran = await cli.run('doctor --format json');
  const checks = checksOf(ran);
  expect(ran.code).toBe(1);
  expect(checks.filter(({ status }) => status === 'failed').map(({ code }) => code)).toEqual([
    'doctor-credentials',
    'doctor-token',
  ]);
  expect(checks.find(({ code }) => code === 'doctor-manifest')).toMatchObject({
    status: 'warning',
    hint: "Write one with 'bitrix-events init'",
  });
  expect(checks.filter(({ status }) => status === 'skipped')).toHaveLength(11);
});

test('a portal that was renamed is found, and its new address told', async () => {
  const [cli, emulator] = await aPortal({}, none);
  await cli.run('plan');
  const former = emulator.clientEndpoint;
  await emulator.rename();
  expect(await findings(cli, 'doctor-address')).toEqual([
    {
      code: 'doctor-address',
      status: 'warning',
      message: `the portal was renamed: it answers at '${new URL(emulator.clientEndpoint).host}' now`,
      hint: `Set BITRIX24_CLIENT_ENDPOINT to https://${new URL(emulator.clientEndpoint).host}/rest/`,
    },
  ]);
  expect(emulator.clientEndpoint).not.toBe(former);
});

test.skipIf(platform() === 'win32')(
  'a store that others may read is told of as a check, and on stderr not again',
  async () => {
    const [cli] = await aPortal({}, none);
    await cli.run('plan');
    await chmod(join(cli.directory, '.bitrix-events'), 0o755);
    const [finding] = await findings(cli, 'doctor-store-privacy');
    expect(finding).toMatchObject({
      status: 'warning',
      hint: expect.stringMatching(/^Close it with: chmod 700/) as unknown,
    });
  },
);

test('queues are measured and stay as they are', async () => {
  const at = { ms: Date.now() - 3 * 3_600_000 };
  const rows = [{ event: 'ONCRMDEALADD', auth_connector: 'erp' }, { event: 'ONCRMDEALADD' }, { event: 'ONTASKADD' }];
  const [cli, emulator] = await aPortal({ now: () => at.ms, portal: { rows } }, none);
  for (let id = 1; id <= 60; id += 1) await emulator.fire('ONCRMDEALADD', { FIELDS: { ID: id } });
  at.ms = Date.now();
  await emulator.fire('ONTASKADD', { FIELDS_AFTER: { ID: 1 } });
  const env = emulator.toEnv();
  for (let look = 1; look <= 2; look += 1) {
    const queues = await findings(cli, 'doctor-queue', { env });
    expect(queues.map(({ status, message }) => [status, message])).toEqual([
      ['warning', '61 events wait in the offline queue, the oldest for 3 hours'],
      ['warning', "60 events wait in the offline queue of connector 'erp', the oldest for 3 hours"],
    ]);
  }
});

test('queues are for administrators, so nobody else is told that theirs failed', async () => {
  const [cli] = await aPortal({ portal: { userId: 15 } }, offline);
  expect(await findings(cli, 'doctor-queue')).toEqual([]);
});

test('an empty queue is a good one', async () => {
  const [cli] = await aPortal({}, offline);
  expect(await findings(cli, 'doctor-queue')).toEqual([
    { code: 'doctor-queue', status: 'ok', message: "the offline queue of connector 'erp' is empty" },
  ]);
});

test('--send fires one test event, and says who gets it', async () => {
  const [cli, emulator] = await aPortal({}, none);
  const unheard = await findings(cli, 'doctor-test-event', {}, 'doctor --send');
  expect(unheard).toMatchObject([
    { status: 'warning', message: 'a test event was fired, and no handler of ONAPPTEST gets it' },
  ]);
  await cli.write('bitrix-events.yaml', manifestText(['OnAppTest']));
  await cli.run('apply --yes');
  const before = emulator.requests.length;
  const heard = await findings(cli, 'doctor-test-event', {}, 'doctor --send');
  expect(heard).toMatchObject([
    { status: 'ok', message: 'a test event was fired, and goes to https://app.example.com/b24' },
  ]);
  expect(emulator.requests.slice(before).filter(({ method }) => method === 'event.test')).toHaveLength(1);
});

/** A handler's server, and what it was asked. */
async function aServer(listener: RequestListener, isSecure = false): Promise<readonly [string, string[]]> {
  const asked: string[] = [];
  const listen: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['content-length'] ?? 'no body'}`);
    listener(request, response);
  };
  const file = (name: string) => readFileSync(new URL(`../fixtures/localhost.${name}.pem`, import.meta.url));
  const server = isSecure ? createTlsServer({ cert: file('cert'), key: file('key') }, listen) : createServer(listen);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return [`${isSecure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`, asked];
}

async function handlerFindings(url: string, code = 'doctor-handler') {
  const [cli] = await aPortal({ portal: { rows: [{ event: 'ONTASKADD', handler: url }] } }, none);
  return (await findings(cli, code)).map(({ status, message }) => [status, message.replace(/ in \d+ ms/, '')]);
}

test('a handler is asked once by HEAD, without its query and without a body', async () => {
  const [origin, asked] = await aServer((_, response) => response.writeHead(405).end());
  const rows = ['ONTASKADD', 'ONCRMDEALADD'].map((event) => ({
    event,
    handler: `${origin}/b24?key=hush&event=${event}`,
  }));
  const [cli] = await aPortal({ portal: { rows } }, none);
  const ran = await cli.run('doctor');
  expect(asked).toEqual(['HEAD /b24 no body']);
  expect(ran.out).toContain(`ok       ${origin}/b24?… answers 405 in `);
  expect(ran.out).not.toContain('hush');
});

test('a redirect, a failing server and one that does not listen are told apart', async () => {
  const [redirecting] = await aServer((_, response) =>
    response.writeHead(301, { location: 'https://a.example/b?key=1' }).end(),
  );
  expect(await handlerFindings(`${redirecting}/x`)).toEqual([
    ['warning', `${redirecting}/x answers 301, a redirect to https://a.example/b?…`],
  ]);
  const [failing] = await aServer((_, response) => response.writeHead(503).end());
  expect(await handlerFindings(`${failing}/x`)).toEqual([['warning', `${failing}/x answers 503`]]);
  expect(await handlerFindings('http://127.0.0.1:1/x')).toEqual([
    ['failed', 'http://127.0.0.1:1/x: connection refused'],
  ]);
  expect(await handlerFindings('https://no-such-host.invalid/x')).toEqual([
    ['failed', expect.stringMatching(/^https:\/\/no-such-host\.invalid\/x: (no such host|the host name could not be)/)],
  ]);
});

test('a certificate that is not to be trusted is its own finding', async () => {
  const [origin] = await aServer((_, response) => response.end(), true);
  expect(await handlerFindings(`${origin}/x`)).toEqual([]);
  expect(await handlerFindings(`${origin}/x`, 'doctor-handler-tls')).toEqual([
    ['failed', expect.stringMatching(/^127\.0\.0\.1:\d+: the certificate is /)],
  ]);
});

test('text has a line for each finding, how to mend it below, and the verdict last', async () => {
  const [cli] = await aPortal({ portal: { paymentExpired: true } }, none);
  const ran = await cli.run('doctor');
  expect(ran.out).toContain(
    'failed   the application is not paid for: bindings are silent and events are\n' +
      '         dropped  [doctor-payment]\n         -> Pay for it on the portal\n',
  );
  expect(ran.out).toMatch(/\n\nWhat failed has to be mended\. 14 ok, 2 warnings, 1 failed, 1 skipped\n$/);
  expect(ran.out.split('\n').every((line) => line.length <= 80)).toBe(true);
});
