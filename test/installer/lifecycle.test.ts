/** The life of an application on a portal, end to end: installed, updated, renamed, removed, installed again. */
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/connect.ts';
import { apply } from '../../src/reconcile/apply.ts';
import {
  aWorld,
  boundEvents,
  events,
  install,
  manifest,
  marker,
  oauthRequests,
  openPage,
  portalRequests,
  post,
  stored,
  type World,
} from './world.ts';

const wanted = events.map((event) => event.toUpperCase()).sort();

test('an application without an interface is bound when it is installed, in two requests to the portal', async () => {
  const world = await aWorld();
  const { status, body, delivery, applicationToken } = await install(world);
  expect([status, body]).toEqual([200, 'OK\n']);
  expect(boundEvents(world.emulator)).toEqual(wanted);
  expect(portalRequests(world.emulator)).toEqual(['batch', 'batch']);
  expect(oauthRequests(world.emulator)).toEqual(['app.info']);
  const { memberId, clientEndpoint, clientId } = world.emulator;
  const [kept, ...others] = await stored(world.store);
  expect(others).toEqual([]);
  expect(kept).toMatchObject({ memberId, clientEndpoint, clientId, applicationToken, userId: 1, version: 1 });
  const { access_token: accessToken, refresh_token: refreshToken } = (delivery?.fields['auth'] ?? {}) as Record<
    string,
    string
  >;
  expect(kept?.tokens).toEqual({ accessToken, refreshToken, expires: expect.any(Number) as number });
  expect(world.records).toEqual([
    {
      atMs: expect.any(Number) as number,
      durationMs: expect.any(Number) as number,
      method: 'POST',
      request: 'install',
      memberId,
      status: 200,
      outcome: 'accepted',
      verdict: 'converged',
    },
  ]);
  expect(world.errors).toEqual([]);
});

test('what was installed is told to the application, without a token', async () => {
  const world = await aWorld();
  await install(world);
  expect(world.hooked.map(([name]) => name)).toEqual(['onInstalled']);
  const [[, facts] = []] = world.hooked;
  const { memberId, clientEndpoint, clientId } = world.emulator;
  expect(facts).toMatchObject({
    portal: { memberId, clientEndpoint, clientId, userId: 1, version: 1 },
    cause: 'install',
    report: { verdict: 'converged' },
  });
  expect(JSON.stringify(facts)).not.toContain(marker);
});

test('an application with an interface is bound when its page is opened, and finished by the page only', async () => {
  const world = await aWorld();
  await install(world, 'ui');
  expect(world.records).toEqual([]);
  const { status, html } = await openPage(world.emulator.openFrame());
  expect(status).toBe(200);
  expect(boundEvents(world.emulator)).toEqual(wanted);
  expect(portalRequests(world.emulator)).toEqual(['profile', 'batch', 'batch']);
  expect(html).toContain('main class="converged"');
  expect(html).toContain(`src="${world.emulator.url}/bitrix24.js"`);
  for (const event of wanted) expect(html).toContain(`<dt>${event}</dt>`);
  expect((await stored(world.store))[0]).toMatchObject({ applicationToken: world.emulator.applicationToken });

  world.emulator.finishInstall();
  const again = await openPage(world.emulator.openFrame());
  expect(again.html).toContain('main class="converged"');
  expect(again.html).not.toContain('bitrix24.js');
  expect(world.records.map(({ request, verdict }) => [request, verdict])).toEqual([
    ['page', 'converged'],
    ['page', 'unchanged'],
  ]);
});

async function withUninstall(): Promise<World> {
  let url = '';
  const world = await aWorld({
    manifest: () => manifest(events, url, ['OnAppUninstall']),
  });
  ({ url } = world);
  return world;
}

test('an uninstallation forgets the tokens, and a new installation binds again in two requests', async () => {
  const world = await withUninstall();
  const { emulator } = world;
  await install(world);
  expect(boundEvents(emulator)).toEqual(['ONAPPUNINSTALL', ...wanted]);

  await emulator.uninstall();
  expect(emulator.rows).toEqual([]);
  expect(await stored(world.store)).toEqual([]);
  expect(world.hooked.map(([name]) => name)).toEqual(['onInstalled', 'onUninstalled']);
  expect(world.hooked[1]?.[1]).toMatchObject({ portal: { memberId: emulator.memberId }, isClean: false });

  emulator.clearRequests();
  const { status } = await emulator.reinstall();
  expect(status).toBe(200);
  expect(boundEvents(emulator)).toEqual(['ONAPPUNINSTALL', ...wanted]);
  expect(portalRequests(emulator)).toEqual(['batch', 'batch']);
  expect(await stored(world.store)).toHaveLength(1);
  expect(world.errors).toEqual([]);
});

test('a new installation binds again although nobody heard of the removal, with and without an interface', async () => {
  for (const kind of ['api-only', 'ui'] as const) {
    const world = await aWorld();
    const { emulator } = world;
    await install(world, kind);
    if (kind === 'ui') await openPage(emulator.openFrame());
    await emulator.uninstall();
    emulator.clearRequests();
    await emulator.reinstall();
    if (kind === 'ui') await openPage(emulator.openFrame());
    expect(boundEvents(emulator)).toEqual(wanted);
    expect(portalRequests(emulator)).toEqual(['batch', 'batch']);
    expect(world.errors).toEqual([]);
  }
});

