/** Shows what event.bind refuses, in which words and in which order (docs/portal-facts.md, Bind). */
import { expect, test } from 'vitest';
import { emulatorOfFile } from './setup.ts';
import {
  BIND_RIGHTS,
  BINDED,
  call,
  callForm,
  callWebhook,
  DEAL,
  failure,
  NO_EVENT,
  NO_HANDLER,
  offline,
  online,
  type Params,
  resultOf,
  rowsOf,
  TASK,
  told,
  URL_A,
  WRONG_AUTH,
  WRONG_TYPE,
} from './speak.ts';

const { portalWithUsers } = emulatorOfFile();

const OFFLINE_RIGHTS = failure(
  403,
  'ACCESS_DENIED',
  'Access denied! Offline events binding requires administrator access rights',
);
const WRONG_HOST = failure(400, 'ERROR_WRONG_HANDLER_URL', 'Wrong handler URL');
const WRONG_SCHEME = failure(400, 'ERROR_UNSUPPORTED_PROTOCOL', 'Unsupported handler protocol');
const NO_SUCH_EVENT = failure(400, 'ERROR_EVENT_NOT_FOUND', 'Event not found');

test('F13 a missing event is refused with the name of the argument', async () => {
  const portal = portalWithUsers();
  expect(told(await call(portal, 'event.bind', { handler: URL_A }))).toEqual(NO_EVENT);
  expect(told(await call(portal, 'event.bind', { event: '', handler: URL_A }))).toEqual(NO_EVENT);
});

test('F14 an event_type that is neither online nor offline is refused', async () => {
  const portal = portalWithUsers();
  const answer = await call(portal, 'event.bind', { event: DEAL, handler: URL_A, event_type: 'later' });
  expect(told(answer)).toEqual(WRONG_TYPE);
});

test('F15 binding offline is for administrators', async () => {
  const portal = portalWithUsers();
  const { accessToken } = portal.token(15);
  const answer = await call(portal, 'event.bind', { event: DEAL, event_type: 'offline' }, accessToken);
  expect(told(answer)).toEqual(OFFLINE_RIGHTS);
  expect(await rowsOf(portal)).toEqual([]);
});

test('F16 an online bind without a handler is refused', async () => {
  const portal = portalWithUsers();
  expect(told(await call(portal, 'event.bind', { event: DEAL }))).toEqual(NO_HANDLER);
  expect(told(await call(portal, 'event.bind', { event: DEAL, handler: '' }))).toEqual(NO_HANDLER);
});

test('F17 offline, handler and auth_type are ignored, but the rights for auth_type are checked first', async () => {
  const portal = portalWithUsers();
  const params = { event: DEAL, event_type: 'offline', handler: 'no address at all', auth_type: 15 };
  expect(await resultOf(portal, 'event.bind', params)).toBe(true);
  expect(portal.rows.map(({ handler, userId }) => ({ handler, userId }))).toEqual([{ handler: '', userId: 0 }]);
  expect(told(await call(portal, 'event.bind', { event: DEAL, event_type: 'offline' }))).toEqual(BINDED);
  const { accessToken } = portal.token(15);
  const denied = await call(portal, 'event.bind', { ...params, auth_type: 7 }, accessToken);
  expect(told(denied)).toEqual(failure(403, 'ACCESS_DENIED', BIND_RIGHTS));
  expect(await rowsOf(portal)).toEqual([offline(DEAL)]);
});

test('F18 a handler needs a host with a dot inside', async () => {
  const portal = portalWithUsers();
  const handlers = [
    'http://localhost/x',
    'http://[::1]/x',
    'http://.x/',
    'app.example.com/path',
    '/path',
    'https://',
    'javascript:alert(1)',
    ' https://app.example.com/',
    'https://app.example.com:99999/',
  ];
  for (const handler of handlers) {
    expect(told(await call(portal, 'event.bind', { event: DEAL, handler })), handler).toEqual(WRONG_HOST);
  }
});

test('F19 a handler needs the scheme http or https in lower case', async () => {
  const portal = portalWithUsers();
  for (const handler of [
    'HTTPS://a.example.com/',
    'Http://a.example.com/',
    '//a.example.com/',
    'ftp://a.example.com/',
  ]) {
    expect(told(await call(portal, 'event.bind', { event: DEAL, handler })), handler).toEqual(WRONG_SCHEME);
  }
});

test('F20 addresses, ports, user info, plain http, foreign and dead hosts are all accepted', async () => {
  const portal = portalWithUsers();
  const handlers = [
    'https://10.0.0.5:8443/x',
    'http://a.example.com',
    'https://user:password@a.example.com/',
    'http://127.0.0.1:9/nobody-listens',
    'https://no-such-host.invalid/',
  ];
  for (const handler of handlers) await resultOf(portal, 'event.bind', { event: DEAL, handler });
  expect(await rowsOf(portal)).toEqual(handlers.map((handler) => online(DEAL, handler, 0)));
});

