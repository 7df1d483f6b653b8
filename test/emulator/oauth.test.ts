/** The authorisation server: grants, rotation, codes, its own app.info. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { call, grant, refresh, result } from './call.ts';

const start = Date.parse('2026-09-01T12:00:00Z');
let clock = start;
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({
    now: () => clock,
    tokenPrefix: 'MARK-',
    portal: { scope: ['crm', 'task'], switches: { leakyBucket: false } },
  });
});
beforeEach(async () => {
  clock = start;
  await emulator.reset();
});
afterAll(() => emulator.close());

test('a refresh answers with the new pair and the address of the portal, its domain being the server itself', async () => {
  const { refreshToken } = emulator;
  expect(await refresh(emulator, refreshToken)).toEqual({
    status: 200,
    body: {
      access_token: emulator.accessToken,
      expires: start / 1000 + 3600,
      expires_in: 3600,
      scope: 'app',
      domain: new URL(emulator.oauthUrl).host,
      server_endpoint: `${emulator.oauthUrl}/rest/`,
      status: 'L',
      client_endpoint: emulator.clientEndpoint,
      member_id: emulator.memberId,
      user_id: 1,
      refresh_token: emulator.refreshToken,
    },
  });
  expect(emulator.refreshToken).not.toBe(refreshToken);
});

test('a refresh token works once, and the access token before it dies', async () => {
  const { accessToken, refreshToken } = emulator;
  await refresh(emulator, refreshToken);
  expect(await refresh(emulator, refreshToken)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect(await call(emulator, 'event.get', { auth: accessToken })).toMatchObject({
    status: 401,
    body: { error: 'invalid_token' },
  });
  expect(await result(emulator, 'event.get')).toEqual([]);
});

test('a tolerant server accepts the old pair again', async () => {
  emulator.setSwitches({ tolerantRefresh: true });
  const { accessToken, refreshToken } = emulator;
  await refresh(emulator, refreshToken);
  expect((await refresh(emulator, refreshToken)).status).toBe(200);
  expect(await result(emulator, 'event.get', { auth: accessToken })).toEqual([]);
});

test('chains of one user do not touch each other', async () => {
  const other = emulator.token(1);
  await refresh(emulator, emulator.refreshToken);
  expect(await result(emulator, 'event.get', { auth: other.accessToken })).toEqual([]);
  expect((await refresh(emulator, other.refreshToken)).status).toBe(200);
});

test('access tokens live an hour, refresh tokens 180 days', async () => {
  clock = start + 3_599_999;
  expect((await call(emulator, 'event.get')).status).toBe(200);
  clock = start + 3_600_000;
  expect(await call(emulator, 'event.get')).toEqual({
    status: 401,
    body: { error: 'expired_token', error_description: 'The access token provided has expired' },
  });
  clock = start + 180 * 24 * 3_600_000;
  expect((await refresh(emulator, emulator.refreshToken)).body).toMatchObject({ error: 'invalid_grant' });
});

test('a wrong secret, an old secret, an unknown grant', async () => {
  const { clientSecret, refreshToken } = emulator;
  const ask = { grant_type: 'refresh_token', refresh_token: refreshToken };
  expect(await grant(emulator, { ...ask, client_secret: 'x' })).toMatchObject({
    status: 401,
    body: { error: 'invalid_client' },
  });
  emulator.rotateSecret();
  expect((await grant(emulator, { ...ask, client_secret: clientSecret })).body).toMatchObject({
    error: 'invalid_client',
  });
  expect((await grant(emulator, { ...ask, grant_type: 'password' })).body).toMatchObject({ error: 'invalid_request' });
  expect((await grant(emulator, { grant_type: '' })).body).toMatchObject({ error: 'invalid_request' });
  expect((await grant(emulator, ask)).status).toBe(200);
});

test('a dead chain stays dead', async () => {
  emulator.killRefreshChain();
  expect((await refresh(emulator, emulator.refreshToken)).body).toMatchObject({ error: 'invalid_grant' });
  expect((await call(emulator, 'event.get')).status).toBe(200);
});

test('a code is worth one token pair within thirty seconds', async () => {
  const code = emulator.oauthCode(15);
  const answer = await grant(emulator, { grant_type: 'authorization_code', code });
  expect(answer).toMatchObject({ status: 200, body: { user_id: 15, member_id: emulator.memberId } });
  expect((await grant(emulator, { grant_type: 'authorization_code', code })).body).toMatchObject({
    error: 'invalid_grant',
  });
  const late = emulator.oauthCode();
  clock += 30_000;
  expect((await grant(emulator, { grant_type: 'authorization_code', code: late })).body).toMatchObject({
    error: 'invalid_grant',
  });
});

test('the consent page redirects to the application with a code and the state', async () => {
  const query = new URLSearchParams({
    client_id: emulator.clientId,
    response_type: 'code',
    state: 's1',
    redirect_uri: 'https://app.example/back',
  });
  const response = await fetch(`${emulator.url}/oauth/authorize/?${query.toString()}`, { redirect: 'manual' });
  const location = new URL(response.headers.get('location') ?? '');
  expect([response.status, location.origin, location.searchParams.get('state')]).toEqual([
    302,
    'https://app.example',
    's1',
  ]);
  const code = location.searchParams.get('code') ?? '';
  expect((await grant(emulator, { grant_type: 'authorization_code', code })).status).toBe(200);
});

test("the server's own app.info names application and portal", async () => {
  const ask = async (token: string): Promise<unknown> =>
    (await fetch(`${emulator.oauthUrl}/rest/app.info?auth=${token}`)).json();
  expect(await ask(emulator.accessToken)).toMatchObject({
    result: {
      client_id: emulator.clientId,
      user_id: 1,
      scope: 'crm,task',
      install: { installed: true, member_id: emulator.memberId, client_endpoint: emulator.clientEndpoint },
    },
  });
  expect(await ask('invented')).toMatchObject({ error: 'invalid_token' });
  expect(await ask('')).toMatchObject({ error: 'NO_AUTH_FOUND' });
});

test('the token endpoint also answers at the portal, to GET and POST', async () => {
  const query = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: emulator.clientId,
    client_secret: emulator.clientSecret,
    refresh_token: emulator.refreshToken,
  });
  expect((await fetch(`${emulator.url}/oauth/token/?${query.toString()}`)).status).toBe(200);
});

test('every secret carries the marker, and the log shows none of them', async () => {
  const frame = emulator.openFrame();
  const { accessToken, refreshToken } = emulator.token(15);
  const secrets = [
    emulator.clientSecret,
    emulator.accessToken,
    emulator.refreshToken,
    emulator.applicationToken,
    accessToken,
    refreshToken,
    emulator.oauthCode(),
    ...['AUTH_ID', 'REFRESH_ID', 'APPLICATION_TOKEN'].map((name) => frame.fields[name]),
  ];
  expect(secrets.filter((secret) => secret?.startsWith('MARK-') !== true)).toEqual([]);
  await result(emulator, 'batch', { cmd: { a: 'profile' } });
  await refresh(emulator, emulator.refreshToken);
  expect(emulator.requests.map(({ portal, method, params }) => [portal, method, params])).toEqual([
    [emulator.memberId, 'batch', { auth: '…', cmd: { a: 'profile' } }],
    [
      'oauth',
      'oauth/token',
      { client_id: emulator.clientId, client_secret: '…', grant_type: 'refresh_token', refresh_token: '…' },
    ],
  ]);
});

test('with the token cache a portal learns of a lost scope an hour later', async () => {
  emulator.setSwitches({ tokenCache: true });
  expect(await result(emulator, 'scope')).toEqual(['crm', 'task']);
  emulator.setScope(['task']);
  expect(await result(emulator, 'scope')).toEqual(['crm', 'task']);
  emulator.setSwitches({ tokenCache: false });
  expect(await result(emulator, 'scope')).toEqual(['task']);
});
