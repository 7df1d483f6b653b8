/** The offline queue, from the event to its clearing. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { call, like, list, pick, result } from './call.ts';

let clock = 0;
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({
    now: () => clock,
    portal: {
      switches: { leakyBucket: false },
      rows: [
        { event: 'ONCRMDEALADD' },
        { event: 'ONCRMDEALADD', event_type: 'offline', auth_connector: 'erp' },
        { event: 'ONOFFLINEEVENT', handler: 'https://a.example/queue', options: { minTimeout: 5 } },
      ],
    },
  });
});
beforeEach(async () => {
  clock = Date.parse('2026-09-01T12:00:00Z');
  await emulator.reset();
});
afterAll(() => emulator.close());

function fire(id: number): Promise<unknown> {
  return emulator.fire('OnCrmDealAdd', { FIELDS: { ID: id } });
}

async function queue(params: Record<string, unknown> = {}): Promise<{ process_id: unknown; ids: unknown[] }> {
  const answer = await result(emulator, 'event.offline.get', params);
  const ids = list(answer, 'events').map((event) => pick(event, 'EVENT_DATA', 'FIELDS', 'ID'));
  return { process_id: pick(answer, 'process_id'), ids };
}

async function listed(params: Record<string, unknown> = {}): Promise<readonly unknown[]> {
  return list(await result(emulator, 'event.offline.list', params));
}

test('a change is queued once per connector, and a later equal one refreshes it', async () => {
  await fire(7);
  clock += 60_000;
  await fire(7);
  const expected = [
    {
      ID: '1',
      TIMESTAMP_X: '2026-09-01T12:01:00+00:00',
      EVENT_NAME: 'ONCRMDEALADD',
      EVENT_DATA: { FIELDS: { ID: 7 } },
      EVENT_ADDITIONAL: { user_id: 1 },
      MESSAGE_ID: like(/^[0-9a-f]{32}$/),
      PROCESS_ID: '',
      ERROR: '0',
    },
  ];
  expect(await result(emulator, 'event.offline.list')).toEqual(expected);
  expect(await result(emulator, 'event.offline.list', { auth_connector: 'erp' })).toEqual([
    { ...expected[0], ID: '2' },
  ]);
});

test('reading clears by default', async () => {
  await fire(1);
  await fire(2);
  expect(await queue({ limit: 1 })).toEqual({ process_id: null, ids: [1] });
  expect(await queue()).toEqual({ process_id: null, ids: [2] });
  expect(await queue()).toEqual({ process_id: null, ids: [] });
});

test('clear=0 reserves a batch, which its process_id reads again and clears whole', async () => {
  for (const id of [1, 2, 3]) await fire(id);
  const reserved = await queue({ clear: 0, limit: 2 });
  expect(reserved).toEqual({ process_id: like(/^[0-9a-f]{32}$/), ids: [1, 2] });
  await fire(1);
  expect(await queue({ clear: 0, process_id: reserved.process_id })).toEqual(reserved);
  expect(await queue({ clear: 1, process_id: reserved.process_id, limit: 1 })).toEqual({ ...reserved, ids: [1] });
  expect(await queue({ clear: 0, process_id: reserved.process_id })).toEqual({ ...reserved, ids: [] });
  expect(await queue()).toEqual({ process_id: null, ids: [3, 1] });
});

test('failed messages are read with error=1', async () => {
  await fire(1);
  const reserved = await queue({ clear: 0 });
  const [item] = await listed();
  const failed = { process_id: reserved.process_id, message_id: [pick(item, 'MESSAGE_ID')] };
  expect(await result(emulator, 'event.offline.error', failed)).toBe(true);
  expect((await queue({ error: 1 })).ids).toEqual([1]);
});

test('clearing by message_id outranks id, and an empty process_id wipes what is not reserved', async () => {
  for (const id of [1, 2, 3]) await fire(id);
  const items = await listed();
  const params = { process_id: '', message_id: [pick(items[0], 'MESSAGE_ID')], id: [pick(items[1], 'ID')] };
  expect(await result(emulator, 'event.offline.clear', params)).toBe(true);
  expect((await queue({ clear: 0, limit: 1 })).ids).toEqual([2]);
  expect(await result(emulator, 'event.offline.clear', { process_id: '' })).toBe(true);
  expect((await listed()).length).toBe(1);
});

test('filters and orders', async () => {
  for (const id of [1, 2, 3]) await fire(id);
  expect((await queue({ clear: 0, filter: { '>=ID': 3 }, order: { ID: 'DESC' } })).ids).toEqual([3, 2]);
  expect((await call(emulator, 'event.offline.get', { filter: { '!ID': 1 } })).status).toBe(400);
});

test('lists 50 a page', async () => {
  for (let id = 1; id <= 51; id += 1) await fire(id);
  const { body } = await call(emulator, 'event.offline.list');
  expect([list(body, 'result').length, pick(body, 'total'), pick(body, 'next')]).toEqual([50, 51, 50]);
  expect((await call(emulator, 'event.offline.list', { start: 50 })).body).toEqual({
    result: [expect.objectContaining({ EVENT_DATA: { FIELDS: { ID: 51 } } })],
    total: 51,
  });
});

test('refusals: no administrator, no licence for reserving, a limit of nothing', async () => {
  const { accessToken } = emulator.token(15);
  expect(await call(emulator, 'event.offline.get', { auth: accessToken })).toEqual({
    status: 403,
    body: { error: 'ACCESS_DENIED', error_description: 'Access denied!' },
  });
  expect(await call(emulator, 'event.offline.get', { limit: 0 })).toEqual({
    status: 400,
    body: { error: 'ERROR_ARGUMENT', error_description: 'Value must be positive integer', argument: 'LIMIT' },
  });
  emulator.setFeature('rest_offline_extended', 'N');
  expect(await call(emulator, 'event.offline.get', { clear: 0 })).toEqual({
    status: 403,
    body: {
      error: 'WRONG_LICENSE',
      error_description: 'This feature is not enabled for the current license: extended offline events handling',
    },
  });
});

test("the application's own change with the same connector is not queued", async () => {
  await emulator.fire('ONCRMDEALADD', { FIELDS: { ID: 1 } }, { connector: '' });
  expect(await result(emulator, 'event.offline.list')).toEqual([]);
  expect((await listed({ auth_connector: 'erp' })).length).toBe(1);
});

test('a notice goes out at most once per minTimeout, without data', async () => {
  await fire(1);
  await fire(2);
  expect(emulator.deliveries.map(({ event, fields }) => [event, 'data' in fields])).toEqual([
    ['ONOFFLINEEVENT', false],
  ]);
  clock += 5000;
  await fire(3);
  expect(emulator.deliveries.length).toBe(2);
});

test('reserved batches are dropped after some 34 days', async () => {
  await fire(1);
  const reserved = await queue({ clear: 0 });
  clock += 2_951_999_000;
  const { accessToken } = emulator.token(1);
  const read = { clear: 0, process_id: reserved.process_id, auth: accessToken };
  expect((await queue(read)).ids).toEqual([1]);
  clock += 1000;
  expect((await queue(read)).ids).toEqual([]);
});