test("F21 an event outside the token's scopes is not found", async () => {
  const portal = portalWithUsers();
  const { accessToken } = portal.token(1, { scope: ['task'] });
  const bind = (event: string) => call(portal, 'event.bind', { event, handler: URL_A }, accessToken);
  expect(told(await bind(DEAL))).toEqual(NO_SUCH_EVENT);
  expect(told(await bind('ONNOSUCHTHING'))).toEqual(NO_SUCH_EVENT);
  expect([(await bind(TASK)).status, (await bind('ONAPPTEST')).status]).toEqual([200, 200]);
});

test('F22 ONOFFLINEEVENT cannot be bound offline', async () => {
  const portal = portalWithUsers();
  const answer = await call(portal, 'event.bind', { event: 'ONOFFLINEEVENT', event_type: 'offline' });
  expect(told(answer)).toEqual(failure(400, 'ERROR_ARGUMENT', 'Offline event cannot be registered for this event.'));
  expect(await rowsOf(portal)).toEqual([]);
});

test('F23 of several mistakes the first in the order of checks is reported', async () => {
  const portal = portalWithUsers();
  const { accessToken } = portal.token(15);
  const bad = { auth_type: 7, event: '', event_type: 'later', handler: '' };
  expect(told(await callWebhook(portal, 'event.bind', bad))).toEqual(WRONG_AUTH);

  const steps: readonly (readonly [Params, unknown])[] = [
    [bad, failure(403, 'ACCESS_DENIED', BIND_RIGHTS)],
    [{ ...bad, auth_type: 15 }, NO_EVENT],
    [{ ...bad, auth_type: 15, event: 'ONNOSUCHTHING' }, WRONG_TYPE],
    [{ auth_type: 15, event: 'ONNOSUCHTHING', event_type: 'offline' }, OFFLINE_RIGHTS],
    [{ auth_type: 15, event: 'ONNOSUCHTHING', handler: '' }, NO_HANDLER],
    [{ auth_type: 15, event: 'ONNOSUCHTHING', handler: 'ftp://localhost/' }, WRONG_HOST],
    [{ auth_type: 15, event: 'ONNOSUCHTHING', handler: 'ftp://a.example.com/' }, WRONG_SCHEME],
    [{ auth_type: 15, event: 'ONNOSUCHTHING', handler: URL_A }, NO_SUCH_EVENT],
  ];
  for (const [params, expected] of steps) {
    expect(told(await call(portal, 'event.bind', params, accessToken)), JSON.stringify(params)).toEqual(expected);
  }
  const unknownOffline = await call(portal, 'event.bind', { event: 'ONNOSUCHTHING', event_type: 'offline' });
  expect(told(unknownOffline)).toEqual(NO_SUCH_EVENT);

  const lostScope = portal.token(1, { scope: ['task'] }).accessToken;
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A });
  const again = await call(portal, 'event.bind', { event: DEAL, handler: URL_A }, lostScope);
  expect(told(again)).toEqual(NO_SUCH_EVENT);
});

test('F33 a successful bind answers true', async () => {
  const portal = portalWithUsers();
  const answer = await call(portal, 'event.bind', { event: DEAL, handler: URL_A });
  expect(told(answer)).toMatchObject({ status: 200, body: { result: true } });
});

test('F34 a list in the place of event or handler ends in HTTP 500', async () => {
  const portal = portalWithUsers();
  expect((await call(portal, 'event.bind', { event: [DEAL], handler: URL_A })).status).toBe(500);
  expect((await call(portal, 'event.bind', { event: DEAL, handler: [URL_A] })).status).toBe(500);
  expect((await callForm(portal, 'event.bind', `event[]=${DEAL}&handler=x`)).status).toBe(500);
  expect(await rowsOf(portal)).toEqual([]);
});

test('F35 auth_connector without the feature fails every method', async () => {
  const portal = portalWithUsers({ features: { rest_auth_connector: 'N' } });
  const text = 'This feature is not enabled for the current license: auth_connector';
  for (const method of ['event.bind', 'event.unbind', 'event.get', 'profile', 'batch']) {
    const answer = await call(portal, method, { event: DEAL, handler: URL_A, auth_connector: 'sync', cmd: {} });
    expect(told(answer), method).toEqual(failure(403, 'WRONG_LICENSE', text));
  }
  expect(await rowsOf(portal)).toEqual([]);
});
