/** Event delivery: who gets which post, and when nobody does. */
import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import type { Delivery, Emulator } from '../../src/emulator/index.ts';
import { like, pick, result } from './call.ts';

const clock = Date.parse('2026-09-01T12:00:00Z');
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({
    now: () => clock,
    portal: {
      memberId: 'm1',
      switches: { leakyBucket: false },
      rows: [
        { event: 'ONCRMDEALADD', handler: 'https://a.example/x' },
        { event: 'ONCRMDEALADD', handler: 'https://a.example/x', auth_type: 15 },
        { event: 'ONCRMDEALDELETE', handler: 'https://a.example/y' },
      ],
    },
  });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

function authOf(delivery: Delivery | undefined): object {
  const auth = delivery?.fields['auth'];
  return typeof auth === 'object' && auth !== null ? auth : {};
}

test('one post per row, each with the token of its user', async () => {
  const deliveries = await emulator.fire('OnCrmDealAdd', { FIELDS: { ID: 7, TAGS: [], NOTE: null } }, { userId: 16 });
  expect(deliveries.map((delivery) => ({ ...delivery, body: '', fields: { ...delivery.fields, auth: '' } }))).toEqual(
    emulator.rows.slice(0, 2).map((row) => ({
      at: clock,
      portal: 'm1',
      event: 'ONCRMDEALADD',
      rowId: row.id,
      url: 'https://a.example/x',
      body: '',
      sent: false,
      fields: {
        event: 'ONCRMDEALADD',
        event_handler_id: String(row.id),
        data: { FIELDS: { ID: '7' } },
        ts: String(clock / 1000),
        auth: '',
      },
    })),
  );
  expect(authOf(deliveries[0])).toEqual({
    access_token: like(/./),
    expires: String(clock / 1000 + 3600),
    expires_in: '3600',
    scope: like(/crm/),
    domain: emulator.domain,
    client_endpoint: emulator.clientEndpoint,
    server_endpoint: `${emulator.oauthUrl}/rest/`,
    member_id: 'm1',
    status: 'L',
    user_id: '16',
    application_token: emulator.applicationToken,
  });
  expect(pick(authOf(deliveries[1]), 'user_id')).toBe('15');
  expect(await result(emulator, 'profile', { auth: pick(authOf(deliveries[1]), 'access_token') })).toMatchObject({
    ID: '15',
  });
});

test('nobody acted: no tokens for a row without user', async () => {
  const [first, second] = await emulator.fire('ONCRMDEALADD', { FIELDS: { ID: 7 } }, { userId: 0 });
  expect(Object.keys(authOf(first)).toSorted()).toEqual([
    'application_token',
    'client_endpoint',
    'domain',
    'member_id',
    'server_endpoint',
  ]);
  expect(pick(authOf(second), 'user_id')).toBe('15');
});

test('event.test posts to ONAPPTEST with a refresh token and the parameters sent', async () => {
  emulator.addRow({ event: 'ONAPPTEST', handler: 'https://a.example/t' });
  expect(await result(emulator, 'event.test', { any: { thing: 1 } })).toBe(1);
  const [delivery] = emulator.deliveries;
  expect(delivery?.fields['data']).toEqual({ QUERY: { any: { thing: '1' } }, LANGUAGE_ID: 'en' });
  expect(authOf(delivery)).toHaveProperty('refresh_token');
});

test.each([
  ['not installed', async () => emulator.setInstalled(false)],
  ['not paid for', async () => emulator.setPaymentExpired(true)],
  ['deleted', () => emulator.uninstall()],
])('an event is dropped, not kept, while the application is %s', async (_, silence) => {
  await silence();
  expect(await emulator.fire('ONCRMDEALADD', { FIELDS: { ID: 7 } })).toEqual([]);
});

test('the uninstall event carries no tokens and says whether it cleans', async () => {
  emulator.addRow({ event: 'ONAPPUNINSTALL', handler: 'https://a.example/bye' });
  await emulator.uninstall({ clean: true });
  const [delivery] = emulator.deliveries;
  expect(delivery?.fields['data']).toEqual({ CLEAN: '1', LANGUAGE_ID: 'en' });
  expect(authOf(delivery)).not.toHaveProperty('access_token');
  expect(authOf(delivery)).toHaveProperty('application_token');
});

test('a handler that causes its own event again is cut at depth seven', async () => {
  let accessToken: string | undefined;
  let rounds = 0;
  for (; rounds < 20; rounds += 1) {
    const [delivery] = await emulator.fire('ONCRMDEALADD', {}, accessToken === undefined ? {} : { accessToken });
    if (delivery === undefined) break;
    accessToken = String(pick(authOf(delivery), 'access_token'));
  }
  expect(rounds).toBe(7);
});

test('sending posts once, records the answer, and does not try again', async () => {
  let hits = 0;
  const server = createServer((request, response) => {
    hits += 1;
    request.resume();
    response.writeHead(500).end('no');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  const sending = await startEmulator({ outbound: 'send', portal: { rows: [{ event: 'ONUSERADD', handler: url }] } });
  expect(await sending.fire('ONUSERADD', { ID: 1 })).toMatchObject([{ sent: true, status: 500, responseBody: 'no' }]);
  server.close();
  server.closeAllConnections();
  expect(await sending.fire('ONUSERADD', { ID: 1 })).toMatchObject([{ sent: true, error: like(/./) }]);
  expect(hits).toBe(1);
  await sending.close();
});
