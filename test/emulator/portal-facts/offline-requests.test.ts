/** Shows how the offline methods read what they are sent (docs/portal-facts.md, Other methods). */
import { expect, test } from 'vitest';
import type { PortalHandle } from '../../../src/emulator/index.ts';
import { emulatorOfFile, START_MS } from './setup.ts';
import { at, call, DEAL, failure, listAt, type Params, resultOf, told } from './speak.ts';

let nowMs = START_MS;
const { portalWithUsers } = emulatorOfFile({ now: () => nowMs });

async function portalWithQueue(count: number): Promise<PortalHandle> {
  const portal = portalWithUsers({ rows: [{ event: DEAL, event_type: 'offline' }] });
  for (let id = 1; id <= count; id += 1) await fire(portal, id);
  return portal;
}

const fire = (portal: PortalHandle, id: number, userId = 15) => portal.fire(DEAL, { ID: id }, { userId });
const take = (portal: PortalHandle, params: Params = {}) => resultOf(portal, 'event.offline.get', params);
const idsOf = (answer: unknown) => listAt(answer, 'events').map((event) => Number(at(event, 'EVENT_DATA', 'ID')));
const listed = async (portal: PortalHandle, params: Params = {}) =>
  listAt({ list: await resultOf(portal, 'event.offline.list', params) }, 'list');

test('F168 filters and orders are refused in words of their own', async () => {
  const portal = await portalWithQueue(1);
  const cases: readonly (readonly [Params, string])[] = [
    [{ filter: { '!ID': 1 } }, 'Filter operation not allowed: !'],
    [{ filter: { '><ID': 1 } }, 'Filter operation not allowed: ><'],
    [{ filter: { connector_id: 1 } }, 'Filter field not allowed: CONNECTOR_ID'],
    [{ filter: [1] }, 'Filter operation not allowed: 0'],
    [{ filter: 'ID' }, 'The filter is not an array.'],
    [{ order: { user: 'ASC' } }, 'Order field not allowed: USER'],
    [{ order: ['id'] }, 'Order field not allowed: id'],
    [{ order: 'ID' }, 'The order is not an array.'],
    [{ order: { id: 'up' } }, 'Order direction should be one of {ASC|DESC}'],
  ];
  for (const [params, text] of cases) {
    for (const method of ['event.offline.get', 'event.offline.list']) {
      const answer = await call(portal, method, params);
      expect(told(answer), JSON.stringify(params)).toEqual(failure(400, 'ERROR_ARGUMENT', text));
    }
  }
  const filter = { error: 0 };
  const text = 'Filter field not allowed: ERROR';
  expect(told(await call(portal, 'event.offline.get', { filter }))).toEqual(failure(400, 'ERROR_ARGUMENT', text));
  expect((await listed(portal, { filter: { ...filter, '=process_id': '' }, order: ['ID'] })).length).toBe(1);
  expect(await listed(portal, { filter: { '>ERROR': 0 } })).toEqual([]);
});

test('F169 reading without a process takes single values in its filter', async () => {
  const portal = await portalWithQueue(2);
  const answer = await call(portal, 'event.offline.get', { filter: { '@id': [1, 2] } });
  const text = "The value of an argument '@ID' has an invalid type";
  expect(told(answer)).toEqual(failure(400, 'ERROR_ARGUMENT', text, '@ID'));
  expect((await listed(portal, { filter: { '@id': [1, 2] } })).length).toBe(2);
});

test('F170 clear null is not given, and process_id "" is a process', async () => {
  const portal = await portalWithQueue(3);
  expect(await take(portal, { clear: null, limit: 1 })).toMatchObject({ process_id: null });
  expect((await listed(portal)).length).toBe(2);
  const kept = await take(portal, { clear: 0, process_id: '' });
  expect([at(kept, 'process_id'), idsOf(kept)]).toEqual(['', [2, 3]]);
  const taken = await take(portal, { process_id: ' ', limit: 1 });
  expect([at(taken, 'process_id'), idsOf(taken)]).toEqual(['', [2]]);
  expect(await listed(portal)).toEqual([]);
});

test('F171 message_id and id are arrays', async () => {
  const portal = await portalWithQueue(1);
  const messages = 'Value must be array of MESSAGE_ID values';
  const cases: readonly (readonly [string, Params, string, string])[] = [
    ['event.offline.clear', { message_id: 'x' }, messages, 'message_id'],
    ['event.offline.clear', { message_id: ['short'] }, messages, 'messsage_id'],
    ['event.offline.clear', { id: 1 }, 'Value must be array of integers', 'id'],
    ['event.offline.clear', { id: ['x'] }, 'Value must be array of integers', 'id'],
    ['event.offline.error', { message_id: 'x' }, messages, 'message_id'],
    ['event.offline.error', {}, messages, 'message_id'],
  ];
  for (const [method, params, text, argument] of cases) {
    const answer = await call(portal, method, { process_id: '', ...params });
    expect(told(answer), JSON.stringify(params)).toEqual(failure(400, 'ERROR_ARGUMENT', text, argument));
  }
  expect((await listed(portal)).length).toBe(1);
});

test('F172 a failed event belongs to no process, and its copies are gone', async () => {
  const portal = await portalWithQueue(2);
  const reserved = await take(portal, { clear: 0 });
  await fire(portal, 1);
  const message = at(reserved, 'events', 0, 'MESSAGE_ID');
  const failed = { process_id: at(reserved, 'process_id'), message_id: [message] };
  expect(await resultOf(portal, 'event.offline.error', failed)).toBe(true);
  expect(
    (await listed(portal)).map((item) => [at(item, 'EVENT_DATA', 'ID'), at(item, 'ERROR'), at(item, 'PROCESS_ID')]),
  ).toEqual([
    [1, '1', ''],
    [2, '0', at(reserved, 'process_id')],
  ]);
  expect([idsOf(await take(portal)), idsOf(await take(portal, { process_id: '' }))]).toEqual([[], []]);
  expect(idsOf(await take(portal, { error: 'true' }))).toEqual([]);
  expect(idsOf(await take(portal, { error: 1 }))).toEqual([1]);
});

test('F173 the same event refreshes what waits, and a failed one stays failed', async () => {
  const portal = await portalWithQueue(2);
  nowMs += 60_000;
  await fire(portal, 1, 7);
  const waiting = await listed(portal);
  expect(waiting.map((item) => [at(item, 'EVENT_DATA', 'ID'), at(item, 'EVENT_ADDITIONAL', 'user_id')])).toEqual([
    [1, 7],
    [2, 15],
  ]);
  expect(idsOf(await take(portal, { process_id: '', clear: 0 }))).toEqual([2, 1]);
  const message_id = waiting.map((item) => at(item, 'MESSAGE_ID'));
  await resultOf(portal, 'event.offline.error', { process_id: '', message_id });
  await fire(portal, 1);
  expect([idsOf(await take(portal)), (await listed(portal)).length]).toEqual([[], 2]);
});
