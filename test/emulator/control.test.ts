/** The control interface over HTTP. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { call, like, list, pick, result } from './call.ts';

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({
    tokenPrefix: 'MARK-',
    portal: { memberId: 'm1', switches: { leakyBucket: false } },
  });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

async function act(action: string, body: Record<string, unknown> = {}): Promise<unknown> {
  const response = await fetch(`${emulator.url}/_emulator/${action}`, { method: 'POST', body: JSON.stringify(body) });
  const answer: unknown = await response.json();
  if (response.status !== 200) throw new Error(`${action} answered ${response.status} ${JSON.stringify(answer)}`);
  return pick(answer, 'result');
}

async function view(name: string): Promise<unknown> {
  return pick(await (await fetch(`${emulator.url}/_emulator/${name}`)).json(), 'result');
}

/** A portal of the state. */
async function portal(memberId: string): Promise<unknown> {
  return list(await view('state'), 'portals').find((one) => pick(one, 'memberId') === memberId);
}

test('the state shows portals, rows, options and users, and no secret', async () => {
  emulator.addRow({ event: 'onUserAdd', handler: 'https://a.example/x' });
  emulator.setOption('o', { deep: 1 });
  const state = await view('state');
  expect(state).toMatchObject({
    url: emulator.url,
    portals: [
      {
        memberId: 'm1',
        clientEndpoint: emulator.clientEndpoint,
        app: { kind: 'api-only', isPresent: true, isInstalled: true, version: 1 },
        users: [{ id: 1, admin: true }, { id: 15 }, { id: 16 }],
        options: { o: { deep: 1 } },
        rows: [{ event: 'ONUSERADD', handler: 'https://a.example/x', userId: 0, offline: false }],
      },
    ],
  });
  expect(JSON.stringify(state)).not.toContain('MARK-');
});

test('requests and deliveries can be read', async () => {
  await act('add-row', { event: 'ONUSERADD', handler: 'https://a.example/x' });
  await call(emulator, 'event.get');
  expect(await act('fire', { event: 'OnUserAdd', data: { ID: 5 }, userId: 0 })).toMatchObject([{ event: 'ONUSERADD' }]);
  expect(await view('requests')).toMatchObject([{ index: 0, portal: 'm1', method: 'event.get', status: 200 }]);
  expect(await view('deliveries')).toMatchObject([{ url: 'https://a.example/x', fields: { data: { ID: '5' } } }]);
});

test('every action reaches the portal it names', async () => {
  const second = await act('add-portal', { memberId: 'm2', scope: ['crm'] });
  expect(pick(second, 'clientEndpoint')).toBe(`${emulator.url}/portals/2/rest/`);
  const row = await act('add-row', { portal: 'm2', event: 'ONCRMLEADADD' });
  expect(await portal('m2')).toMatchObject({ rows: [{ event: 'ONCRMLEADADD', offline: true }] });
  expect(await portal('m1')).toMatchObject({ rows: [] });
  await act('remove-row', { portal: 'm2', id: pick(row, 'id') });
  await act('set-user', { portal: 'm2', id: 15, admin: true });
  await act('set-scope', { portal: 'm2', scope: ['task'] });
  await act('set-feature', { portal: 'm2', code: 'rest_auth_connector', value: 'N' });
  await act('set-switches', { portal: 'm2', authTypeAs: 'number' });
  await act('set-option', { portal: 'm2', name: 'x', value: [1] });
  await act('set-payment-expired', { portal: 'm2', on: true });
  await act('set-installed', { portal: 'm2', on: false });
  expect(await portal('m2')).toMatchObject({
    rows: [],
    users: [{ id: 1 }, { id: 15, admin: true }, { id: 16 }],
    features: { rest_auth_connector: 'N' },
    switches: { authTypeAs: 'number' },
    options: { x: [1] },
    app: { scope: ['task'], paymentExpired: true, isInstalled: false },
  });
  await act('finish-install', { portal: 'm2' });
  await act('clear-options', { portal: 'm2' });
  expect(await portal('m2')).toMatchObject({ options: {}, app: { isInstalled: true } });
});

test('portals are added by the kind', async () => {
  const rows = [{ event: 'ONUSERADD', handler: 'https://a.example/x' }];
  const added = await act('add-portals', {
    kinds: [
      { count: 2, name: 'well', rows },
      { count: 1, name: 'gone', condition: 'deleted' },
    ],
  });
  expect(added).toMatchObject([
    { memberId: 'well-1', clientEndpoint: `${emulator.url}/portals/2/rest/`, accessToken: like(/^MARK-/) },
    { memberId: 'well-2' },
    { memberId: 'gone-1', formerEndpoint: `${emulator.url}/portals/4/rest/` },
  ]);
  expect(await portal('well-2')).toMatchObject({ rows: [{ event: 'ONUSERADD' }] });
  expect((await call(emulator.portal('gone-1') ?? emulator, 'profile')).body).toMatchObject({
    error: 'PORTAL_DELETED',
  });
  await act('set-deleted', { portal: 'gone-1', on: false });
  await act('set-unpaid', { portal: 'gone-1', on: true });
  expect((await call(emulator.portal('gone-1') ?? emulator, 'profile')).status).toBe(200);
});

