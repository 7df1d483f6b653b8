/** Shows how a portal reads a request and shapes an answer (docs/portal-facts.md, Transport). */
import { expect, test } from 'vitest';
import type { PortalHandle } from '../../../src/emulator/index.ts';
import { emulatorOfFile, START_MS } from './setup.ts';
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
  online,
  request,
  resultOf,
  rowsOf,
  textAt,
  told,
  URL_A,
  URL_B,
} from './speak.ts';

let nowMs = START_MS;
const { emulator, portalWithUsers } = emulatorOfFile({ now: () => nowMs });

const NO_AUTH = failure(401, 'NO_AUTH_FOUND', 'Wrong authorization data');
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const who = (body: unknown) => at(body, 'result', 'ID');

test('F73 a method is found in any letter case, with .json, trailing slash or double slash', async () => {
  const portal = portalWithUsers();
  for (const path of ['profile', 'PROFILE', 'Profile.json', 'profile/', 'profile.json/', '/profile', '/profile.json']) {
    expect(who((await call(portal, path)).body), path).toBe('1');
  }
});

test('F74 parameters may come as JSON, form, multipart form or query string', async () => {
  const portal = portalWithUsers();
  const url = `${portal.clientEndpoint}profile`;
  const fields = new FormData();
  fields.set('auth', portal.accessToken);
  const body = JSON.stringify({ auth: portal.accessToken });
  const answers = [
    await request(url, { method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8' }, body }),
    await request(url, { method: 'POST', headers: form, body: `auth=${portal.accessToken}` }),
    await request(url, { method: 'POST', body: fields }),
    await request(`${url}?auth=${portal.accessToken}`),
    await request(`${url}?auth=${portal.accessToken}`, { method: 'POST' }),
  ];
  expect(answers.map((answer) => who(answer.body))).toEqual(['1', '1', '1', '1', '1']);
});

test('F75 the body wins over the query string', async () => {
  const portal = portalWithUsers();
  const url = `${portal.clientEndpoint}event.bind?event=${DEAL}&handler=${URL_A}&auth_type=15`;
  const headers = { ...json, authorization: `Bearer ${portal.accessToken}` };
  await request(url, { method: 'POST', headers, body: JSON.stringify({ handler: URL_B }) });
  expect(await rowsOf(portal)).toEqual([online(DEAL, URL_B, 15)]);
});

test('F76 a body that is no JSON counts as no parameters', async () => {
  const portal = portalWithUsers();
  const url = `${portal.clientEndpoint}profile`;
  const post = (body: string) => request(url, { method: 'POST', headers: json, body }).then(told);
  expect(await post(`{"auth":"${portal.accessToken}"`)).toEqual(NO_AUTH);
  expect(await post(`auth=${portal.accessToken}`)).toEqual(NO_AUTH);
  expect(told(await callText(portal, 'event.bind', `{"event":"${DEAL}",}`))).toEqual(NO_EVENT);
});

test('F77 the token is taken from the Bearer header, then auth, then access_token', async () => {
  const portal = portalWithUsers();
  const [one, seven, fifteen] = [1, 7, 15].map((id) => portal.token(id).accessToken);
  const url = `${portal.clientEndpoint}profile`;
  const ask = async (headers: Record<string, string>, params: Record<string, unknown>) =>
    who((await request(url, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(params) })).body);
  expect(await ask({ authorization: `Bearer ${one}` }, { auth: seven, access_token: fifteen })).toBe('1');
  expect(await ask({}, { access_token: fifteen, auth: seven })).toBe('7');
  expect(await ask({}, { access_token: fifteen })).toBe('15');
});

test('F78 an unknown method is not found, whatever the token', async () => {
  const portal = portalWithUsers();
  const unknown = failure(404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!');
  expect(told(await call(portal, 'no.such.method'))).toEqual(unknown);
  expect(told(await request(`${portal.clientEndpoint}no.such.method`))).toEqual(unknown);
  expect(told(await call(portal, 'no.such.method', {}, portal.token(1, { expired: true }).accessToken))).toEqual(
    unknown,
  );
});

test('F79 token, connector licence and rate limit are looked at in this order before the method', async () => {
  const switches = { leakyBucket: { capacity: 1, perSecond: 0.001 } };
  const portal = portalWithUsers({ features: { rest_auth_connector: 'N' }, switches });
  const bad = { auth_connector: 'sync', event_type: 'later' };
  const expired = portal.token(1, { expired: true }).accessToken;
  await call(portal, 'profile');
  const told3 = [
    await call(portal, 'event.bind', bad, expired),
    await call(portal, 'event.bind', bad),
    await call(portal, 'event.bind', { event_type: 'later' }),
  ].map((answer) => [answer.status, at(answer.body, 'error')]);
  expect(told3).toEqual([
    [401, 'expired_token'],
    [403, 'WRONG_LICENSE'],
    [503, 'QUERY_LIMIT_EXCEEDED'],
  ]);
});

test('F80 a portal that remembers verdicts shows a changed scope late, to a token used before', async () => {
  const bind = async (portal: PortalHandle, token?: string) =>
    (await call(portal, 'event.bind', { event: DEAL, handler: `${URL_A}/${portal.rows.length}` }, token)).status;
  const caching = portalWithUsers({ switches: { tokenCache: true } });
  const plain = portalWithUsers();
  for (const portal of [caching, plain]) {
    expect(await bind(portal)).toBe(200);
    portal.setScope(['task']);
  }
  nowMs += 3_500_000;
  expect([await bind(caching), await bind(plain)]).toEqual([200, 400]);
  expect(await bind(caching, caching.token(1).accessToken)).toBe(400);
  nowMs = START_MS;
});

test('F81 answers carry the documented headers and PHP escapes', async () => {
  const portal = emulator().addPortal({ users: [{ id: 1, admin: true, name: 'Имя/1' }] });
  const answer = await call(portal, 'profile');
  const names = ['content-type', 'access-control-allow-origin', 'x-content-type-options'];
  expect(names.map((name) => answer.headers.get(name)?.toLowerCase())).toEqual([
    'application/json; charset=utf-8',
    '*',
    'nosniff',
  ]);
  for (const name of ['application', 'time', 'user-time', 'system-time']) {
    expect(answer.headers.get(`x-bitrix-rest-${name}`), name).not.toBeNull();
  }
  expect(answer.text).toContain('"\\u0418\\u043c\\u044f\\/1"');
});

test('F82 a success has a result and the time it took', async () => {
  const { body } = await call(portalWithUsers(), 'user.admin');
  const number = expect.any(Number);
  const date = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
  expect(body).toMatchObject({
    result: true,
    time: { start: number, finish: number, duration: number, processing: number, date_start: date, date_finish: date },
  });
});

test('F83 operating time is shown only while the limiter is on', async () => {
  const time = async (operating: boolean) =>
    Object.keys(at((await call(emulator().addPortal({ switches: { operating } }), 'profile')).body, 'time') ?? {});
  expect(await time(true)).toEqual(expect.arrayContaining(['operating', 'operating_reset_at']));
  expect((await time(false)).filter((name) => name.startsWith('operating'))).toEqual([]);
});

test('F84 an error has neither result nor time', async () => {
  const { body } = await call(portalWithUsers(), 'event.bind', {});
  expect(Object.keys(body ?? {}).sort()).toEqual(['argument', 'error', 'error_description']);
});

test('F86 a renamed portal answers the old address with a redirect to the new one', async () => {
  const portal = portalWithUsers();
  await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A });
  const before = { clientEndpoint: portal.clientEndpoint, accessToken: portal.accessToken };
  await portal.rename();
  const answer = await call(before, 'event.get');
  const location = new URL(answer.headers.get('location') ?? '');
  expect([answer.status, location.origin]).toEqual([302, new URL(portal.clientEndpoint).origin]);
  expect(new URL(portal.clientEndpoint).origin).not.toBe(new URL(before.clientEndpoint).origin);
  expect(await rowsOf(portal)).toEqual([online(DEAL, URL_A, 0)]);
});

