/** Shows the life of an application on a portal, from installation to removal (docs/portal-facts.md, Life cycle). */
import { expect, test } from 'vitest';
import { type PortalHandle, startEmulator } from '../../../src/emulator/index.ts';
import { namesUnder, WITHOUT_TOKENS } from './receiver.ts';
import { emulatorOfFile, receiverOfTest } from './setup.ts';
import { at, call, DEAL, online, resultOf, rowsOf, TASK, URL_A } from './speak.ts';

const { emulator, portalWithUsers } = emulatorOfFile({ outbound: 'send' });
const receiver = receiverOfTest();

const info = (portal: PortalHandle) => resultOf(portal, 'app.info');
const installed = async (portal: PortalHandle) => at(await info(portal), 'INSTALLED');
const idsArrived = () => receiver().posts.map((post) => post.fields['data[ID]']);

test('F109 an application with an installer page is installed when the page says so', async () => {
  const portal = emulator().addPortal({ kind: 'ui' });
  expect(await installed(portal)).toBe(false);
  portal.finishInstall();
  expect(await installed(portal)).toBe(true);
});

test('F110 an API-only application is installed at once', async () => {
  expect(await installed(emulator().addPortal({ kind: 'api-only' }))).toBe(true);
});

test('F111 the platform binds and posts ONAPPINSTALL for an API-only application with a callback', async () => {
  const portal = portalWithUsers();
  await portal.uninstall();
  await portal.install({ kind: 'api-only', applicationUrl: receiver().url, userId: 1, version: 4 });
  const [post] = await receiver().arrived(1);
  expect(post?.fields).toMatchObject({
    event: 'ONAPPINSTALL',
    'data[VERSION]': '4',
    'auth[member_id]': portal.memberId,
    'auth[application_token]': portal.applicationToken,
  });
  expect(namesUnder(post, 'data')).toEqual(['ACTIVE', 'INSTALLED', 'LANGUAGE_ID', 'VERSION']);
  expect(namesUnder(post, 'auth')).toEqual(expect.arrayContaining(['refresh_token', 'expires', 'scope', 'user_id']));
  const token = post?.fields['auth[access_token]'] ?? '';
  expect(await rowsOf(portal, token)).toMatchObject([{ event: 'ONAPPINSTALL', handler: receiver().url }]);
});

test('F112 before the installation is finished events are dropped and not queued', async () => {
  const portal = portalWithUsers({ kind: 'ui' });
  await resultOf(portal, 'event.bind', { event: DEAL, handler: receiver().url });
  expect(await rowsOf(portal)).toEqual([online(DEAL, receiver().url, 0)]);
  await portal.fire(DEAL, { ID: 'early' }, { userId: 1 });
  portal.finishInstall();
  await portal.fire(DEAL, { ID: 'late' }, { userId: 1 });
  await receiver().arrived(1);
  expect(idsArrived()).toEqual(['late']);
});

test('F113 while the payment has expired events are dropped and REST still answers', async () => {
  const portal = portalWithUsers({ rows: [{ event: DEAL, handler: receiver().url }] });
  portal.setPaymentExpired(true);
  expect(at(await info(portal), 'PAYMENT_EXPIRED')).toBe('Y');
  await portal.fire(DEAL, { ID: 'unpaid' }, { userId: 1 });
  portal.setPaymentExpired(false);
  await portal.fire(DEAL, { ID: 'paid' }, { userId: 1 });
  await receiver().arrived(1);
  expect(idsArrived()).toEqual(['paid']);
});

test('F114 a rename keeps rows, tokens, application token and member_id', async () => {
  const portal = portalWithUsers({ rows: [{ event: DEAL, handler: URL_A }] });
  const identity = () => [portal.memberId, portal.accessToken, portal.refreshToken, portal.applicationToken];
  const [before, endpoint] = [identity(), portal.clientEndpoint];
  await portal.rename();
  expect([identity(), await rowsOf(portal)]).toEqual([before, [online(DEAL, URL_A, 0)]]);
  expect(portal.clientEndpoint).not.toBe(endpoint);
});

test('F115 an update keeps the rows and sends an installer page back to unfinished', async () => {
  const rows = [{ event: DEAL, handler: URL_A }];
  const state = async (portal: PortalHandle) => [
    await installed(portal),
    at(await info(portal), 'VERSION'),
    await rowsOf(portal),
  ];
  const apiOnly = emulator().addPortal({ rows });
  await apiOnly.update({ version: 2 });
  expect(await state(apiOnly)).toEqual([true, 2, [online(DEAL, URL_A, 0)]]);
  const ui = emulator().addPortal({ kind: 'ui', rows });
  ui.finishInstall();
  await ui.update({ version: 2 });
  expect(await state(ui)).toEqual([false, 2, [online(DEAL, URL_A, 0)]]);
});

