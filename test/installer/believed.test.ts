/** What of a request is believed, and how far: the application's own user, application tokens, the time of an event. */
import { describe, expect, it } from 'vitest';
import { createInstaller } from '../../src/installer/create-installer.ts';
import { readRequest } from '../../src/installer/install-request.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import { addressFields, eventForm, eventOf, ownersOf, recordOf, systemUser, tokenFields, userReady } from './posts.ts';
import { aWorld, boundEvents, manifest, post, type World, type WorldOptions } from './world.ts';

const invented = 'f00dfeed'.repeat(4);
const noon = 1_764_072_000;

/** Installed on the portal, of which nobody has told the installer. */
async function quietWorld(options: WorldOptions = {}): Promise<World> {
  const world = await aWorld(options);
  await world.emulator.install({ kind: 'ui', applicationUrl: world.url });
  world.emulator.finishInstall();
  world.emulator.setUser({ id: systemUser, admin: true });
  world.emulator.clearRequests();
  return world;
}

const kept = ({ emulator, store }: World) => store.read(emulator.memberId);
const statusOf = async ({ url }: World, fields: Readonly<Record<string, string>>) => (await post(url, fields)).status;

describe('the application’s own user', () => {
  it('may be told of before the installation, and again: the tokens of both are kept, its own are used', async () => {
    const world = await quietWorld();
    const { emulator } = world;
    const ready = userReady(emulator);
    expect(await statusOf(world, ready)).toBe(200);
    expect(await kept(world)).toMatchObject({ userId: 99, isAdmin: true, isSystem: true });
    expect(await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 1))).toBe(200);
    const record = await kept(world);
    expect(ownersOf(record)).toBe('user 99, spare 1');
    expect(await statusOf(world, ready)).toBe(200);
    expect(await kept(world)).toEqual(record);
    expect(boundEvents(emulator)).toHaveLength(3);
    expect(world.hooked.map(([name]) => name)).toEqual(['onInstalled', 'onInstalled']);
    expect(world.records.map(({ request }) => request)).toEqual(['user-ready', 'install', 'user-ready']);
  });

  it('may be told of after the installation, and is spare where an administrator may do more', async () => {
    const world = await quietWorld();
    const { emulator } = world;
    emulator.setUser({ id: systemUser, admin: false });
    await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 1));
    const ready = userReady(emulator);
    expect(await statusOf(world, ready)).toBe(200);
    expect(await statusOf(world, ready)).toBe(200);
    const record = await kept(world);
    expect(ownersOf(record)).toBe('user 1, spare 99');
    expect(record?.spare).toMatchObject([{ userId: 99, isSystem: true, isAdmin: false }]);
    // Its tokens have changed nothing about the bindings.
    expect(world.hooked.map(([name]) => name)).toEqual(['onInstalled']);
    for (const event of Array.from({ length: 3 }, () => 'ONAPPINSTALL')) {
      await statusOf(world, eventOf(emulator, event, 1));
    }
    expect((await kept(world))?.spare).toContainEqual(record?.spare?.[0]);
  });

  it.each([
    ['an invented token', () => ({ access_token: invented, refresh_token: invented })],
    ['another portal’s token', ({ emulator }: World) => ({ access_token: emulator.addPortal().accessToken })],
    ['no token', () => ({ access_token: '' })],
  ])('with %s is nobody', async (_, data) => {
    const world = await quietWorld();
    const forged = userReady(world.emulator, { data: data(world) });
    expect(await statusOf(world, forged)).toBe(404);
    expect(await kept(world)).toBeUndefined();
  });

  it('an employee who claims to be it gets nothing that an administrator has', async () => {
    const world = await quietWorld();
    const { emulator } = world;
    await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 1));
    const before = await kept(world);
    const auth = { application_token: invented };
    expect(await statusOf(world, userReady(emulator, { auth: { ...addressFields(emulator), ...auth } }, 15))).toBe(200);
    expect(await kept(world)).toMatchObject({ tokens: before?.tokens, applicationToken: emulator.applicationToken });
  });
});

describe('a refresh token nobody has verified', () => {
  it('does not cost the one that works: when it turns out to be worthless, the other one is used', async () => {
    const world = await quietWorld();
    const { emulator, installer } = world;
    await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 1));
    const { accessToken } = emulator.token(1);
    const forged = eventOf(emulator, 'ONAPPINSTALL', 1, {
      auth: { access_token: accessToken, refresh_token: invented },
    });
    expect(await statusOf(world, forged)).toBe(200);
    expect(await kept(world)).toMatchObject({ tokens: { accessToken, refreshToken: invented } });
    emulator.expireTokens();
    const next = await installer.accessToken(emulator.memberId, accessToken);
    const record = await kept(world);
    expect(record).toMatchObject({ tokens: { accessToken: next }, isProven: true, userId: 1 });
    expect(record?.spare).toBeUndefined();
  });

  it('an employee who was installed first is replaced by any administrator, and by nobody else', async () => {
    const world = await quietWorld();
    const { emulator } = world;
    expect(await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 15))).toBe(200);
    expect(boundEvents(emulator)).toEqual([]);
    expect(world.hooked).toMatchObject([['onFailed', { error: { code: 'partial-view' } }]]);
    expect(await kept(world)).toMatchObject({ userId: 15, isAdmin: false });
    expect(await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 16))).toBe(200);
    expect(ownersOf(await kept(world))).toBe('user 15');
    expect(await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 1))).toBe(200);
    expect(ownersOf(await kept(world))).toBe('user 1, spare 15');
    expect(boundEvents(emulator)).toHaveLength(3);
    expect(emulator.rows.filter(({ userId }) => userId !== 0)).toEqual([]);
  });
});