test('a removal that arrives after the installation that followed it forgets nothing', async () => {
  const world = await withUninstall();
  const { emulator } = world;
  await install(world);
  await emulator.uninstall();
  const late = emulator.deliveries.find(({ event }) => event === 'ONAPPUNINSTALL')?.body ?? '';
  await emulator.reinstall();
  const installation = emulator.deliveries.findLast(({ event }) => event === 'ONAPPINSTALL')?.body ?? '';
  const installedAt = Number(/\bts=(\d+)/.exec(installation)?.[1]);
  const removalAt = (seconds: number) => late.replace(/\bts=\d+/, `ts=${seconds}`);
  const before = await stored(world.store);
  expect(await post(world.url, removalAt(installedAt - 1))).toEqual({ status: 200, html: 'OK\n' });
  expect(await stored(world.store)).toEqual(before);
  expect(world.records.at(-1)).toMatchObject({ request: 'uninstall', reason: 'overtaken' });

  expect((await post(world.url, removalAt(installedAt))).status).toBe(200);
  expect(await stored(world.store)).toEqual([]);
});

test('an update brings what the new version of the manifest wants', async () => {
  let wants = ['OnCrmDealAdd', 'OnTaskAdd'];
  const world = await aWorld({ manifest: () => manifest(wants) });
  await install(world);
  expect(boundEvents(world.emulator)).toEqual(['ONCRMDEALADD', 'ONTASKADD']);
  wants = ['OnCrmDealAdd', 'OnCrmLeadAdd'];
  await world.emulator.update({ version: 2 });
  expect(boundEvents(world.emulator)).toEqual(['ONCRMDEALADD', 'ONCRMLEADADD']);
  expect((await stored(world.store))[0]).toMatchObject({ version: 2 });
});

test('an update is seen when the page is opened, and by the ONAPPUPDATE of portals that send it', async () => {
  let wants = ['OnCrmDealAdd'];
  let url = '';
  const world = await aWorld({ manifest: () => manifest(wants, url, ['OnAppUpdate']) });
  ({ url } = world);
  const { emulator } = world;
  await install(world, 'ui');
  await openPage(emulator.openFrame());
  emulator.finishInstall();

  wants = ['OnCrmLeadAdd'];
  emulator.setSwitches({ sendsUpdateEvent: true });
  await emulator.update({ version: 2 });
  expect(world.records.map(({ request, outcome }) => [request, outcome])).toEqual([
    ['page', 'accepted'],
    ['update', 'accepted'],
  ]);
  expect(boundEvents(emulator)).toEqual(['ONAPPUPDATE', 'ONCRMLEADADD']);

  wants = ['OnTaskAdd'];
  await openPage(emulator.openFrame());
  expect(boundEvents(emulator)).toEqual(['ONAPPUPDATE', 'ONTASKADD']);
});

test('a portal that was renamed in between works on, and its new address is kept', async () => {
  const world = await aWorld();
  const { emulator } = world;
  await install(world);
  await emulator.rename();
  await emulator.uninstall();
  await emulator.reinstall();
  expect(boundEvents(emulator)).toEqual(wanted);
  expect((await stored(world.store))[0]).toMatchObject({ clientEndpoint: emulator.clientEndpoint });
  expect(world.errors).toEqual([]);
});

test('a change of scope is taken up when the page is opened', async () => {
  const world = await aWorld({
    manifest: await manifest(['OnCrmDealAdd', 'OnTaskAdd']),
    emulator: { portal: { scope: ['crm'] } },
  });
  const { emulator } = world;
  await install(world, 'ui');
  const first = await openPage(emulator.openFrame());
  expect(first.html).toContain('main class="failed"');
  expect(first.html).toContain('the portal does not offer ONTASKADD to this application');
  expect(world.hooked.map(([name]) => name)).toEqual(['onFailed']);
  emulator.setScope(['crm', 'task']);
  const second = await openPage(emulator.openFrame());
  expect(second.html).toContain('main class="converged"');
  expect((await stored(world.store))[0]?.scope).toEqual(['crm', 'task']);
});

test.for(['before', 'after'] as const)(
  'the application’s own user that a portal presents %s the installation works on when who installed it has left',
  async (userReady) => {
    const world = await aWorld({ emulator: { portal: { switches: { userReady } } } });
    const { emulator } = world;
    const { status, userReady: presented } = await install(world);
    expect([status, presented?.event]).toEqual([200, 'ONAPPUSERREADY']);
    expect(boundEvents(emulator).filter((event) => event !== 'ONAPPUSERREADY')).toEqual(wanted);
    const expected = userReady === 'before' ? ['user-ready', 'install'] : ['install', 'user-ready'];
    expect(world.records.map(({ request, status: answered }) => `${request} ${answered}`)).toEqual(
      expected.map((request) => `${request} 200`),
    );
    const [kept] = await stored(world.store);
    const system = [kept?.userId, ...(kept?.spare ?? []).map(({ userId }) => userId)].find((userId) => userId !== 1);
    expect(system).toBeTypeOf('number');

    emulator.setUser({ id: 1, active: false });
    const { clientId, clientSecret, oauthUrl } = emulator;
    const portal = await connect({
      store: world.store,
      portal: emulator.memberId,
      credentials: { clientId, clientSecret, oauthUrl },
    });
    onTestFinished(() => portal.close());
    expect((await apply(await manifest(), portal)).report?.verdict).toBe('unchanged');
    expect((await stored(world.store))[0]).toMatchObject({ userId: system });
    expect(world.errors).toEqual([]);
  },
);