test('the log of requests can be turned off', async () => {
  await act('set-request-log', { value: 'off' });
  await call(emulator, 'profile');
  expect(await view('requests')).toEqual([]);
});

test('the life of an application', async () => {
  await act('add-row', { event: 'ONUSERADD', handler: 'https://a.example/x' });
  expect(await act('update', { version: 7 })).toMatchObject({ applicationToken: emulator.applicationToken });
  await act('uninstall', { clean: true });
  expect((await call(emulator, 'event.get')).body).toMatchObject({ error: 'APPLICATION_NOT_FOUND' });
  await act('reinstall');
  expect(await result(emulator, 'event.get')).toEqual([]);
  await act('install', { kind: 'ui' });
  expect(await result(emulator, 'app.info')).toMatchObject({ INSTALLED: false, VERSION: 7 });
  expect(await act('open-frame', { placement: 'CRM_DEAL' })).toMatchObject({ fields: { PLACEMENT: 'CRM_DEAL' } });
  expect(await act('rename')).toEqual({ clientEndpoint: emulator.clientEndpoint, domain: emulator.domain });
  expect(emulator.clientEndpoint).not.toContain(emulator.url);
});

test('tokens and codes', async () => {
  const token = await act('token', { userId: 15 });
  expect(await result(emulator, 'profile', { auth: pick(token, 'accessToken') })).toMatchObject({ ID: '15' });
  expect(await act('oauth-code', { userId: 15 })).toEqual({ code: like(/^MARK-/) });
  const { clientSecret } = emulator;
  await act('rotate-secret');
  expect(emulator.clientSecret).not.toBe(clientSecret);
  await act('expire-tokens');
  expect((await call(emulator, 'profile')).body).toMatchObject({ error: 'expired_token' });
});

test('faults, with null for every time', async () => {
  await act('fault', { kind: 'error', error: 'OVERLOAD_LIMIT', method: 'profile', times: null });
  const statuses = [(await call(emulator, 'profile')).status, (await call(emulator, 'profile')).status];
  expect([...statuses, (await call(emulator, 'event.get')).status]).toEqual([401, 401, 200]);
  await act('clear-faults');
  expect((await call(emulator, 'profile')).status).toBe(200);
  await act('clear-requests');
  expect(emulator.requests).toEqual([]);
});

test('a reset goes back to the start', async () => {
  await act('add-row', { event: 'ONUSERADD', handler: 'https://a.example/x' });
  await act('reset');
  expect(emulator.rows).toEqual([]);
});

