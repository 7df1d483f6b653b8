/** Shows which rows event.unbind removes and for whom (docs/portal-facts.md, Unbind). */
import { expect, test } from 'vitest';
import type { PortalHandle } from '../../../src/emulator/index.ts';
import { emulatorOfFile } from './setup.ts';
import {
  at,
  batch,
  call,
  callForm,
  callText,
  command,
  DEAL,
  failure,
  NO_EVENT,
  NO_HANDLER,
  offline,
  online,
  type Params,
  request,
  resultOf,
  rowsOf,
  TASK,
  told,
  UNBIND_RIGHTS,
  URL_A,
  URL_B,
  WRONG_TYPE,
} from './speak.ts';

const { portalWithUsers } = emulatorOfFile();

const DENIED = failure(403, 'ACCESS_DENIED', UNBIND_RIGHTS);
const OFFLINE_RIGHTS = 'Access denied! Offline events unbinding requires administrator access rights';
const OFFLINE_DENIED = failure(403, 'ACCESS_DENIED', OFFLINE_RIGHTS);

/** Rows of one event and handler for the users 0, 7 and 15, and one of another handler. */
function portalWithRows(): PortalHandle {
  const rows = [0, 7, 15].map((auth_type) => ({ event: DEAL, handler: URL_A, auth_type }));
  return portalWithUsers({ rows: [...rows, { event: DEAL, handler: URL_B, auth_type: 15 }] });
}

const usersLeft = (portal: PortalHandle) => portal.rows.filter((row) => row.handler === URL_A).map((row) => row.userId);

const unbind = (portal: PortalHandle, more: Params = {}, token?: string) =>
  call(portal, 'event.unbind', { event: DEAL, handler: URL_A, ...more }, token);

test('F36 event, event_type and the online handler are required as in event.bind', async () => {
  const portal = portalWithRows();
  const refused = (params: Params) => call(portal, 'event.unbind', params).then(told);
  expect(await refused({ handler: URL_A })).toEqual(NO_EVENT);
  expect(await refused({ event: DEAL, handler: URL_A, event_type: 'later' })).toEqual(WRONG_TYPE);
  expect(await refused({ event: DEAL })).toEqual(NO_HANDLER);
  expect(await refused({ event: DEAL, handler: '' })).toEqual(NO_HANDLER);
  expect(portal.rows.length).toBe(4);
});

test('F37 neither event nor URL is checked, so rows of a lost scope can go', async () => {
  const portal = portalWithRows();
  const { accessToken } = portal.token(1, { scope: ['task'] });
  const lost = { event: 'onCrmDealAdd', handler: URL_B };
  expect(await resultOf(portal, 'event.unbind', lost, accessToken)).toEqual({ count: 1 });
  expect(await resultOf(portal, 'event.unbind', { event: 'ONNOSUCHTHING', handler: 'ftp://nowhere' })).toEqual({
    count: 0,
  });
});

test('F38 offline, the handler is ignored and the connector must match exactly', async () => {
  const portal = portalWithUsers();
  const queue = { event: DEAL, event_type: 'offline' };
  await resultOf(portal, 'event.bind', queue);
  await resultOf(portal, 'event.bind', { ...queue, auth_connector: 'sync' });
  await resultOf(portal, 'event.bind', { ...queue, auth_connector: 'other' });
  expect(await resultOf(portal, 'event.unbind', { ...queue, handler: URL_A })).toEqual({ count: 1 });
  expect(await rowsOf(portal)).toEqual([offline(DEAL, 'sync'), offline(DEAL, 'other')]);
  expect(await resultOf(portal, 'event.unbind', { ...queue, auth_connector: 'syn' })).toEqual({ count: 0 });
  expect(await resultOf(portal, 'event.unbind', { ...queue, auth_connector: 'sync' })).toEqual({ count: 1 });
  expect(await rowsOf(portal)).toEqual([offline(DEAL, 'other')]);
});

test('F39 online, rows of every connector go', async () => {
  const portal = portalWithUsers();
  const row = { event: DEAL, handler: URL_A };
  for (const more of [{}, { auth_connector: 'sync' }, { auth_connector: 'other' }]) {
    await resultOf(portal, 'event.bind', { ...row, ...more });
  }
  expect(await resultOf(portal, 'event.unbind', { ...row, auth_type: 0, auth_connector: 'sync' })).toEqual({
    count: 3,
  });
  expect(await rowsOf(portal)).toEqual([]);
});

test('F40 the result is a count, and nothing to remove is a success', async () => {
  const portal = portalWithRows();
  const nothing = { event: TASK, handler: URL_A };
  expect(told(await call(portal, 'event.unbind', nothing))).toMatchObject({
    status: 200,
    body: { result: { count: 0 } },
  });
  expect(await resultOf(portal, 'event.unbind', { event: DEAL, handler: URL_B })).toEqual({ count: 1 });
});

test("F41 an administrator without auth_type removes every user's rows of the event and handler", async () => {
  for (const more of [{}, { auth_type: null }]) {
    const portal = portalWithRows();
    expect(at((await unbind(portal, more)).body, 'result')).toEqual({ count: 3 });
    expect(await rowsOf(portal)).toEqual([online(DEAL, URL_B, 15)]);
  }
});

