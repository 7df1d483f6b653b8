/** Shows the other methods that a reconciler asks (docs/portal-facts.md, Other methods). */
import { expect, test } from 'vitest';
import { namesUnder } from './receiver.ts';
import { emulatorOfFile, receiverOfTest } from './setup.ts';
import { at, call, callWebhook, DEAL, failure, listAt, type Params, resultOf, TASK, told } from './speak.ts';

const { emulator, portalWithUsers } = emulatorOfFile({ outbound: 'send' });
const receiver = receiverOfTest();

test("F135 events lists the upper-case global codes and then those of the token's scopes", async () => {
  const portal = emulator().addPortal({ scope: ['task'] });
  const codes = listAt({ codes: await resultOf(portal, 'events') }, 'codes').map(String);
  expect(codes.filter((code) => code !== code.toUpperCase())).toEqual([]);
  const global = listAt({ codes: await resultOf(portal, 'events', { SCOPE: '' }) }, 'codes');
  expect([codes.slice(0, global.length), codes[global.length]]).toEqual([global, TASK]);
  expect([TASK, 'ONAPPTEST', 'ONOFFLINEEVENT', DEAL].map((code) => codes.includes(code))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test('F136 SCOPE lists one scope and beats FULL, whose truth is that of PHP', async () => {
  const portal = emulator().addPortal({ scope: ['task'] });
  const has = async (params: Params) => {
    const codes = listAt({ codes: await resultOf(portal, 'events', params) }, 'codes');
    return [TASK, DEAL, 'ONAPPTEST'].map((code) => codes.includes(code));
  };
  expect(await has({ SCOPE: 'task' })).toEqual([true, false, false]);
  expect(await has({ SCOPE: '' })).toEqual([false, false, true]);
  expect(await has({ SCOPE: 'task', FULL: true })).toEqual([true, false, false]);
  expect(await has({ FULL: true })).toEqual([true, true, true]);
  expect(await has({ FULL: 'false' })).toEqual([true, true, true]);
  expect(await has({ FULL: '0' })).toEqual([true, false, true]);
});

test('F137 profile and user.admin tell who calls, whatever the scopes', async () => {
  const portal = portalWithUsers({ scope: [] });
  const { accessToken } = portal.token(15);
  expect(await resultOf(portal, 'profile')).toMatchObject({ ID: '1', ADMIN: true });
  expect(await resultOf(portal, 'profile', {}, accessToken)).toMatchObject({ ID: '15', ADMIN: false });
  expect([await resultOf(portal, 'user.admin'), await resultOf(portal, 'user.admin', {}, accessToken)]).toEqual([
    true,
    false,
  ]);
});

test('F138 app.info describes the application, and to a webhook only scope and licence', async () => {
  const portal = emulator().addPortal({ version: 3, scope: ['crm'] });
  const result = await resultOf(portal, 'app.info');
  expect(result).toMatchObject({
    VERSION: 3,
    INSTALLED: true,
    PAYMENT_EXPIRED: 'N',
    STATUS: expect.stringMatching(/^[FDTPLS]$/),
  });
  const names = ['CODE', 'DAYS', 'ID', 'INSTALLED', 'LANGUAGE_ID', 'LICENSE', 'LICENSE_FAMILY', 'LICENSE_TYPE'];
  expect(Object.keys(result ?? {})).toEqual(expect.arrayContaining([...names, 'PAYMENT_EXPIRED', 'STATUS', 'VERSION']));
  const { body } = await callWebhook(portal, 'app.info');
  expect(Object.keys(at(body, 'result') ?? {}).sort()).toEqual(['LICENSE', 'SCOPE']);
});

test('F139 feature.get takes a code in any letter case and wants one', async () => {
  const portal = emulator().addPortal({ features: { rest_auth_connector: 'N', rest_offline_extended: 'Y' } });
  expect(await resultOf(portal, 'feature.get', { CODE: 'REST_offline_extended' })).toEqual({ value: 'Y' });
  expect(await resultOf(portal, 'feature.get', { code: 'rest_auth_connector' })).toEqual({ value: 'N' });
  for (const params of [{}, { code: '0' }]) {
    expect(told(await call(portal, 'feature.get', params))).toEqual(failure(400, 'CODE_EMPTY', "CODE can't be empty"));
  }
});

test("F140 scope lists the token's scopes, or all of the portal", async () => {
  const portal = emulator().addPortal();
  const { accessToken } = portal.token(1, { scope: ['crm', 'task'] });
  expect(await resultOf(portal, 'scope', {}, accessToken)).toEqual(['crm', 'task']);
  const full = listAt({ full: await resultOf(portal, 'scope', { full: 'false' }, accessToken) }, 'full');
  expect(full).toEqual(expect.arrayContaining(['crm', 'task', 'user', 'calendar']));
});

test('F141 method.get tells whether a method exists and is available', async () => {
  const portal = emulator().addPortal();
  expect(await resultOf(portal, 'method.get', { name: 'EVENT.bind' })).toEqual({ isExisting: true, isAvailable: true });
  expect(await resultOf(portal, 'method.get', { name: 'batch' })).toEqual({ isExisting: true, isAvailable: true });
  expect(await resultOf(portal, 'method.get', { name: 'no.such' })).toEqual({ isExisting: false, isAvailable: false });
  expect(at((await call(portal, 'method.get', { NAME: 'event.bind' })).body, 'result', 'isExisting')).not.toBe(true);
});

test('F142 server.time is an ISO date', async () => {
  expect(await resultOf(emulator().addPortal(), 'server.time')).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/,
  );
});

test('F143 event.test answers 1 and posts ONAPPTEST with what was sent', async () => {
  const portal = portalWithUsers({ rows: [{ event: 'ONAPPTEST', handler: receiver().url }] });
  expect(await resultOf(portal, 'event.test', { Any: 'thing', nested: { a: 1 }, start: 50, state: 'x' })).toBe(1);
  const [post] = await receiver().arrived(1);
  expect(post?.fields).toMatchObject({
    event: 'ONAPPTEST',
    'data[QUERY][Any]': 'thing',
    'data[QUERY][nested][a]': '1',
    'data[LANGUAGE_ID]': expect.stringMatching(/^[a-z]{2}$/),
    'auth[refresh_token]': expect.stringMatching(/./),
  });
  expect(namesUnder(post, 'data')).toEqual(['LANGUAGE_ID', 'QUERY', 'QUERY']);
});