describe('an application token', () => {
  const withToken = ({ emulator }: World, token: string) => ({
    ...emulator.openFrame().fields,
    APPLICATION_TOKEN: token,
  });
  const tokenOf = async (world: World) => (await kept(world))?.applicationToken;

  it('is taken from an administrator’s page only while there is none, and an event’s is better', async () => {
    const world = await quietWorld();
    const { emulator } = world;
    await post(world.url, withToken(world, 'first'));
    expect(await tokenOf(world)).toBe('first');
    await post(world.url, withToken(world, 'second'));
    expect(await tokenOf(world)).toBe('first');
    await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 1));
    expect(await tokenOf(world)).toBe(emulator.applicationToken);
    await post(world.url, withToken(world, 'third'));
    expect(await tokenOf(world)).toBe(emulator.applicationToken);
  });

  it('is taken from the first event of an installation, whoever’s its access token is', async () => {
    for (const fields of [(w: World) => eventOf(w.emulator, 'ONAPPINSTALL', 15), (w: World) => userReady(w.emulator)]) {
      const world = await quietWorld();
      await statusOf(world, fields(world));
      expect(await tokenOf(world)).toBe(world.emulator.applicationToken);
    }
  });

  it('of an administrator who is known to be one is believed without asking the portal again', async () => {
    const world = await quietWorld();
    const { emulator } = world;
    await world.store.write({ ...(await recordOf(emulator, 1, true)), applicationToken: 'first' });
    await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 1));
    expect(await tokenOf(world)).toBe(emulator.applicationToken);
    expect(emulator.requests.filter(({ method }) => method === 'profile')).toEqual([]);
  });

  it('is not made by an update, not even where there is none', async () => {
    const world = await quietWorld();
    const { applicationToken: _, ...record } = await recordOf(world.emulator, 1, true);
    await world.store.write(record);
    expect(await statusOf(world, eventOf(world.emulator, 'ONAPPUPDATE', 1))).toBe(200);
    expect(await tokenOf(world)).toBeUndefined();
  });
});

it('an update of what is not installed makes nothing, also when the record goes while it is verified', async () => {
  const world = await quietWorld();
  const { emulator, store } = world;
  expect(await statusOf(world, eventOf(emulator, 'ONAPPUPDATE', 1))).toBe(404);
  expect(emulator.requests).toEqual([]);
  await store.write(await recordOf(emulator, 1, true));
  emulator.fault({ kind: 'delay', portal: 'oauth', when: 'after', onHit: () => store.remove(emulator.memberId) });
  expect(await statusOf(world, eventOf(emulator, 'ONAPPUPDATE', 1))).toBe(404);
  expect(await kept(world)).toBeUndefined();
  expect(world.records.map(({ reason }) => reason)).toEqual(['not-installed', 'not-installed']);
});

