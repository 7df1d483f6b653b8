/** Shows the shapes that other clients insist on (docs/portal-facts.md, What other clients insist on). */
import { expect, test } from 'vitest';
import type { PortalHandle } from '../../../src/emulator/index.ts';
import { emulatorOfFile, receiverOfTest } from './setup.ts';
import { at, call, DEAL, request, textAt, URL_A } from './speak.ts';

const { emulator, portalWithUsers } = emulatorOfFile({ outbound: 'send' });
const receiver = receiverOfTest();

const TIME = {
  start: expect.any(Number),
  finish: expect.any(Number),
  duration: expect.any(Number),
  processing: expect.any(Number),
  date_start: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  date_finish: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
};
const MAPS = ['result', 'result_error', 'result_next', 'result_time', 'result_total'];
const INTEGER = /^[1-9]\d*$/;

async function renewed(portal: PortalHandle): Promise<unknown> {
  const { clientId, clientSecret, oauthUrl } = emulator();
  const fields = { client_id: clientId, client_secret: clientSecret, refresh_token: portal.refreshToken };
  const query = new URLSearchParams({ grant_type: 'refresh_token', ...fields }).toString();
  return (await request(`${oauthUrl}/oauth/token/?${query}`)).body;
}

test('F191 what the official Python SDK reads is there', async () => {
  const portal = portalWithUsers({ rows: [{ event: DEAL, handler: receiver().url }], domain: 'acme.bitrix24.com' });
  const batch = await call(portal, 'batch', { cmd: { me: 'profile' } });
  expect(batch.body).toMatchObject({ time: TIME, result: { result_time: { me: TIME } } });
  for (const cmd of [{ me: 'profile' }, []]) {
    expect(Object.keys(at((await call(portal, 'batch', { cmd })).body, 'result') ?? {}).sort()).toEqual(MAPS);
  }
  expect(await renewed(portal)).toMatchObject({ expires: expect.any(Number), expires_in: expect.any(Number) });

  await portal.fire(DEAL, { ID: 1 }, { userId: 1 });
  const [post] = await receiver().arrived(1);
  for (const name of ['event_handler_id', 'ts', 'auth[expires]', 'auth[expires_in]']) {
    expect(post?.fields[name], name).toMatch(INTEGER);
  }
  const frame = portal.openFrame();
  expect(frame.query).toMatchObject({ DOMAIN: 'acme.bitrix24.com', PROTOCOL: expect.stringMatching(/^[01]$/) });
  expect([frame.query['LANG'], frame.query['APP_SID']].every((text) => text !== undefined && text !== '')).toBe(true);
  expect(frame.fields).toMatchObject({ status: expect.stringMatching(/^[A-Z]$/), member_id: portal.memberId });

  const info = await request(`${emulator().oauthUrl}/rest/app.info?auth=${portal.accessToken}`);
  expect(info.body).toMatchObject({
    time: TIME,
    result: { install: { uri: expect.any(String), member_type: expect.any(String), domain: 'acme.bitrix24.com' } },
  });
});

test('F192 CRest finds its way: forms at .json, batches encoded twice, renewal on expired_token', async () => {
  const portal = portalWithUsers();
  const post = (method: string, fields: Readonly<Record<string, string>>) =>
    request(`${portal.clientEndpoint}${method}.json`, { method: 'POST', body: new URLSearchParams(fields) });
  const bind = new URLSearchParams({ event: DEAL, handler: `${URL_A}?x=1&y=b+c#d` }).toString();
  const fields = { auth: portal.accessToken, 'cmd[bind]': `event.bind?${bind}`, 'cmd[rows]': 'event.get', halt: '0' };
  const answer = await post('batch', fields);
  expect(at(answer.body, 'result', 'result')).toEqual({
    bind: true,
    rows: [{ event: DEAL, handler: `${URL_A}?x=1&y=b+c#d`, auth_type: '0', offline: 0 }],
  });
  portal.expireTokens();
  expect((await post('profile', { auth: portal.accessToken })).body).toMatchObject({ error: 'expired_token' });
  expect((await post('profile', { auth: textAt(await renewed(portal), 'access_token') })).status).toBe(200);

  await portal.install({ kind: 'api-only', applicationUrl: receiver().url });
  const [installed] = await receiver().arrived(1);
  for (const name of [
    'access_token',
    'refresh_token',
    'expires_in',
    'domain',
    'client_endpoint',
    'application_token',
  ]) {
    expect(installed?.fields[`auth[${name}]`], name).toMatch(/./);
  }
});

test('F193 fast_bitrix24 finds its way: JSON at a webhook, and no error where there is none', async () => {
  const portal = portalWithUsers();
  const cmd = Object.fromEntries(['profile', 'user.admin'].map((method, index) => [`cmd000000000${index}`, method]));
  const answer = await request(`${portal.webhook(1)}batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ halt: 0, cmd }),
  });
  expect(at(answer.body, 'result')).toMatchObject({
    result: { cmd0000000000: { ID: '1' }, cmd0000000001: true },
    result_error: [],
  });
});
