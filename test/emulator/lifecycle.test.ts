/** What installing, updating, renaming and deleting the application does to a portal. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { call, pick, refresh, result } from './call.ts';

let emulator: Emulator;
let app: Server;
let appUrl = '';
let posts: { readonly headers: Record<string, unknown>; readonly body: string }[] = [];

beforeAll(async () => {
  emulator = await startEmulator({ portal: { switches: { leakyBucket: false } } });
  app = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      posts.push({ headers: request.headers, body });
      response.writeHead(201).end('thanks');
    });
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const address = app.address();
  appUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/install`;
});
beforeEach(() => emulator.reset());
afterEach(() => {
  posts = [];
});
afterAll(async () => {
  app.close();
  await emulator.close();
});

const deal = { event: 'ONCRMDEALADD', handler: 'https://app.example/deal' };

test('installing an application without interface makes a platform row and really posts ONAPPINSTALL', async () => {
  const before = emulator.accessToken;
  const installed = await emulator.install({ kind: 'api-only', applicationUrl: appUrl });
  expect(installed).toMatchObject({
    status: 201,
    body: 'thanks',
    accessToken: emulator.accessToken,
    applicationToken: emulator.applicationToken,
  });
  expect(emulator.accessToken).not.toBe(before);
  expect(emulator.rows).toMatchObject([{ event: 'ONAPPINSTALL', handler: appUrl, userId: 0 }]);
  expect(posts.length).toBe(1);
  expect(posts[0]?.headers).toMatchObject({
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': 'Bitrix24 Webhook Engine',
  });
  const fields = new URLSearchParams(posts[0]?.body);
  expect(fields.get('data[INSTALLED]')).toBe('Y');
  expect(fields.get('auth[member_id]')).toBe(emulator.memberId);
  expect(fields.get('auth[application_token]')).toBe(emulator.applicationToken);
  const auth = fields.get('auth[access_token]');
  expect(await result(emulator, 'profile', { auth })).toMatchObject({ ID: '1' });
  expect((await refresh(emulator, fields.get('auth[refresh_token]') ?? '')).status).toBe(200);
});

test('deleting takes rows, queue and tokens, and the options only with cleaning', async () => {
  emulator.addRow(deal);
  emulator.addRow({ event: 'ONCRMLEADADD' });
  await emulator.fire('ONCRMLEADADD', { FIELDS: { ID: 1 } });
  emulator.setOption('ledger', 'x');
  await emulator.uninstall();
  expect(emulator.rows).toEqual([]);
  expect(emulator.options).toEqual({ ledger: 'x' });
  expect(await call(emulator, 'event.get')).toEqual({
    status: 401,
    body: { error: 'APPLICATION_NOT_FOUND', error_description: 'Application not found' },
  });
  expect((await refresh(emulator, emulator.refreshToken)).body).toMatchObject({ error: 'invalid_grant' });
  const applicationToken = emulator.applicationToken;
  await emulator.reinstall();
  expect(emulator.applicationToken).toBe(applicationToken);
  expect(await result(emulator, 'event.get')).toEqual([]);
  await emulator.uninstall({ clean: true });
  expect(emulator.options).toEqual({});
});

test('an application with interface is silent until its installation is finished, again after every update', async () => {
  await emulator.install({ kind: 'ui', applicationUrl: 'https://app.example/' });
  expect(await result(emulator, 'event.bind', deal)).toBe(true);
  const isInstalled = async (): Promise<unknown> => pick(await result(emulator, 'app.info'), 'INSTALLED');
  expect(await isInstalled()).toBe(false);
  expect(await emulator.fire('ONCRMDEALADD', { FIELDS: { ID: 1 } })).toEqual([]);
  emulator.finishInstall();
  expect(await isInstalled()).toBe(true);
  expect((await emulator.fire('ONCRMDEALADD', { FIELDS: { ID: 1 } })).length).toBe(1);
  await emulator.update({ version: 3 });
  expect(await result(emulator, 'app.info')).toMatchObject({ INSTALLED: false, VERSION: 3 });
  expect(emulator.rows).toMatchObject([deal]);
});

test('an update keeps rows and tokens and rewrites ONAPPINSTALL rows, whoever made them', async () => {
  await emulator.install({ applicationUrl: appUrl });
  emulator.addRow({ event: 'ONAPPINSTALL', handler: 'https://app.example/mine' });
  emulator.addRow(deal);
  const { accessToken } = emulator;
  await emulator.update({ scope: ['crm'] });
  expect(emulator.accessToken).toBe(accessToken);
  expect(emulator.rows.map(({ event, handler }) => [event, handler])).toEqual([
    [deal.event, deal.handler],
    ['ONAPPINSTALL', appUrl],
  ]);
  expect(await result(emulator, 'scope')).toEqual(['crm']);
});

test('a renamed portal answers 302 at its old address and works at the new one', async () => {
  emulator.addRow(deal);
  const old = emulator.clientEndpoint;
  await emulator.rename();
  expect(emulator.clientEndpoint).not.toBe(old);
  const response = await fetch(`${old}event.get?auth=${emulator.accessToken}`, { redirect: 'manual' });
  expect([response.status, response.headers.get('location')]).toEqual([
    302,
    `${emulator.clientEndpoint}event.get?auth=${emulator.accessToken}`,
  ]);
  expect(await result(emulator, 'event.get')).toMatchObject([deal]);
  await emulator.reset();
  expect(emulator.clientEndpoint).toBe(old);
});

test('a reset goes back to the same tokens, ids and rows', async () => {
  const own = await startEmulator({ portal: { rows: [deal] } });
  const before = [own.toReadyLine(), own.rows];
  own.addPortal();
  own.rotateSecret();
  own.addRow({ event: 'ONUSERADD' });
  await refresh(own, own.refreshToken);
  await own.reset();
  expect([own.toReadyLine(), own.rows]).toEqual(before);
  expect([own.requests, own.history.map(({ at, op }) => [at, op])]).toEqual([[], [[-1, 'add']]]);
  expect(await result(own, 'event.get')).toMatchObject([deal]);
  await own.close();
});

test('portals of one emulator share the application and nothing else', async () => {
  const second = emulator.addPortal({ switches: { leakyBucket: false } });
  expect(second.clientEndpoint).toBe(`${emulator.url}/portals/2/rest/`);
  expect(await result(second, 'event.bind', deal)).toBe(true);
  expect(await result(emulator, 'event.get')).toEqual([]);
  expect((await call(second, 'event.get', { auth: emulator.accessToken })).body).toMatchObject({
    error: 'invalid_token',
  });
  expect((await refresh(emulator, second.refreshToken)).body).toMatchObject({ member_id: second.memberId });
});

test("the frame's page and script finish an installation for an administrator's session only", async () => {
  await emulator.install({ kind: 'ui', applicationUrl: 'https://app.example/?a=1' });
  const frame = emulator.openFrame();
  expect(frame.url).toMatch(/^https:\/\/app\.example\/\?a=1&DOMAIN=127/);
  expect(frame.fields).toMatchObject({ member_id: emulator.memberId, PLACEMENT: 'DEFAULT' });
  expect(await result(emulator, 'profile', { auth: frame.fields['AUTH_ID'] })).toMatchObject({ ID: '1' });
  const page = await (await fetch(frame.pageUrl)).text();
  expect(page).toContain('method="post" target="application" action="https://app.example/?a=1&#38;DOMAIN');
  expect(await (await fetch(`${emulator.url}/bitrix24.js`)).text()).toContain('installFinish');
  const finish = async (sid: string | undefined): Promise<number> => {
    const response = await fetch(`${frame.pageUrl}finish/`, {
      method: 'POST',
      body: new URLSearchParams({ sid: sid ?? '' }),
    });
    return response.status;
  };
  expect(await finish('1.wrong')).toBe(403);
  expect(await finish(emulator.openFrame({ userId: 15 }).query['APP_SID'])).toBe(403);
  expect(await result(emulator, 'app.info')).toMatchObject({ INSTALLED: false });
  expect(await finish(frame.query['APP_SID'])).toBe(200);
  expect(await result(emulator, 'app.info')).toMatchObject({ INSTALLED: true });
});
