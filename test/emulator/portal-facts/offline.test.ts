/** Shows the offline queues and the methods that read them (docs/portal-facts.md, Other methods). */
import { expect, test } from 'vitest';
import type { PortalHandle } from '../../../src/emulator/index.ts';
import { emulatorOfFile, START_MS } from './setup.ts';
import { at, batch, call, DEAL, failure, listAt, type Params, resultOf, TASK, told, URL_A } from './speak.ts';

let nowMs = START_MS;
const { emulator, portalWithUsers } = emulatorOfFile({ now: () => nowMs });

/** A portal that queues DEAL, with that many events waiting. */
async function portalWithQueue(count: number, features?: Record<string, string>): Promise<PortalHandle> {
  const rows = [{ event: DEAL, event_type: 'offline' as const }];
  const portal = portalWithUsers({ rows, ...(features === undefined ? {} : { features }) });
  for (let id = 1; id <= count; id += 1) await portal.fire(DEAL, { FIELDS: { ID: id } }, { userId: 15 });
  return portal;
}

const take = (portal: PortalHandle, params: Params = {}) => resultOf(portal, 'event.offline.get', params);
const idsOf = (answer: unknown) =>
  listAt(answer, 'events').map((event) => Number(at(event, 'EVENT_DATA', 'FIELDS', 'ID')));
const upTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

test('F144 reading takes fifty events out of the queue of the given connector', async () => {
  const portal = await portalWithQueue(60);
  await resultOf(portal, 'event.bind', { event: TASK, event_type: 'offline', auth_connector: 'sync' });
  await portal.fire(TASK, { FIELDS: { ID: 99 } }, { userId: 15 });
  const first = await take(portal);
  expect([Object.keys(first ?? {}).sort(), idsOf(first)]).toEqual([['events', 'process_id'], upTo(1, 50)]);
  expect(idsOf(await take(portal, { limit: 4 }))).toEqual(upTo(51, 54));
  expect([idsOf(await take(portal)), idsOf(await take(portal))]).toEqual([upTo(55, 60), []]);
  expect(idsOf(await take(portal, { auth_connector: 'sync' }))).toEqual([99]);
});

test('F145 an offline event has six fields, and the same event with the same data waits once', async () => {
  const portal = await portalWithQueue(1);
  await portal.fire(DEAL, { FIELDS: { ID: 1 } }, { userId: 15 });
  await portal.fire(DEAL, { FIELDS: { ID: 2 } }, { userId: 15 });
  const events = listAt(await take(portal), 'events');
  expect(events.map((event) => Object.keys(event ?? {}).sort())).toEqual(
    Array(2).fill(['EVENT_ADDITIONAL', 'EVENT_DATA', 'EVENT_NAME', 'ID', 'MESSAGE_ID', 'TIMESTAMP_X']),
  );
  expect(events.map((event) => [at(event, 'EVENT_NAME'), Number(at(event, 'EVENT_ADDITIONAL', 'user_id'))])).toEqual(
    Array(2).fill([DEAL, 15]),
  );
  const messages = events.map((event) => String(at(event, 'MESSAGE_ID')));
  expect([messages.every((id) => /^[0-9a-f]{32}$/.test(id)), new Set(messages).size]).toEqual([true, 2]);
});

test('F146 offline methods are for administrators', async () => {
  const portal = await portalWithQueue(1);
  const { accessToken } = portal.token(15);
  for (const name of ['get', 'list', 'clear', 'error']) {
    const params = { process_id: '', message_id: ['x'] };
    const { status, body } = await call(portal, `event.offline.${name}`, params, accessToken);
    expect([status, at(body, 'error')], name).toEqual([403, 'ACCESS_DENIED']);
  }
  expect(idsOf(await take(portal))).toEqual([1]);
});

test('F147 keeping events wants the extended feature, and a limit must be positive', async () => {
  const portal = await portalWithQueue(1, { rest_offline_extended: 'N' });
  const kept = await call(portal, 'event.offline.get', { clear: 0 });
  const text = 'This feature is not enabled for the current license: extended offline events handling';
  expect(told(kept)).toEqual(failure(403, 'WRONG_LICENSE', text));
  for (const limit of [0, -1]) {
    const { status, body } = await call(portal, 'event.offline.get', { limit });
    expect([status, at(body, 'error_description')]).toEqual([400, 'Value must be positive integer']);
  }
  expect(idsOf(await take(portal))).toEqual([1]);
});

test('F148 the list has pages of fifty and shows what is reserved or failed', async () => {
  const portal = await portalWithQueue(60);
  const page = async (start: number) => (await call(portal, 'event.offline.list', { start })).body;
  const [first, second] = [await page(0), await page(50)];
  expect([listAt(first, 'result').length, at(first, 'total'), at(first, 'next')]).toEqual([50, 60, 50]);
  expect([listAt(second, 'result').length, at(second, 'total'), at(second, 'next')]).toEqual([10, 60, undefined]);
  const inBatch = await batch(portal, { list: 'event.offline.list?start=0', more: 'user.admin' });
  expect([at(inBatch, 'result_total'), at(inBatch, 'result_next')]).toEqual([{ list: 60 }, { list: 50 }]);
  expect(Object.keys(at(first, 'result', 0) ?? {})).toEqual(
    expect.arrayContaining(['PROCESS_ID', 'ERROR', 'MESSAGE_ID']),
  );
});