test('F116 removal deletes the rows, queues and tokens, and a reinstalled application starts empty', async () => {
  const portal = emulator().addPortal({
    rows: [
      { event: DEAL, handler: URL_A },
      { event: DEAL, event_type: 'offline' },
    ],
  });
  const { accessToken } = portal;
  await portal.fire(DEAL, { ID: 1 });
  const waiting = async () => at((await call(portal, 'event.offline.list')).body, 'total');
  expect(await waiting()).toBe(1);
  await portal.uninstall();
  expect([portal.rows.length, (await call(portal, 'event.get', {}, accessToken)).status]).toEqual([0, 401]);
  await portal.reinstall();
  expect([await rowsOf(portal), (await call(portal, 'event.get', {}, accessToken)).status]).toEqual([[], 401]);
  expect(await waiting()).toBe(0);
});

test('F117 only a removal with cleaning deletes the options', async () => {
  for (const [clean, left] of [
    [true, []],
    [false, { kept: 'yes' }],
  ] as const) {
    const portal = emulator().addPortal();
    await resultOf(portal, 'app.option.set', { options: { kept: 'yes' } });
    await portal.uninstall({ clean });
    await portal.reinstall();
    expect(await resultOf(portal, 'app.option.get'), String(clean)).toEqual(left);
  }
});

test('F118 an update deletes all ONAPPINSTALL rows and makes one only for a callback', async () => {
  const own = { event: 'ONAPPINSTALL', handler: URL_A };
  const [apiOnly, ui] = [
    emulator().addPortal({ kind: 'api-only', applicationUrl: receiver().url }),
    emulator().addPortal({ kind: 'ui', applicationUrl: receiver().url }),
  ];
  for (const portal of [apiOnly, ui]) {
    await resultOf(portal, 'event.bind', own);
    await resultOf(portal, 'event.bind', { event: TASK, handler: URL_A });
    await portal.update({ version: 2 });
  }
  const handlers = (portal: PortalHandle) => portal.rows.map((row) => `${row.event} ${row.handler}`).sort();
  expect(handlers(apiOnly)).toEqual([`ONAPPINSTALL ${receiver().url}`, `${TASK} ${URL_A}`]);
  expect(handlers(ui)).toEqual([`${TASK} ${URL_A}`]);
});

test('F120 application_token and member_id survive update and reinstall; a new secret changes the token', async () => {
  const alone = await startEmulator();
  const identity = () => [alone.memberId, alone.applicationToken];
  const before = identity();
  await alone.update({ version: 2 });
  expect(identity()).toEqual(before);
  await alone.uninstall({ clean: true });
  await alone.reinstall();
  expect(identity()).toEqual(before);
  expect(alone.addPortal().applicationToken).not.toBe(before[1]);
  alone.rotateSecret();
  expect([alone.memberId === before[0], alone.applicationToken === before[1]]).toEqual([true, false]);
  await alone.close();
});

test('F121 ONAPPUNINSTALL brings the application token, no other, and tells of the cleaning', async () => {
  for (const clean of [false, true]) {
    const portal = portalWithUsers({ rows: [{ event: 'ONAPPUNINSTALL', handler: receiver().url }] });
    await portal.uninstall({ clean });
    const post = (await receiver().arrived(clean ? 2 : 1)).at(-1);
    expect(namesUnder(post, 'auth')).toEqual(WITHOUT_TOKENS);
    expect(post?.fields).toMatchObject({
      event: 'ONAPPUNINSTALL',
      'data[CLEAN]': clean ? '1' : '0',
      'auth[application_token]': portal.applicationToken,
    });
    expect(namesUnder(post, 'data')).toEqual(['CLEAN', 'LANGUAGE_ID']);
  }
});

test('F122 the frame posts tokens and identity to the page, with the session in the query', async () => {
  const portal = portalWithUsers({ kind: 'ui', applicationUrl: receiver().url });
  const { url, query, fields } = portal.openFrame({ userId: 15 });
  expect(Object.keys(query).sort()).toEqual(['APP_SID', 'DOMAIN', 'LANG', 'PROTOCOL']);
  expect(url).toBe(`${receiver().url}?${new URLSearchParams(query).toString()}`);
  expect(fields).toMatchObject({
    AUTH_EXPIRES: '3600',
    SERVER_ENDPOINT: `${emulator().oauthUrl}/rest/`,
    APPLICATION_TOKEN: portal.applicationToken,
    APPLICATION_SCOPE: expect.stringContaining('crm'),
    member_id: portal.memberId,
    status: expect.stringMatching(/^[A-Z]$/),
    PLACEMENT: 'DEFAULT',
    REFRESH_ID: expect.stringMatching(/./),
  });
  expect(at(await resultOf(portal, 'profile', {}, fields['AUTH_ID']), 'ID')).toBe('15');
  expect(query['APP_SID']).not.toBe(portal.applicationToken);
});
