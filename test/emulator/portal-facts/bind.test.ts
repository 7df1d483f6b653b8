/** Shows what event.bind makes of its parameters (docs/portal-facts.md, Bind). */
import { expect, test } from 'vitest';
import { emulatorOfFile } from './setup.ts';
import {
  at,
  BIND_RIGHTS,
  call,
  callForm,
  callText,
  callWebhook,
  DEAL,
  failure,
  listAt,
  offline,
  online,
  resultOf,
  rowsOf,
  TASK,
  told,
  URL_A,
  URL_B,
  WRONG_AUTH,
} from './speak.ts';

const { portalWithUsers } = emulatorOfFile();

test('F1 events and the methods of event.* answer a token of any scope', async () => {
  const portal = portalWithUsers();
  const { accessToken } = portal.token(1, { scope: ['task'] });
  const bound = await resultOf(portal, 'event.bind', { event: TASK, handler: URL_A }, accessToken);
  const events = listAt({ events: await resultOf(portal, 'events', {}, accessToken) }, 'events');
  expect([bound, await rowsOf(portal, accessToken), events.includes(TASK)]).toEqual([
    true,
    [online(TASK, URL_A, 0)],
    true,
  ]);
  expect(await resultOf(portal, 'event.unbind', { event: TASK, handler: URL_A }, accessToken)).toEqual({ count: 1 });
});

test('F2 an incoming webhook is refused by event.bind, event.unbind, event.get and event.test', async () => {
  const portal = portalWithUsers();
  for (const method of ['event.bind', 'event.unbind', 'event.get', 'event.test']) {
    expect(told(await callWebhook(portal, method, { event: DEAL, handler: URL_A })), method).toEqual(WRONG_AUTH);
  }
  expect(await rowsOf(portal)).toEqual([]);
});

test('F3 top-level names count in any letter case and the last spelling wins', async () => {
  const portal = portalWithUsers();
  await callText(portal, 'event.bind', `{"EVENT":"${DEAL}","Handler":"${URL_A}","Auth_Type":15}`);
  await callText(portal, 'event.bind', `{"event":"${DEAL}","handler":"${URL_A}","HANDLER":"${URL_B}"}`);
  await callForm(portal, 'event.bind', `EVENT=${TASK}&event=${DEAL}&HANDLER=${encodeURIComponent(`${URL_A}/form`)}`);
  expect(await rowsOf(portal)).toEqual([
    online(DEAL, URL_A, 15),
    online(DEAL, URL_B, 0),
    online(DEAL, `${URL_A}/form`, 0),
  ]);
});

test('F4 the event code is upper-cased before it is stored', async () => {
  const portal = portalWithUsers();
  await resultOf(portal, 'event.bind', { event: 'onCrmDealAdd', handler: URL_A });
  expect(await rowsOf(portal)).toEqual([online(DEAL, URL_A, 0)]);
});

test('F5 the handler is stored exactly as sent', async () => {
  const portal = portalWithUsers();
  const handlers = [
    'https://App.Example.COM',
    'https://app.example.com/',
    'https://app.example.com/dir/',
    'https://app.example.com:443/a b',
    'https://app.example.com/%7euser?x=%2F&y=1#part',
    'https://пример.рф/путь',
  ];
  for (const handler of handlers) await resultOf(portal, 'event.bind', { event: DEAL, handler });
  expect(await rowsOf(portal)).toEqual(handlers.map((handler) => online(DEAL, handler, 0)));
});

test('F6 auth_type is read as intval does, and what is no positive number counts as not given', async () => {
  const cases: readonly (readonly [unknown, number])[] = [
    [15, 15],
    ['15', 15],
    ['15abc', 15],
    [true, 1],
    [null, 0],
    ['', 0],
    ['abc', 0],
    [-15, 0],
    ['-15', 0],
    [false, 0],
  ];
  for (const [sent, stored] of cases) {
    const portal = portalWithUsers();
    await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A, auth_type: sent });
    expect(await rowsOf(portal), JSON.stringify(sent)).toEqual([online(DEAL, URL_A, stored)]);
  }
});

test('F7 event_type is lower-cased and is online when absent or empty', async () => {
  const portal = portalWithUsers();
  await resultOf(portal, 'event.bind', { event: DEAL, event_type: 'OffLine' });
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A, event_type: 'ONLINE' });
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_B, event_type: '' });
  await resultOf(portal, 'event.bind', { event: TASK, handler: URL_B });
  expect(await rowsOf(portal)).toEqual([
    offline(DEAL),
    online(DEAL, URL_A, 0),
    online(DEAL, URL_B, 0),
    online(TASK, URL_B, 0),
  ]);
});

test('F8 of options only the minTimeout of ONOFFLINEEVENT survives, as an integer', async () => {
  const cases: readonly (readonly [string, unknown, Record<string, unknown>])[] = [
    ['ONOFFLINEEVENT', { minTimeout: '5s', other: 1 }, { minTimeout: 5 }],
    ['ONOFFLINEEVENT', { mintimeout: 5 }, {}],
    ['ONOFFLINEEVENT', 'minTimeout=5', {}],
    [DEAL, { minTimeout: 5 }, {}],
  ];
  for (const [event, options, stored] of cases) {
    const portal = portalWithUsers();
    await resultOf(portal, 'event.bind', { event, handler: URL_A, options });
    expect(
      portal.rows.map((row) => ({ ...row.options })),
      JSON.stringify(options),
    ).toEqual([stored]);
  }
});

test('F9 an administrator without a usable auth_type binds user 0', async () => {
  const portal = portalWithUsers();
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A });
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_B, auth_type: 0 });
  expect(await rowsOf(portal)).toEqual([online(DEAL, URL_A, 0), online(DEAL, URL_B, 0)]);
});

test('F10 an administrator binds any user id, existing or not', async () => {
  const portal = portalWithUsers();
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A, auth_type: 1 });
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A, auth_type: 99999 });
  expect(await rowsOf(portal)).toEqual([online(DEAL, URL_A, 1), online(DEAL, URL_A, 99999)]);
});

test('F11 anybody else binds for themselves, also when they send 0', async () => {
  const portal = portalWithUsers();
  const { accessToken } = portal.token(15);
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A }, accessToken);
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_B, auth_type: 0 }, accessToken);
  await resultOf(portal, 'event.bind', { event: TASK, handler: URL_A, auth_type: '15' }, accessToken);
  expect(await rowsOf(portal)).toEqual([online(DEAL, URL_A, 15), online(DEAL, URL_B, 15), online(TASK, URL_A, 15)]);
});

test('F12 anybody else naming another user is denied', async () => {
  const portal = portalWithUsers();
  const { accessToken } = portal.token(15);
  const answer = await call(portal, 'event.bind', { event: DEAL, handler: URL_A, auth_type: 7 }, accessToken);
  expect(told(answer)).toEqual(failure(403, 'ACCESS_DENIED', BIND_RIGHTS));
  expect([await rowsOf(portal), at(answer.body, 'result')]).toEqual([[], undefined]);
});
