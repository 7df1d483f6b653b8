/** Shows who is let in, and with what body (docs/portal-facts.md, Transport). */
import { expect, test } from 'vitest';
import { emulatorOfFile } from './setup.ts';
import { at, call, callWebhook, DEAL, failure, offline, request, resultOf, rowsOf, told } from './speak.ts';

const { emulator, portalWithUsers } = emulatorOfFile();

test('F165 a body of another type, or of none, is read as a form', async () => {
  const portal = portalWithUsers();
  const send = (type: string | undefined, body: string) =>
    request(`${portal.clientEndpoint}profile`, {
      method: 'POST',
      // A body of bytes, because fetch names a type for a text of its own accord.
      body: new TextEncoder().encode(body),
      headers: type === undefined ? {} : { 'content-type': type },
    });
  const form = `auth=${portal.accessToken}`;
  const json = JSON.stringify({ auth: portal.accessToken });
  for (const type of [undefined, 'text/plain', 'application/octet-stream', 'application/JSON']) {
    expect([(await send(type, form)).status, (await send(type, json)).status], type).toEqual([200, 401]);
  }
  const jsonOnly = [(await send('application/json', form)).status, (await send('application/json;x=1', json)).status];
  expect(jsonOnly).toEqual([401, 200]);
});

test('F166 a webhook that does not exist has invalid credentials', async () => {
  const portal = portalWithUsers();
  const unknown = failure(403, 'INVALID_CREDENTIALS', 'Invalid request credentials');
  expect(told(await request(`${portal.clientEndpoint}1/0123456789abcdef/profile`))).toEqual(unknown);
  const url = portal.webhook(1);
  expect(told(await request(`${url.replace('/rest/1/', '/rest/15/')}profile`))).toEqual(unknown);
  expect(at((await request(`${url}profile`)).body, 'result', 'ID')).toBe('1');
  const narrow = portal.webhook(15, { scope: ['task'] });
  expect((await request(`${narrow}crm.type.list`)).status).toBe(401);
});

test('F167 no method answers a user who is not active', async () => {
  const portal = portalWithUsers();
  const { accessToken } = portal.token(15);
  const webhook = portal.webhook(15);
  portal.setUser({ id: 15, active: false });
  const refused = failure(401, 'authorization_error', 'Unable to authorize user');
  for (const method of ['profile', 'event.get', 'batch', 'server.time']) {
    expect(told(await call(portal, method, {}, accessToken)), method).toEqual(refused);
  }
  expect(told(await request(`${webhook}profile`))).toEqual(refused);
  expect((await call(portal, 'profile')).status).toBe(200);
});

test('F186 a client_endpoint may begin with http://', async () => {
  expect(emulator().credentials.clientEndpoint).toMatch(/^http:\/\//);
  expect((await request(`${emulator().clientEndpoint}profile?auth=${emulator().accessToken}`)).status).toBe(200);
});

test('F188 there is no event.bind in REST 3.0, and its Idempotency-Key means nothing to version 2', async () => {
  const portal = portalWithUsers();
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'once' };
  const send = (path: string) =>
    request(`${portal.clientEndpoint}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ auth: portal.accessToken, event: DEAL, event_type: 'offline' }),
    });
  expect((await send('api/event.bind')).status).toBe(404);
  expect([(await send('event.bind')).status, (await send('event.bind')).status]).toEqual([200, 400]);
});

test('F190 the self-hosted edition asks no plan', async () => {
  const portal = portalWithUsers({ edition: 'box', language: 'de' });
  expect(await resultOf(portal, 'feature.get', { CODE: 'rest_auth_connector' })).toEqual({ value: 'de_selfhosted' });
  await resultOf(portal, 'event.bind', { event: DEAL, event_type: 'offline', auth_connector: 'sync' });
  expect(await rowsOf(portal)).toEqual([offline(DEAL, 'sync')]);
  expect(at(await resultOf(portal, 'event.offline.get', { clear: 0 }), 'process_id')).toMatch(/./);
  const info = await resultOf(portal, 'app.info');
  expect([at(info, 'LICENSE'), at(info, 'LICENSE_TYPE')]).toEqual(['de_selfhosted', undefined]);
  const webhook = await callWebhook(portal, 'app.info');
  expect(at(webhook.body, 'result', 'LICENSE')).toBe('de_selfhosted');
});
