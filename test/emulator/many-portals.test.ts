/** Portals side by side: each with its own address, name, state and pace, found by key however many there are. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { call, grant, pick, result } from './call.ts';

const COUNT = 3000;
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({
    portal: { memberId: 'm1', domain: 'first.bitrix24.com', switches: { leakyBucket: false } },
    portals: Array.from({ length: COUNT - 1 }, (_, index) => ({
      memberId: `m${index + 2}`,
      domain: `portal-${index + 2}.bitrix24.com`,
      scope: index % 2 === 0 ? ['crm'] : ['task'],
      switches: { leakyBucket: false },
    })),
  });
});
afterAll(() => emulator.close());

function portal(number: number) {
  const found = emulator.portal(`m${number}`);
  if (found === undefined) throw new Error(`There is no portal ${number}`);
  return found;
}

test('thousands of portals stand in one process, each with its own rows, tokens and switches', async () => {
  expect([emulator.portals.length, emulator.portals[0] === emulator]).toEqual([COUNT, true]);
  const numbers = [2, 1500, COUNT];
  for (const number of numbers) {
    await result(portal(number), 'event.bind', { event: 'ONAPPTEST', handler: `https://a.example/${number}` });
  }
  expect(numbers.map((number) => portal(number).rows.map((row) => row.handler))).toEqual(
    numbers.map((number) => [`https://a.example/${number}`]),
  );
  expect(emulator.rows).toEqual([]);
  portal(1500).expireTokens();
  const statuses = numbers.map(async (number) => (await call(portal(number), 'event.get')).status);
  expect(await Promise.all(statuses)).toEqual([200, 401, 200]);
  const wrongPortal = await call(portal(2), 'event.get', { auth: portal(COUNT).accessToken });
  expect(pick(wrongPortal.body, 'error')).toBe('invalid_token');
});

test('a token is renewed for the portal it belongs to', async () => {
  const { refreshToken, memberId, clientEndpoint } = portal(2500);
  const { body } = await grant(emulator, { grant_type: 'refresh_token', refresh_token: refreshToken });
  expect(body).toMatchObject({ member_id: memberId, client_endpoint: clientEndpoint });
});

test('a name is what events and frames call the portal, and its address stays here', async () => {
  const { domain, clientEndpoint } = portal(7);
  expect([domain, new URL(clientEndpoint).hostname]).toEqual(['portal-7.bitrix24.com', '127.0.0.1']);
  expect(portal(7).openFrame().query['DOMAIN']).toBe(domain);
  portal(7).addRow({ event: 'ONAPPTEST', handler: 'https://a.example/x' });
  const [delivery] = await portal(7).fire('ONAPPTEST', {});
  expect(pick(delivery?.fields, 'auth')).toMatchObject({ domain, client_endpoint: clientEndpoint });
  const info = await (await fetch(`${emulator.oauthUrl}/rest/app.info?auth=${portal(7).accessToken}`)).json();
  expect(pick(info, 'result', 'install', 'domain')).toBe(domain);
});

test('each has its own pace', async () => {
  portal(9).setSwitches({ latencyMs: 3_600_000 });
  const controller = new AbortController();
  const url = `${portal(9).clientEndpoint}user.admin?auth=${portal(9).accessToken}`;
  const slow = fetch(url, { signal: controller.signal });
  expect(await result(portal(10), 'user.admin')).toBe(true);
  controller.abort(new Error('still not there'));
  await expect(slow).rejects.toThrow('still not there');
});

test('kinds of portals stand side by side, each as it has become', async () => {
  const rows = [{ event: 'ONAPPTEST', handler: 'https://a.example/x' }];
  const kinds = ['well', 'renamed', 'expired', 'lost', 'unpaid', 'removed', 'deleted'] as const;
  const portals = emulator.addPortals(kinds.map((condition) => ({ count: 2, name: condition, condition, rows })));
  expect(portals.map(({ memberId }) => memberId)).toEqual(kinds.flatMap((kind) => [`${kind}-1`, `${kind}-2`]));
  const seen = portals.map(async (one) => {
    const url = `${one.formerEndpoint}event.get?auth=${one.accessToken}`;
    const { status, headers } = await fetch(url, { redirect: 'manual' });
    const renewal = await grant(emulator, { grant_type: 'refresh_token', refresh_token: one.refreshToken });
    return [status, headers.get('location') ?? '', pick(renewal.body, 'error') ?? renewal.status];
  });
  const [, , renamed] = portals;
  const moved = `${renamed?.clientEndpoint}event.get?auth=${renamed?.accessToken}`;
  expect(new URL(moved).origin).not.toBe(emulator.url);
  const expected = [
    [200, '', 200],
    [302, moved, 200],
    [401, '', 200],
    [401, '', 'invalid_grant'],
    [401, '', 'PAYMENT_REQUIRED'],
    [401, '', 'invalid_grant'],
    [403, '', 'invalid_grant'],
  ];
  expect((await Promise.all(seen)).filter((_, index) => index % 2 === 0)).toEqual(expected);
  expect(portals.map((one) => one.rows.length)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1]);
  expect(() => emulator.addPortals([{ count: 1, name: 'well' }])).toThrow('Two portals have the member_id well-1');
});

test('a condition of the start comes back with a reset', async () => {
  await using other = await startEmulator({ portal: { condition: 'deleted' }, portals: [{ condition: 'renamed' }] });
  other.setDeleted(false);
  expect((await call(other, 'event.get')).status).toBe(200);
  await other.reset();
  expect((await call(other, 'event.get')).body).toMatchObject({ error: 'PORTAL_DELETED' });
  const [, renamed] = other.portals;
  expect(renamed?.clientEndpoint).not.toBe(renamed?.formerEndpoint);
  expect((await call(renamed ?? other, 'event.get')).status).toBe(200);
});

test('a request tells how many others to its portal were being answered when it came', async () => {
  const [slow] = emulator.addPortals([{ count: 1, switches: { latencyMs: 50, leakyBucket: false } }]);
  emulator.clearRequests();
  const target = slow ?? emulator;
  await Promise.all([call(target, 'profile'), call(target, 'profile'), call(portal(3), 'profile')]);
  await call(target, 'profile');
  expect(emulator.requests.map((one) => [one.portal, one.alongside])).toEqual([
    ['m3', 0],
    [slow?.memberId, 0],
    [slow?.memberId, 1],
    [slow?.memberId, 0],
  ]);
});

test('of each request all is kept, or the facts, or nothing', async () => {
  emulator.clearRequests();
  const batch = { cmd: { who: 'profile', what: 'event.bind' } };
  for (const log of ['whole', 'facts', 'off'] as const) {
    emulator.setRequestLog(log);
    await call(portal(4), 'batch', batch);
  }
  const shared = { portal: 'm4', method: 'batch', httpMethod: 'POST', alongside: 0, acted: true, status: 200 };
  const [whole, facts] = emulator.requests;
  expect(whole).toMatchObject({ ...shared, params: batch, body: { result: {} } });
  expect(facts).toEqual({
    ...shared,
    index: (whole?.index ?? 0) + 1,
    at: facts?.at,
    params: {},
    commands: [
      { key: 'who', method: 'profile', params: {} },
      { key: 'what', method: 'event.bind', params: {}, error: whole?.commands?.[1]?.error },
    ],
    body: undefined,
  });
  expect(emulator.requests).toHaveLength(2);
  emulator.setRequestLog('whole');
  await call(portal(4), 'profile');
  expect(emulator.requests[2]?.index).toBe((whole?.index ?? 0) + 3);
});

test('ten thousand more are soon there, and faults of thousands of them are found by key', async () => {
  const many = emulator.addPortals([{ count: 10_000, switches: { leakyBucket: false } }]);
  for (const { memberId } of many) emulator.fault({ kind: 'html', portal: memberId });
  const last = many.at(-1) ?? emulator;
  expect([(await call(last, 'profile')).status, (await call(last, 'profile')).status]).toEqual([502, 200]);
  emulator.fault({ kind: 'html', status: 503 });
  const first = many[0] ?? emulator;
  // Whichever was added first strikes first.
  expect([(await call(first, 'profile')).status, (await call(first, 'profile')).status]).toEqual([502, 503]);
});

test('a reset brings those of the start back as they were, and takes the others', async () => {
  const added = emulator.addPortal({ memberId: 'extra' });
  expect(() => emulator.addPortal({ memberId: 'extra' })).toThrow('Two portals have the member_id extra');
  const { accessToken } = portal(2);
  await result(added, 'event.get');
  portal(2).addRow({ event: 'ONAPPTEST', handler: 'https://a.example/x' });
  await emulator.reset();
  expect([portal(2).rows, portal(2).accessToken, emulator.portals.length]).toEqual([[], accessToken, COUNT]);
  expect(emulator.portal('extra')).toBeUndefined();
  expect(await result(portal(2), 'event.get')).toEqual([]);
});

test('await using closes it', async () => {
  const other = await startEmulator();
  expect((await fetch(`${other.url}/_emulator/state`)).status).toBe(200);
  await other[Symbol.asyncDispose]();
  await expect(fetch(`${other.url}/_emulator/state`)).rejects.toThrow('fetch failed');
});
