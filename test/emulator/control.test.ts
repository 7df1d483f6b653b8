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
  return response.status === 200 ? pick(answer, 'result') : [response.status, pick(answer, 'error')];
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
  await act('set-switches', { portal: 'm2', switches: { authTypeAs: 'number' } });
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
  expect(await act('rename')).toEqual({ clientEndpoint: emulator.clientEndpoint });
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

test('what it does not understand is refused with what it would', async () => {
  expect(await act('set-user', {})).toEqual([400, "'id' must be an integer"]);
  expect(await act('fault', { kind: 'nonsense' })).toEqual([400, like(/'kind' must be one of reset, /)]);
  expect(await act('add-row', { portal: 'm9', event: 'X' })).toEqual([
    400,
    'There is no portal with the member_id "m9"',
  ]);
  const broken = await fetch(`${emulator.url}/_emulator/fire`, { method: 'POST', body: '{' });
  expect([broken.status, await broken.json()]).toEqual([400, { error: 'The body must be a JSON object' }]);
  const unknown = await fetch(`${emulator.url}/_emulator/explode`, { method: 'POST' });
  const answer: unknown = await unknown.json();
  expect([unknown.status, pick(answer, 'error'), pick(answer, 'views')]).toEqual([
    404,
    "There is no POST 'explode'",
    ['state', 'requests', 'deliveries'],
  ]);
  expect(pick(answer, 'actions')).toEqual(expect.arrayContaining(['install', 'rename', 'fire', 'fault', 'token']));
});

test('the control interface leaves no trace in the log', async () => {
  await act('expire-tokens');
  await view('state');
  expect(emulator.requests).toEqual([]);
});