test('F88 empty PHP arrays are written as lists', async () => {
  const portal = portalWithUsers();
  expect((await call(portal, 'app.option.get')).text).toContain('"result":[]');
  await resultOf(portal, 'app.option.set', { options: { nothing: {}, list: ['a'], map: { a: 1 }, holes: { 1: 'b' } } });
  const { text } = await call(portal, 'app.option.get');
  expect(text).toContain('"result":{"nothing":[],"list":["a"],"map":{"a":1},"holes":{"1":"b"}}');
});

test('F89 form values are texts, JSON values keep their types', async () => {
  const portal = portalWithUsers();
  await resultOf(portal, 'app.option.set', { options: { number: 5, yes: true, nested: { a: [1] } } });
  await callForm(portal, 'app.option.set', 'options[form]=5');
  await batch(portal, { a: command('app.option.set', { 'options[batch]': 5 }) });
  expect(await resultOf(portal, 'app.option.get')).toEqual({
    number: 5,
    yes: true,
    nested: { a: [1] },
    form: '5',
    batch: '5',
  });
});

test('F90 an expired token is told apart', async () => {
  const portal = portalWithUsers();
  const expired = failure(401, 'expired_token', 'The access token provided has expired');
  expect(told(await call(portal, 'profile', {}, portal.token(1, { expired: true }).accessToken))).toEqual(expired);
  portal.expireTokens();
  expect(told(await call(portal, 'profile'))).toEqual(expired);
});

test('F91 no token is NO_AUTH_FOUND, a token the authorisation server does not know is invalid_token', async () => {
  const portal = portalWithUsers();
  expect(told(await request(`${portal.clientEndpoint}profile`))).toEqual(NO_AUTH);
  const other = portalWithUsers();
  for (const token of ['nobody-issued-this', other.accessToken]) {
    const { status, body } = await call(portal, 'profile', {}, token);
    expect([status, at(body, 'error')]).toEqual([401, 'invalid_token']);
  }
});

test('F92 after the removal of the application its token finds no application', async () => {
  const portal = portalWithUsers();
  const token = textAt({ token: portal.accessToken }, 'token');
  await portal.uninstall();
  expect(told(await call(portal, 'profile', {}, token))).toEqual(
    failure(401, 'APPLICATION_NOT_FOUND', 'Application not found'),
  );
});

test("F152 a method outside the token's scopes is refused, in a batch without a text", async () => {
  const refused = async (portal: PortalHandle) => {
    const answer = await call(portal, 'user.current', {}, portal.token(1, { scope: ['task'] }).accessToken);
    return told(answer);
  };
  const text = 'The request requires higher privileges than provided by the access token';
  const portal = portalWithUsers();
  expect(await refused(portal)).toEqual(failure(401, 'insufficient_scope', text));
  const documented = emulator().addPortal({ switches: { scopeErrorStatus: 403 } });
  expect(await refused(documented)).toEqual(failure(403, 'insufficient_scope', text));
  const answer = await batch(portal, { a: 'user.current' }, {}, portal.token(1, { scope: ['task'] }).accessToken);
  expect(at(answer, 'result_error')).toEqual({ a: { error: 'insufficient_scope', error_description: '' } });
});
