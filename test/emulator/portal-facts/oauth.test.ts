/** Shows how tokens are issued, refreshed and verified (docs/portal-facts.md, OAuth). */
import { expect, test } from 'vitest';
import type { PortalHandle } from '../../../src/emulator/index.ts';
import { emulatorOfFile, START_MS } from './setup.ts';
import { type Answer, at, call, request, textAt } from './speak.ts';

const DAY_MS = 86_400_000;
let nowMs = START_MS;
const { emulator, portalWithUsers } = emulatorOfFile({ now: () => nowMs });

function ask(fields: Record<string, string>, how: 'GET' | 'POST' = 'POST'): Promise<Answer> {
  const secrets = { client_id: emulator().clientId, client_secret: emulator().clientSecret };
  const form = new URLSearchParams({ ...secrets, ...fields });
  const url = `${emulator().oauthUrl}/oauth/token/`;
  return how === 'GET' ? request(`${url}?${form.toString()}`) : request(url, { method: 'POST', body: form });
}

const refresh = (token: string, how?: 'GET' | 'POST') =>
  ask({ grant_type: 'refresh_token', refresh_token: token }, how);
const errorOf = async (answer: Promise<Answer>) => at((await answer).body, 'error');

async function whoIs(portal: PortalHandle, accessToken: string): Promise<unknown> {
  const { body } = await call(portal, 'profile', {}, accessToken);
  return at(body, 'result', 'ID') ?? at(body, 'error');
}

test('F100 the token endpoint answers GET and POST alike', async () => {
  const portal = emulator().addPortal();
  for (const how of ['GET', 'POST'] as const) {
    const { status, body } = await refresh(portal.token(1).refreshToken, how);
    expect([status, await whoIs(portal, textAt(body, 'access_token'))], how).toEqual([200, '1']);
  }
});

test('F101 an authorisation code works once and for thirty seconds', async () => {
  const portal = portalWithUsers();
  const exchange = (code: string) => ask({ grant_type: 'authorization_code', code });
  const code = portal.oauthCode(15);
  const { body } = await exchange(code);
  expect(await whoIs(portal, textAt(body, 'access_token'))).toBe('15');
  expect(at((await exchange(code)).body, 'access_token')).toBeUndefined();
  const late = portal.oauthCode(15);
  nowMs += 31_000;
  expect(at((await exchange(late)).body, 'access_token')).toBeUndefined();
});

test('F102 an access token lives an hour and a refresh token 180 days', async () => {
  const portal = emulator().addPortal();
  const { accessToken, refreshToken } = portal.token(1);
  const other = portal.token(1).refreshToken;
  nowMs += 3_599_000;
  expect(await whoIs(portal, accessToken)).toBe('1');
  nowMs += 2_000;
  expect(await whoIs(portal, accessToken)).toBe('expired_token');
  nowMs += 179 * DAY_MS;
  expect((await refresh(refreshToken)).status).toBe(200);
  nowMs += DAY_MS;
  expect(await errorOf(refresh(other))).toBe('invalid_grant');
  nowMs = START_MS;
});

test('F103 a refresh answers with all fields, and its domain is the authorisation server', async () => {
  const portal = portalWithUsers({ scope: ['crm', 'task'] });
  const { body } = await refresh(portal.token(15).refreshToken);
  const text = expect.stringMatching(/./);
  expect(body).toMatchObject({
    access_token: text,
    refresh_token: text,
    expires: nowMs / 1000 + 3600,
    expires_in: 3600,
    domain: new URL(emulator().oauthUrl).host,
    server_endpoint: text,
    status: text,
    client_endpoint: portal.clientEndpoint,
    member_id: portal.memberId,
    user_id: 15,
    scope: 'app',
  });
  portal.setSwitches({ tokenScope: 'list' });
  const listed = await refresh(textAt(body, 'refresh_token'));
  expect(textAt(listed.body, 'scope').split(',').sort()).toEqual(['crm', 'task']);
});

test('F104 a refresh ends the pair it replaces, so of two refreshes one fails', async () => {
  const portal = emulator().addPortal();
  const old = portal.token(1);
  const { body } = await refresh(old.refreshToken);
  expect(textAt(body, 'refresh_token')).not.toBe(old.refreshToken);
  expect([await whoIs(portal, textAt(body, 'access_token')), await errorOf(refresh(old.refreshToken))]).toEqual([
    '1',
    'invalid_grant',
  ]);
  expect(await whoIs(portal, old.accessToken)).not.toBe('1');
  const again = portal.token(1).refreshToken;
  const both = await Promise.all([refresh(again), refresh(again)]);
  expect(both.filter((answer) => at(answer.body, 'access_token') !== undefined).length).toBe(1);
  const tolerant = emulator().addPortal({ switches: { tolerantRefresh: true } });
  const kept = tolerant.token(1).refreshToken;
  expect([(await refresh(kept)).status, (await refresh(kept)).status]).toEqual([200, 200]);
});

test('F105 a refresh keeps the user and leaves other chains alone', async () => {
  const portal = portalWithUsers();
  const [seven, fifteen, again] = [portal.token(7), portal.token(15), portal.token(15)];
  const { body } = await refresh(fifteen.refreshToken);
  expect(await whoIs(portal, textAt(body, 'access_token'))).toBe('15');
  expect([await whoIs(portal, seven.accessToken), await whoIs(portal, again.accessToken)]).toEqual(['7', '15']);
  expect((await refresh(again.refreshToken)).status).toBe(200);
});

test('F106 a dead or unknown refresh token is an invalid grant', async () => {
  const portal = emulator().addPortal();
  expect(await errorOf(refresh('nobody-issued-this'))).toBe('invalid_grant');
  portal.killRefreshChain();
  expect(await errorOf(refresh(portal.refreshToken))).toBe('invalid_grant');
});

test('F107 an unknown application or a wrong secret is an invalid client and costs no token', async () => {
  const { refreshToken } = emulator().addPortal().token(1);
  const grant = { grant_type: 'refresh_token', refresh_token: refreshToken };
  expect(await errorOf(ask({ ...grant, client_secret: 'wrong' }))).toBe('invalid_client');
  expect(await errorOf(ask({ ...grant, client_id: 'local.unknown' }))).toBe('invalid_client');
  expect((await ask(grant)).status).toBe(200);
});

test('F108 app.info at the authorisation host tells whose a token is', async () => {
  const portal = portalWithUsers({ version: 3 });
  const { accessToken } = portal.token(15);
  const { body } = await request(`${emulator().oauthUrl}/rest/app.info?auth=${accessToken}`);
  expect(at(body, 'result')).toMatchObject({
    client_id: emulator().clientId,
    user_id: 15,
    scope: expect.anything(),
    expires: new Date(nowMs + 3_600_000).toISOString().replace('.000Z', '+00:00'),
    install: {
      domain: new URL(portal.clientEndpoint).host,
      member_id: portal.memberId,
      client_endpoint: portal.clientEndpoint,
      version: expect.anything(),
      installed: expect.anything(),
      status: expect.any(String),
    },
  });
  expect(Number(at(body, 'result', 'install', 'version'))).toBe(3);
  const unknown = await request(`${emulator().oauthUrl}/rest/app.info?auth=nobody-issued-this`);
  expect(at(unknown.body, 'result')).toBeUndefined();
});