test('F42 an administrator with auth_type removes the rows of that user, of user 0 for an empty or wrong value', async () => {
  const cases: readonly (readonly [unknown, readonly number[]])[] = [
    [0, [7, 15]],
    ['0', [7, 15]],
    ['', [7, 15]],
    ['abc', [7, 15]],
    [15, [0, 7]],
    ['15', [0, 7]],
    [1, [0, 7, 15]],
  ];
  for (const [sent, left] of cases) {
    const portal = portalWithRows();
    expect(at((await unbind(portal, { auth_type: sent })).body, 'result'), JSON.stringify(sent)).toEqual({
      count: 3 - left.length,
    });
    expect(usersLeft(portal), JSON.stringify(sent)).toEqual(left);
  }
});

test('F43 anybody else without auth_type removes their own rows only', async () => {
  for (const more of [{}, { auth_type: null }]) {
    const portal = portalWithRows();
    const answer = await unbind(portal, more, portal.token(15).accessToken);
    expect([at(answer.body, 'result'), usersLeft(portal)]).toEqual([{ count: 1 }, [0, 7]]);
  }
});

test('F44 anybody else naming user 0 or another user is denied', async () => {
  const portal = portalWithRows();
  const { accessToken } = portal.token(15);
  for (const auth_type of [0, 7, '', 'abc']) {
    expect(told(await unbind(portal, { auth_type }, accessToken)), JSON.stringify(auth_type)).toEqual(DENIED);
  }
  expect(usersLeft(portal)).toEqual([0, 7, 15]);
});

test('F45 their own id is allowed as a JSON integer and as nothing else', async () => {
  const portal = portalWithRows();
  const { accessToken } = portal.token(15);
  for (const written of ['"15"', '15.0', 'true', '1.5e1']) {
    const text = `{"event":"${DEAL}","handler":"${URL_A}","auth_type":${written}}`;
    expect(told(await callText(portal, 'event.unbind', text, accessToken)), written).toEqual(DENIED);
  }
  expect(at((await unbind(portal, { auth_type: 15 }, accessToken)).body, 'result')).toEqual({ count: 1 });
  expect(usersLeft(portal)).toEqual([0, 7]);
});

test("F46 in a form, a query string and a batch a non-administrator's auth_type is denied, their own included", async () => {
  const portal = portalWithRows();
  const { accessToken } = portal.token(15);
  const form = `event=${DEAL}&handler=${encodeURIComponent(URL_A)}&auth_type=15`;
  expect(told(await callForm(portal, 'event.unbind', form, accessToken))).toEqual(DENIED);
  expect(told(await request(`${portal.clientEndpoint}event.unbind?${form}&auth=${accessToken}`))).toEqual(DENIED);
  const cmd = {
    named: command('event.unbind', { event: DEAL, handler: URL_A, auth_type: 15 }),
    plain: command('event.unbind', { event: DEAL, handler: URL_A }),
  };
  const answer = await batch(portal, cmd, {}, accessToken);
  expect([at(answer, 'result_error'), at(answer, 'result')]).toEqual([
    { named: { error: 'ACCESS_DENIED', error_description: UNBIND_RIGHTS } },
    { plain: { count: 1 } },
  ]);
});

test('F47 unbinding offline is for administrators', async () => {
  const portal = portalWithUsers({ rows: [{ event: DEAL, event_type: 'offline' }] });
  const params = { event: DEAL, event_type: 'offline' };
  const answer = await call(portal, 'event.unbind', params, portal.token(15).accessToken);
  expect(told(answer)).toEqual(OFFLINE_DENIED);
  expect(await rowsOf(portal)).toEqual([offline(DEAL)]);
});

test('F157 the checks of an unbind: event, type, offline rights, handler, auth_type, in this order', async () => {
  const portal = portalWithRows();
  const { accessToken } = portal.token(15);
  const steps: readonly (readonly [Params, unknown])[] = [
    [{ auth_type: 7, event: '', event_type: 'later' }, NO_EVENT],
    [{ auth_type: 7, event: DEAL, event_type: 'later' }, WRONG_TYPE],
    [{ auth_type: 7, event: DEAL, event_type: 'offline' }, OFFLINE_DENIED],
    [{ auth_type: 7, event: DEAL, handler: '' }, NO_HANDLER],
    [{ auth_type: 7, event: DEAL, handler: URL_A }, DENIED],
  ];
  for (const [params, expected] of steps) {
    expect(told(await call(portal, 'event.unbind', params, accessToken)), JSON.stringify(params)).toEqual(expected);
  }
  expect(portal.rows.length).toBe(4);
});

test('F158 a negative auth_type matches no row', async () => {
  const portal = portalWithRows();
  for (const auth_type of [-1, '-1', '-15abc']) {
    expect(at((await unbind(portal, { auth_type })).body, 'result')).toEqual({ count: 0 });
  }
  expect(told(await unbind(portal, { auth_type: -15 }, portal.token(15).accessToken))).toEqual(DENIED);
  expect(usersLeft(portal)).toEqual([0, 7, 15]);
});