test('F149 clearing needs a process, an empty one wipes what is not reserved, and the answer is true', async () => {
  const portal = await portalWithQueue(3);
  expect((await call(portal, 'event.offline.clear')).status).toBe(400);
  const reserved = await take(portal, { clear: 0, limit: 1 });
  expect(idsOf(reserved)).toEqual([1]);
  expect(idsOf(await take(portal, { clear: 0, limit: 1 }))).toEqual([2]);
  expect(await resultOf(portal, 'event.offline.clear', { process_id: '' })).toBe(true);
  const total = async () => at((await call(portal, 'event.offline.list')).body, 'total');
  expect([idsOf(await take(portal)), await total()]).toEqual([[], 2]);
  expect(await resultOf(portal, 'event.offline.clear', { process_id: at(reserved, 'process_id') })).toBe(true);
  expect(await total()).toBe(1);
});

test('F150 events marked as failed are read with error 1', async () => {
  const portal = await portalWithQueue(2);
  const reserved = await take(portal, { clear: 0 });
  const message = at(reserved, 'events', 0, 'MESSAGE_ID');
  const params = { process_id: at(reserved, 'process_id'), message_id: [message] };
  await resultOf(portal, 'event.offline.error', params);
  expect(idsOf(await take(portal))).toEqual([]);
  expect(idsOf(await take(portal, { error: 1 }))).toEqual([1]);
});

test("F151 what the application's own call with the same connector caused is not queued for it", async () => {
  const rows = [{ event: 'ONAPPTEST', event_type: 'offline' as const }];
  const portal = portalWithUsers({ rows });
  const waiting = async () => listAt(await take(portal), 'events').map((event) => at(event, 'EVENT_NAME'));
  await resultOf(portal, 'event.test');
  expect(await waiting()).toEqual([]);
  await resultOf(portal, 'event.test', { auth_connector: 'sync' });
  expect(await waiting()).toEqual(['ONAPPTEST']);
});

test('F153 the first event in a queue notifies the handlers of ONOFFLINEEVENT, with a pause', async () => {
  const notified = async (options: Record<string, unknown>, pauseMs: number) => {
    const handler = { event: 'ONOFFLINEEVENT', handler: URL_A, options };
    const portal = portalWithUsers({ rows: [{ event: DEAL, event_type: 'offline' }, handler] });
    for (const id of [1, 2]) {
      await portal.fire(DEAL, { ID: id }, { userId: 15 });
      nowMs += pauseMs;
    }
    return emulator().deliveries.filter((delivery) => delivery.portal === portal.memberId);
  };
  const [only, ...others] = await notified({}, 900);
  expect([only?.event, Object.keys(only?.fields ?? {}).includes('data'), others]).toEqual([
    'ONOFFLINEEVENT',
    false,
    [],
  ]);
  expect((await notified({}, 1_100)).length).toBe(2);
  expect((await notified({ minTimeout: 5 }, 1_100)).length).toBe(1);
  expect((await notified({ minTimeout: 0 }, 0)).length).toBe(2);
});

test('F154 a queue is filtered by four fields with operators, and ! is refused', async () => {
  const portal = await portalWithQueue(5);
  const first = Number(at(await resultOf(portal, 'event.offline.list'), 0, 'ID'));
  expect(idsOf(await take(portal, { filter: { '>ID': first + 3 } }))).toEqual([5]);
  expect(idsOf(await take(portal, { filter: { ID: first + 1 } }))).toEqual([2]);
  const process_id = at(await take(portal, { clear: 0, limit: 2 }), 'process_id');
  expect(idsOf(await take(portal, { process_id, filter: { '@ID': [first, first + 2] } }))).toEqual([1, 3]);
  expect(idsOf(await take(portal, { filter: { '@ID': first + 2 } }))).toEqual([]);
  expect(idsOf(await take(portal, { filter: { '%EVENT_NAME': 'TASK' } }))).toEqual([]);
  expect((await call(portal, 'event.offline.get', { filter: { '!ID': first } })).status).toBe(400);
  expect(idsOf(await take(portal, { filter: { '%EVENT_NAME': 'DEAL' } }))).toEqual([4]);
});

test('F155 reading a reserved process clears all of it, and message_id wins over id', async () => {
  const portal = await portalWithQueue(3);
  const process_id = at(await take(portal, { clear: 0 }), 'process_id');
  expect(idsOf(await take(portal, { process_id, limit: 1 }))).toEqual([1]);
  expect(at((await call(portal, 'event.offline.list')).body, 'total')).toBe(0);

  const other = await portalWithQueue(2);
  const reserved = await take(other, { clear: 0 });
  const [one, two] = listAt(reserved, 'events');
  const params = { process_id: at(reserved, 'process_id'), id: [at(one, 'ID')], message_id: [at(two, 'MESSAGE_ID')] };
  await resultOf(other, 'event.offline.clear', params);
  expect(listAt({ left: await resultOf(other, 'event.offline.list') }, 'left').map((event) => at(event, 'ID'))).toEqual(
    [at(one, 'ID')],
  );
});
