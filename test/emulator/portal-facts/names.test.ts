/** Shows which names and values are compared exactly (docs/portal-facts.md, Transport and Other methods). */
import { expect, test } from 'vitest';
import { emulatorOfFile } from './setup.ts';
import {
  at,
  batch,
  call,
  callForm,
  DEAL,
  failure,
  offline,
  type Params,
  request,
  resultOf,
  rowsOf,
  told,
  URL_A,
} from './speak.ts';

const { emulator, portalWithUsers } = emulatorOfFile();

const NOT_FOUND = failure(404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!');
const NO_LINK = failure(403, 'ACCESS_DENIED', 'Access denied! Link check failed');

test('F156 the names of authorisation, paging and signed links are compared exactly', async () => {
  const portal = portalWithUsers({ features: { rest_auth_connector: 'N' } });
  for (const name of ['AUTH', 'Access_Token']) {
    const answer = await request(`${portal.clientEndpoint}profile?${name}=${portal.accessToken}`);
    expect(answer.status, name).toBe(401);
  }
  await resultOf(portal, 'event.bind', { event: DEAL, event_type: 'offline', AUTH_CONNECTOR: 'sync' });
  expect(await rowsOf(portal)).toEqual([offline(DEAL)]);
  expect(await resultOf(portal, 'user.admin', { TOKEN: 'x', AUTH: 'x' })).toBe(true);

  await resultOf(portal, 'event.bind', { event: 'ONAPPTEST', handler: URL_A });
  await resultOf(portal, 'event.test', { Any: 'thing', START: 1, start: 2, state: 'x', State: 'y', AUTH: 'z' });
  const posted = emulator().deliveries.filter((delivery) => delivery.portal === portal.memberId);
  expect(posted.map(({ fields }) => at(fields, 'data', 'QUERY'))).toEqual([
    { Any: 'thing', START: '1', State: 'y', AUTH: 'z' },
  ]);
});

test('F159 the text 0 counts as an event and as a handler', async () => {
  const portal = portalWithUsers({ rows: [{ event: '0', handler: '0' }] });
  const url = failure(400, 'ERROR_WRONG_HANDLER_URL', 'Wrong handler URL');
  for (const zero of ['0', 0]) {
    expect(told(await call(portal, 'event.bind', { event: DEAL, handler: zero }))).toEqual(url);
    const unknown = failure(400, 'ERROR_EVENT_NOT_FOUND', 'Event not found');
    expect(told(await call(portal, 'event.bind', { event: zero, handler: URL_A }))).toEqual(unknown);
  }
  expect(at((await callForm(portal, 'event.unbind', 'event=0&handler=0')).body, 'result')).toEqual({ count: 1 });
});

test('F174 a parameter token makes any call a signed link, and there are none', async () => {
  const portal = portalWithUsers();
  const linked = (method: string, token: unknown) => call(portal, method, { token }).then(told);
  expect(await linked('event.get', '')).toEqual(NO_LINK);
  expect(await linked('event.get', '|x|y')).toEqual(NO_LINK);
  expect(await linked('event.get', 'crm|x|y')).toEqual(NOT_FOUND);
  expect(await linked('crm.type.list', 'crm|x|y')).toEqual(NO_LINK);
  expect(await linked('batch', '')).toEqual(NO_LINK);
  expect(await linked('event.get', null)).toMatchObject({ status: 200 });
  const answer = await batch(portal, { a: 'event.get?token=', b: 'event.get?token=x', c: 'user.admin' });
  expect([
    at(answer, 'result'),
    at(answer, 'result_error', 'a', 'error'),
    at(answer, 'result_error', 'b', 'error'),
  ]).toEqual([{ c: true }, 'ACCESS_DENIED', 'ERROR_METHOD_NOT_FOUND']);
});

test('F160 app.option.set takes options, or the parameters themselves, under names that keep their case', async () => {
  const portal = portalWithUsers();
  const set = (params: Params) => resultOf(portal, 'app.option.set', params);
  expect(await set({ options: { Name: 'a', name: 'b' }, ignored: 1 })).toBe(true);
  expect(portal.options).toEqual({ Name: 'a', name: 'b' });
  expect(await set({ Direct: [1], start: 5 })).toBe(true);
  expect(await set({ OPTIONS: { x: 1 } })).toBe(true);
  expect(portal.options).toEqual({ Name: 'a', name: 'b', Direct: [1], OPTIONS: { x: 1 } });
});

test('F161 app.option.get gives all options, or the one of exactly this name', async () => {
  const portal = portalWithUsers({ options: { Name: 'a', other: { deep: 1 } } });
  const get = (params: Params) => resultOf(portal, 'app.option.get', params);
  expect(await get({})).toEqual({ Name: 'a', other: { deep: 1 } });
  expect(await get({ OPTION: 'Name' })).toEqual({ Name: 'a', other: { deep: 1 } });
  expect(await get({ option: 'Name' })).toBe('a');
  expect([await get({ option: 'name' }), await get({ option: '' })]).toEqual([null, null]);
  expect(await get({ option: null })).toEqual({ Name: 'a', other: { deep: 1 } });
});

test('F162 app.option.set looks at its arguments before the rights', async () => {
  const portal = portalWithUsers();
  const { accessToken } = portal.token(15);
  const missing = failure(400, 'ERROR_ARGUMENT', "Argument 'options' is null or empty", 'options');
  const denied = failure(403, 'ACCESS_DENIED', 'Access denied! Administrator authorization required');
  for (const params of [{}, { options: [] }, { options: {} }]) {
    expect(told(await call(portal, 'app.option.set', params, accessToken))).toEqual(missing);
  }
  expect(told(await call(portal, 'app.option.set', { options: { a: 1 } }, accessToken))).toEqual(denied);
  expect((await call(portal, 'app.option.set', { options: 'text' })).status).toBe(500);
  expect(portal.options).toEqual({});
});
