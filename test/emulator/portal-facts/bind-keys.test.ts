/** Shows which rows count as the same for event.bind (docs/portal-facts.md, Bind). */
import { expect, test } from 'vitest';
import { emulatorOfFile } from './setup.ts';
import { BINDED, call, DEAL, failure, online, resultOf, rowsOf, TASK, told, URL_A, URL_B } from './speak.ts';

const { portalWithUsers } = emulatorOfFile();

test('F25 binding the same key again is refused and changes nothing', async () => {
  const portal = portalWithUsers();
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A, auth_type: 15 });
  const again = await call(portal, 'event.bind', { event: 'onCrmDealAdd', handler: URL_A, auth_type: '15' });
  expect(told(again)).toEqual(BINDED);
  expect(await rowsOf(portal)).toEqual([online(DEAL, URL_A, 15)]);
});

test('F26 another event, handler, user or connector makes another key, and no user is user 0', async () => {
  const portal = portalWithUsers();
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A });
  expect(told(await call(portal, 'event.bind', { event: DEAL, handler: URL_A, auth_type: 0 }))).toEqual(BINDED);
  expect(told(await call(portal, 'event.bind', { event: DEAL, handler: URL_A, auth_type: null }))).toEqual(BINDED);
  for (const other of [{ event: TASK }, { handler: URL_B }, { auth_type: 15 }, { auth_connector: 'sync' }]) {
    expect(await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A, ...other })).toBe(true);
  }
  expect(portal.rows.length).toBe(5);
});

test('F27 user 0 and another user on one event and handler are two rows, and both fire', async () => {
  const portal = portalWithUsers();
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A, auth_type: 0 });
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A, auth_type: 15 });
  expect(await rowsOf(portal)).toEqual([online(DEAL, URL_A, 0), online(DEAL, URL_A, 15)]);
  expect((await portal.fire(DEAL, { FIELDS: { ID: 1 } }, { userId: 1 })).length).toBe(2);
});

test('F28 rows that differ only in their connector look identical', async () => {
  const portal = portalWithUsers();
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A });
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A, auth_connector: 'sync' });
  expect(await rowsOf(portal)).toEqual([online(DEAL, URL_A, 0), online(DEAL, URL_A, 0)]);
  const again = await call(portal, 'event.bind', { event: DEAL, handler: URL_A, auth_connector: 'sync' });
  expect(told(again)).toEqual(BINDED);
});

test('F29 handlers equal in their first 180 characters collide in the index', async () => {
  const portal = portalWithUsers();
  const start = `${URL_A}/`.padEnd(180, 'x');
  await resultOf(portal, 'event.bind', { event: DEAL, handler: `${start}1` });
  const clash = await call(portal, 'event.bind', { event: DEAL, handler: `${start}2` });
  expect(told(clash)).toEqual(failure(500, 'ERROR_CORE', 'SQL query error!'));
  const earlier = `${start.slice(0, 179)}y`;
  await resultOf(portal, 'event.bind', { event: DEAL, handler: earlier });
  await resultOf(portal, 'event.bind', { event: DEAL, handler: `${start}2`, auth_type: 15 });
  await resultOf(portal, 'event.bind', { event: DEAL, handler: `${start}2`, auth_connector: 'sync' });
  await resultOf(portal, 'event.bind', { event: TASK, handler: `${start}2` });
  expect(portal.rows.map((row) => row.handler)).toEqual([`${start}1`, earlier, ...Array(3).fill(`${start}2`)]);
});

test('F30 handlers are compared without regard to letter case and trailing spaces unless switched', async () => {
  const portal = portalWithUsers();
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A });
  expect(
    told(await call(portal, 'event.bind', { event: DEAL, handler: URL_A.toUpperCase().replace('HTTPS', 'https') })),
  ).toEqual(BINDED);
  expect(told(await call(portal, 'event.bind', { event: DEAL, handler: `${URL_A}  ` }))).toEqual(BINDED);

  const exact = portalWithUsers({ switches: { caseInsensitiveHandlers: false } });
  await resultOf(exact, 'event.bind', { event: DEAL, handler: 'https://app.example.com/a' });
  await resultOf(exact, 'event.bind', { event: DEAL, handler: 'https://app.example.com/A' });
  expect(exact.rows.length).toBe(2);
});

test('F32 binding again with other options is a duplicate and leaves the options alone', async () => {
  const portal = portalWithUsers();
  const bind = (minTimeout: number) =>
    call(portal, 'event.bind', { event: 'ONOFFLINEEVENT', handler: URL_A, options: { minTimeout } });
  const stored = () => portal.rows.map((row) => ({ ...row.options }));
  await bind(5);
  expect(told(await bind(9))).toEqual(BINDED);
  expect(stored()).toEqual([{ minTimeout: 5 }]);
  await resultOf(portal, 'event.unbind', { event: 'ONOFFLINEEVENT', handler: URL_A });
  await bind(9);
  expect(stored()).toEqual([{ minTimeout: 9 }]);
});