test.each<[string, unknown, unknown]>([
  ['set-user', {}, "'id' is missing: it must be an integer of at least 1"],
  ['set-user', { id: '15' }, "'id' must be an integer of at least 1"],
  [
    'add-row',
    { event: 'ONUSERADD', handlr: 'https://a.example/x' },
    "There is no field 'handlr': there are event, handler, auth_type, event_type, auth_connector, options",
  ],
  ['add-row', { event: 'ONUSERADD', event_type: 'online' }, "An online row has a 'handler'"],
  [
    'add-row',
    { event: 'ONUSERADD', handler: 'https://a.example/x', event_type: 'offline' },
    "An offline row has no 'handler'",
  ],
  ['add-row', { event: 'ONUSERADD', auth_type: null }, "'auth_type' must be an integer of at least 0"],
  ['add-row', { portal: 'm9', event: 'X' }, 'There is no portal with the member_id "m9"'],
  ['add-row', { portal: 1, event: 'X' }, "'portal' must be a text that is not empty"],
  ['remove-row', { id: 17 }, 'There is no row 17'],
  ['set-switches', { authTypeAs: 'text' }, '\'authTypeAs\' must be one of "string", "number"'],
  [
    'set-switches',
    { leakyBucket: { capacity: 1, persecond: 2 } },
    "There is no field 'leakyBucket.persecond': there are capacity, perSecond",
  ],
  [
    'set-switches',
    { operatingSecondsPerCall: { profile: '1' } },
    "'operatingSecondsPerCall.profile' must be a number of at least 0",
  ],
  ['set-outbound', { value: 'on' }, '\'value\' must be one of "capture", "send"'],
  ['set-scope', { scope: 'crm' }, "'scope' must be a list of texts"],
  ['set-option', { name: 'x' }, "'value' is missing: it must be any value"],
  ['add-portal', { memberId: 'm1' }, 'There is a portal with the member_id "m1" already'],
  [
    'add-portal',
    { users: [{ id: 1, boss: true }] },
    "There is no field 'users[0].boss': there are id, admin, active, name, lastName",
  ],
  ['add-portals', { kinds: [{ count: 0 }] }, "'kinds[0].count' must be an integer of at least 1"],
  [
    'add-portals',
    { kinds: [{ count: 1, memberId: 'x' }] },
    like(/^There is no field 'kinds\[0\]\.memberId': there are count,/),
  ],
  [
    'add-portals',
    { kinds: [{ count: 1, condition: 'ill' }] },
    `'kinds[0].condition' must be one of "well", "renamed", "expired", "lost", "unpaid", "removed", "deleted"`,
  ],
  [
    'add-portals',
    {
      kinds: [
        { count: 2, name: 'a' },
        { count: 1, name: 'a' },
      ],
    },
    'There is a portal with the member_id "a-1" already',
  ],
  ['set-request-log', { value: 'some' }, '\'value\' must be one of "whole", "facts", "off"'],
  [
    'install',
    { applicationUrl: 'app.example' },
    "'applicationUrl' must be an address that begins with http:// or https://",
  ],
  ['token', { userId: 99 }, 'There is no user 99: there are 1, 15, 16'],
  ['fire', { event: 'ONCRMDEALAD' }, 'There is no event "ONCRMDEALAD"'],
  ['fault', { kind: 'html', times: 0 }, "'times' must be an integer of at least 1, or null for every time"],
  ['fault', { kind: 'html', portal: 'm9' }, 'There is no portal with the member_id "m9"'],
  ['reset', { portal: 'm1' }, "There is no field 'portal': there are none"],
  ['expire-tokens', { now: true }, "There is no field 'now': there are none"],
  ['reset', [], 'The body must be a JSON object'],
])('%s refuses %j', async (action, body, text) => {
  const before = await view('state');
  const response = await fetch(`${emulator.url}/_emulator/${action}`, { method: 'POST', body: JSON.stringify(body) });
  expect([response.status, await response.json()]).toEqual([400, { error: text }]);
  expect([await view('state'), await view('requests')]).toEqual([before, []]);
});

test('what is no action and no view is not found, and the answer lists both', async () => {
  const broken = await fetch(`${emulator.url}/_emulator/fire`, { method: 'POST', body: '{' });
  expect([broken.status, await broken.json()]).toEqual([400, { error: 'The body must be a JSON object' }]);
  for (const [method, name] of [
    ['POST', 'explode'],
    ['POST', 'state'],
    ['GET', 'reset'],
    ['GET', 'constructor'],
  ]) {
    const unknown = await fetch(`${emulator.url}/_emulator/${name}`, { method: method ?? '' });
    const answer: unknown = await unknown.json();
    expect([unknown.status, pick(answer, 'error')]).toEqual([404, `There is no ${method} '${name}'`]);
    expect(pick(answer, 'views')).toEqual(['state', 'requests', 'deliveries']);
    expect(pick(answer, 'actions')).toEqual(expect.arrayContaining(['install', 'rename', 'fire', 'fault', 'token']));
  }
});

test('parameters in the address are refused too', async () => {
  const answer = await fetch(`${emulator.url}/_emulator/requests?portal=m1`);
  expect([answer.status, await answer.json()]).toEqual([
    400,
    { error: 'There are no parameters in the address: portal=m1' },
  ]);
});

test('the interface describes itself', async () => {
  const described = await view('');
  expect(pick(described, 'actions', 'token')).toEqual({
    userId: 'an integer of at least 1',
    scope: 'a list of texts; optional',
    expired: 'true or false; optional',
    portal: 'a member_id; optional, the first portal',
  });
});

test('outbound, webhooks and portals of their own name', async () => {
  await act('set-outbound', { value: 'send' });
  expect(pick(await view('state'), 'outbound')).toBe('send');
  const url = pick(await act('webhook', { userId: 15, scope: ['user'] }), 'url');
  expect(pick(await (await fetch(`${String(url)}profile`)).json(), 'result', 'ID')).toBe('15');
  const added = await act('add-portal', {
    memberId: 'm3',
    domain: 'acme.bitrix24.com',
    switches: { operating: false },
  });
  expect(pick(added, 'domain')).toBe('acme.bitrix24.com');
  expect(pick(await act('rename', { portal: 'm3' }), 'domain')).toBe('renamed-acme.bitrix24.com');
  expect(pick(await act('rename', { portal: 'm3', domain: 'b.example' }), 'domain')).toBe('b.example');
  await act('reset');
  expect(pick(await view('state'), 'outbound')).toBe('capture');
});

test('the control interface leaves no trace in the log', async () => {
  await act('expire-tokens');
  await view('state');
  expect(emulator.requests).toEqual([]);
});
