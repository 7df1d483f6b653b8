/** Shows that the official SDK, unmodified, works against the emulator as it does against a portal. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { B24OAuth, EnumAppStatus, type TypeB24 } from '@bitrix24/b24jssdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, type PortalHandle, startEmulator } from '../../src/emulator/index.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

const HANDLER = 'https://app.example.com/hook?key=a+b&sign=%26#part';
const DEAL = 'ONCRMDEALADD';
const ROW = { event: DEAL, handler: HANDLER, auth_type: '0', offline: 0 };

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expires?: number;
}

type Identity = Pick<PortalHandle, 'applicationToken' | 'memberId' | 'domain' | 'clientEndpoint'>;

function identityOf({ applicationToken, memberId, domain, clientEndpoint }: PortalHandle): Identity {
  return { applicationToken, memberId, domain, clientEndpoint };
}

function connect(portal: Identity, tokens: Tokens): B24OAuth {
  const sdk = new B24OAuth(
    {
      applicationToken: portal.applicationToken,
      userId: 1,
      memberId: portal.memberId,
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken,
      expires: tokens.expires ?? Math.floor(Date.now() / 1000) + 3600,
      expiresIn: 3600,
      scope: 'crm',
      domain: portal.domain,
      clientEndpoint: portal.clientEndpoint,
      serverEndpoint: `${emulator.oauthUrl}/rest/`,
      status: EnumAppStatus.Local,
    },
    { clientId: emulator.clientId, clientSecret: emulator.clientSecret },
  );
  sdk.offClientSideWarning();
  return sdk;
}

async function call(sdk: TypeB24, method: string, params: Record<string, unknown> = {}): Promise<unknown> {
  const answer = await sdk.actions.v2.call.make({ method, params });
  if (!answer.isSuccess) throw new Error(answer.getErrorMessages().join('; '));
  return answer.getData()?.result;
}

test('single calls bind, read and unbind, over the double slash the SDK sends', async () => {
  const portal = emulator.addPortal();
  const sdk = connect(portal, portal);
  emulator.clearRequests();
  expect(await call(sdk, 'event.bind', { event: 'onCrmDealAdd', handler: HANDLER })).toBe(true);
  expect(await call(sdk, 'event.get')).toEqual([ROW]);
  expect(await call(sdk, 'event.unbind', { event: DEAL, handler: HANDLER })).toEqual({ count: 1 });
  expect(await call(sdk, 'event.get')).toEqual([]);
  expect(emulator.requests.map((request) => request.method)).toEqual([
    'event.bind',
    'event.get',
    'event.unbind',
    'event.get',
  ]);
});

test('the path the SDK sends has the double slash that portals accept', async () => {
  const portal = emulator.addPortal();
  const paths: string[] = [];
  const relay = createServer((request, response) => {
    const path = request.url ?? '';
    paths.push(path.replace(/\?.*/, ''));
    void (async () => {
      const body = await text(request);
      const headers = { 'content-type': request.headers['content-type'] ?? '' };
      const answer = await fetch(new URL(portal.clientEndpoint).origin + path, { method: 'POST', headers, body });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const address = relay.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const endpoint = `http://127.0.0.1:${port}${new URL(portal.clientEndpoint).pathname}`;
  const sdk = connect({ ...identityOf(portal), clientEndpoint: endpoint }, portal);
  expect(await call(sdk, 'user.admin')).toBe(true);
  expect(paths).toEqual([`${new URL(endpoint).pathname}/user.admin`]);
  relay.closeAllConnections();
  relay.close();
});

test('a portal that goes by a name of its own is called at its address', async () => {
  const portal = emulator.addPortal({ domain: 'acme.bitrix24.com' });
  const sdk = connect(portal, portal);
  expect([`${sdk.getTargetOrigin()}/rest/`, await call(sdk, 'user.admin')]).toEqual([portal.clientEndpoint, true]);
});

test("a refused call is an error with the portal's own code and text", async () => {
  const portal = emulator.addPortal();
  const sdk = connect(portal, portal);
  await call(sdk, 'event.bind', { event: DEAL, handler: HANDLER });
  await expect(call(sdk, 'event.bind', { event: DEAL, handler: HANDLER })).rejects.toThrow(
    'Unable to set event handler: Handler already binded',
  );
  await expect(call(sdk, 'no.such.method')).rejects.toThrow('Method not found!');
});

test('a batch of named commands gives their results, errors and order', async () => {
  const portal = emulator.addPortal();
  const sdk = connect(portal, portal);
  emulator.clearRequests();
  const answer = await sdk.actions.v2.batch.make({
    calls: {
      bind: ['event.bind', { event: DEAL, handler: HANDLER }],
      again: ['event.bind', { event: DEAL, handler: HANDLER }],
      rows: ['event.get', {}],
      admin: ['user.admin', {}],
    },
    options: { isHaltOnError: false },
  });
  expect(answer.getData()).toEqual({ bind: true, rows: [ROW], admin: true });
  expect(answer.getErrorMessages().join('; ')).toContain('Unable to set event handler: Handler already binded');
  expect(emulator.requests.map((request) => request.method)).toEqual(['batch']);
});

test('a batch of listed commands gives a list, and stops at an error when told to', async () => {
  const portal = emulator.addPortal();
  const sdk = connect(portal, portal);
  const list = await sdk.actions.v2.batch.make({
    calls: [
      ['user.admin', {}],
      ['event.get', {}],
    ],
  });
  expect([list.isSuccess, list.getData()]).toEqual([true, [true, []]]);
  const halted = await sdk.actions.v2.batch.make({
    calls: [
      ['event.bind', { event: 'ONNOSUCHTHING', handler: HANDLER }],
      ['event.bind', { event: DEAL, handler: HANDLER }],
    ],
    options: { isHaltOnError: true },
  });
  expect([halted.isSuccess, portal.rows.length]).toEqual([false, 0]);
});

test('an expired token is refreshed once and the call repeated', async () => {
  const portal = emulator.addPortal();
  const { accessToken } = portal.token(1, { expired: true });
  const { refreshToken } = portal.token(1);
  const sdk = connect(portal, { accessToken, refreshToken });
  const received: unknown[] = [];
  sdk.setCallbackRefreshAuth(async ({ b24OAuthParams }) => {
    received.push([b24OAuthParams.refreshToken === refreshToken, b24OAuthParams.clientEndpoint]);
  });
  emulator.clearRequests();
  expect(await Promise.all([call(sdk, 'user.admin'), call(sdk, 'event.get')])).toEqual([true, []]);
  const tokenCalls = emulator.requests.filter((request) => request.method === 'oauth/token');
  expect([tokenCalls.map(({ status }) => status), received]).toEqual([[200], [[false, portal.clientEndpoint]]]);
});

test('a token known to be over is refreshed before the call', async () => {
  const portal = emulator.addPortal();
  const { refreshToken } = portal.token(1);
  const sdk = connect(portal, { accessToken: 'over', refreshToken, expires: 1 });
  emulator.clearRequests();
  expect(await call(sdk, 'user.admin')).toBe(true);
  expect(emulator.requests.map((request) => request.method)).toEqual(['oauth/token', 'user.admin']);
});

test('a dead refresh token ends in an error and in no further call', async () => {
  const portal = emulator.addPortal();
  const { accessToken } = portal.token(1, { expired: true });
  const sdk = connect(portal, { accessToken, refreshToken: 'dead' });
  emulator.clearRequests();
  await expect(call(sdk, 'event.get')).rejects.toThrow();
  expect(emulator.requests.map((request) => request.method)).toEqual(['event.get', 'oauth/token']);
});