describe('the time of an event', () => {
  const at = (ts: number) => ({ ts });
  const removal = ({ emulator }: World, ts: number) =>
    eventForm('ONAPPUNINSTALL', { ts, auth: addressFields(emulator) });
  const now = () => noon * 1000;

  it('counts with the right application token only, from events only, and never beyond now', async () => {
    const world = await quietWorld({ now });
    const { emulator } = world;
    const installedAt = async () => (await kept(world))?.installedAt;
    await post(world.url, emulator.openFrame().fields);
    expect(await installedAt()).toBeUndefined();
    await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 1, at(noon - 50)));
    expect(await installedAt()).toBe(noon - 50);
    await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 1, at(noon - 90)));
    await statusOf(
      world,
      eventOf(emulator, 'ONAPPUPDATE', 1, { ...at(noon - 10), auth: { application_token: invented } }),
    );
    await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 15, { ...at(noon - 10), auth: { application_token: '' } }));
    expect(await installedAt()).toBe(noon - 50);
    await statusOf(world, userReady(emulator, at(noon + 1_000_000)));
    expect(await installedAt()).toBe(noon);
  });

  it('is kept of an event that came too late for its access token, where the application token is right', async () => {
    const world = await quietWorld({ now });
    const { emulator } = world;
    const install = eventOf(emulator, 'ONAPPINSTALL', 1, at(noon - 50));
    await statusOf(world, install);
    for (const ts of [noon - 40, noon - 60]) {
      expect(await statusOf(world, { ...install, ts: String(ts), 'auth[access_token]': invented })).toBe(200);
    }
    expect(await kept(world)).toMatchObject({ installedAt: noon - 40 });
  });

  it('tells a removal that was overtaken, after a restart and in another installer over the same store', async () => {
    const world = await quietWorld({ now });
    const { emulator, directory } = world;
    await statusOf(world, eventOf(emulator, 'ONAPPINSTALL', 1, at(noon - 50)));
    const before = await kept(world);
    const reasons: unknown[] = [];
    const other = createInstaller({
      manifest: await manifest(),
      application: { clientId: emulator.clientId, clientSecret: emulator.clientSecret, oauthUrl: emulator.oauthUrl },
      store: openFileStore(directory),
      log: ({ reason }) => reasons.push(reason),
      now,
    });
    const send = async (fields: Readonly<Record<string, string>>) =>
      (await other(new Request(world.url, { method: 'POST', body: new URLSearchParams(fields) }))).status;
    expect(await send(removal(world, noon - 51))).toBe(200);
    expect(await kept(world)).toEqual(before);
    expect(await send(removal(world, noon - 50))).toBe(200);
    expect(await kept(world)).toBeUndefined();
    expect(reasons).toEqual(['overtaken', undefined]);
    await other.close();
  });
});

describe('as they were captured', () => {
  it.each([
    [
      'without `expires` and `user_id`',
      (w: World) => without(eventOf(w.emulator, 'ONAPPINSTALL', 1), 'user_id', 'expires_in'),
    ],
    ['with the old spelling of its server', (w: World) => oldSpelling(eventOf(w.emulator, 'ONAPPINSTALL', 1))],
    [
      'with everything',
      (w: World) => ({
        ...eventOf(w.emulator, 'ONAPPINSTALL', 1, {
          data: { VERSION: '1', ACTIVE: 'Y', INSTALLED: 'Y', LANGUAGE_ID: 'en' },
          auth: { expires: '1764075600', scope: 'crm,task', status: 'L' },
        }),
        event_handler_id: '731',
      }),
    ],
  ])('an installation %s is one', async (_, fields) => {
    const world = await quietWorld();
    expect(await statusOf(world, fields(world))).toBe(200);
    expect(boundEvents(world.emulator)).toHaveLength(3);
    expect(await kept(world)).toMatchObject({ userId: 1, server: world.emulator.oauthUrl });
  });

  it('the old spelling chooses the server that is asked', () => {
    const request = readRequest(
      'event=ONAPPINSTALL&auth[member_id]=m&auth[server_andpoint]=https://oauth.bitrix24.tech/rest/',
      {},
    );
    expect(request).toMatchObject({ kind: 'install', claims: { serverEndpoint: 'https://oauth.bitrix24.tech/rest/' } });
  });

  it.each([undefined, '{"ID":"1"}', '[]', 'undefined'])('a page with the options %j is one', async (options) => {
    const world = await quietWorld();
    const { PLACEMENT_OPTIONS: _, ...fields } = world.emulator.openFrame().fields;
    const page = { ...fields, ...(options === undefined ? {} : { PLACEMENT_OPTIONS: options }) };
    expect((await post(world.url, page)).html).toContain('main class="converged"');
  });

  it.each([
    ['ONAPPPAYMENT', { CODE: 'local.1', VERSION: '1', STATUS: 'P', PAYMENT_EXPIRED: 'N', DAYS: '30' }],
    ['ONAPPTEST', { QUERY: 'x', LANGUAGE_ID: 'en' }],
    ['ONAPPMETHODCONFIRM', { TOKEN: 'x', METHOD: 'user.get', CONFIRMED: '1' }],
    ['ONCRMDEALADD', { 'FIELDS][ID': '7' }],
  ])('%s is not ours', async (name, data) => {
    const world = await quietWorld();
    const { refresh_token: _, ...tokens } = tokenFields(world.emulator, 1);
    const fields = eventForm(name, { ts: noon, data, auth: { ...addressFields(world.emulator), ...tokens } });
    expect(await statusOf(world, fields)).toBe(404);
    expect(world.records).toMatchObject([{ request: 'unknown', outcome: 'refused', reason: 'not-ours' }]);
    expect(world.emulator.requests).toEqual([]);
    expect(await kept(world)).toBeUndefined();
  });
});

function without(fields: Readonly<Record<string, string>>, ...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name.slice('auth['.length, -1))));
}

function oldSpelling(fields: Readonly<Record<string, string>>): Record<string, string> {
  const { 'auth[server_endpoint]': server = '', ...rest } = fields;
  return { ...rest, 'auth[server_andpoint]': server };
}
