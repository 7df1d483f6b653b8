/** Shows what event.get lists and for whom (docs/portal-facts.md, Get). */
import { expect, test } from 'vitest';
import type { Emulator } from '../../../src/emulator/index.ts';
import { emulatorOfFile } from './setup.ts';
import { at, call, DEAL, failure, offline, online, resultOf, rowsOf, TASK, told, URL_A, URL_B } from './speak.ts';

const { emulator, portalWithUsers } = emulatorOfFile();

const MIXED = [
  { event: DEAL, handler: URL_B },
  { event: TASK, event_type: 'offline' as const },
  { event: DEAL, handler: URL_A, auth_type: 15 },
  { event: TASK, event_type: 'offline' as const, auth_connector: 'sync' },
  { event: DEAL, handler: URL_A, auth_type: 7, auth_connector: 'sync' },
];

test('F48 all rows come at once in the order of registration, whatever is sent', async () => {
  const empty = portalWithUsers();
  const none = await call(empty, 'event.get');
  expect([told(none), none.text.includes('"result":[]')]).toMatchObject([{ status: 200, body: { result: [] } }, true]);

  const handlers = Array.from({ length: 120 }, (_, index) => `https://app.example.com/${(index * 7) % 120}`);
  const portal = portalWithUsers({ rows: handlers.map((handler) => ({ event: DEAL, handler })) });
  const answer = await call(portal, 'event.get', { start: 50, event: TASK, filter: { event: TASK } });
  expect(at(answer.body, 'result')).toEqual(handlers.map((handler) => online(DEAL, handler, 0)));
  expect([at(answer.body, 'total'), at(answer.body, 'next')]).toEqual([undefined, undefined]);
});

test('F49 an administrator sees every row', async () => {
  const portal = portalWithUsers({ rows: MIXED });
  expect(await rowsOf(portal)).toEqual([
    online(DEAL, URL_B, 0),
    offline(TASK),
    online(DEAL, URL_A, 15),
    offline(TASK, 'sync'),
    online(DEAL, URL_A, 7),
  ]);
});

test('F50 anybody else sees their own online rows only', async () => {
  const portal = portalWithUsers({ rows: MIXED });
  expect(await rowsOf(portal, portal.token(15).accessToken)).toEqual([online(DEAL, URL_A, 15)]);
  portal.setUser({ id: 1, admin: false });
  expect(await rowsOf(portal)).toEqual([]);
});

test('F51 an online row has exactly four fields', async () => {
  const portal = emulator().addPortal({ rows: [{ event: DEAL, handler: URL_A, auth_connector: 'sync' }] });
  expect(await rowsOf(portal)).toStrictEqual([{ event: DEAL, handler: URL_A, auth_type: '0', offline: 0 }]);
});

test('F52 auth_type is a string, and a number where the database gives one', async () => {
  const rows = [{ event: DEAL, handler: URL_A, auth_type: 15 }];
  const types = async (portal: ReturnType<Emulator['addPortal']>) => at(await rowsOf(portal), 0, 'auth_type');
  expect(await types(portalWithUsers({ rows }))).toBe('15');
  expect(await types(portalWithUsers({ rows, switches: { authTypeAs: 'number' } }))).toBe(15);
});

test('F53 an offline row has exactly three fields', async () => {
  const rows = [
    { event: DEAL, event_type: 'offline' as const },
    { event: DEAL, event_type: 'offline' as const, auth_connector: 'sync' },
  ];
  expect(await rowsOf(emulator().addPortal({ rows }))).toStrictEqual([
    { event: DEAL, connector_id: '', offline: 1 },
    { event: DEAL, connector_id: 'sync', offline: 1 },
  ]);
});

test('F54 options and connectors of online rows are kept and never shown', async () => {
  const options = { minTimeout: 7 };
  const rows = [{ event: 'ONOFFLINEEVENT', handler: URL_A, auth_connector: 'sync', options }];
  const portal = emulator().addPortal({ rows });
  expect(portal.rows).toMatchObject([{ connector: 'sync', options }]);
  expect((await call(portal, 'event.get')).text).not.toMatch(/sync|minTimeout|"id"/i);
});

test('F55 the ONAPPINSTALL row that the platform made is listed', async () => {
  const portal = emulator().addPortal({ kind: 'api-only', applicationUrl: 'http://127.0.0.1:9/install' });
  expect(await rowsOf(portal)).toMatchObject([
    { event: 'ONAPPINSTALL', handler: 'http://127.0.0.1:9/install', offline: 0 },
  ]);
});

test('F56 rows of a withdrawn scope stay listed and cannot be bound again', async () => {
  const portal = portalWithUsers({ rows: [{ event: DEAL, handler: URL_A }] });
  portal.setScope(['task']);
  expect(await rowsOf(portal)).toEqual([online(DEAL, URL_A, 0)]);
  expect(told(await call(portal, 'event.bind', { event: DEAL, handler: URL_B }))).toEqual(
    failure(400, 'ERROR_EVENT_NOT_FOUND', 'Event not found'),
  );
  expect(await resultOf(portal, 'event.unbind', { event: DEAL, handler: URL_A })).toEqual({ count: 1 });
});
