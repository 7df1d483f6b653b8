/** When the pair in use stops working, another one of the portal's takes over: in the record before it is used, and each once. */
import { expect, it, onTestFinished } from 'vitest';
import type { Installation, Pair } from '../../src/installation/installation.ts';
import { openMemoryStore } from '../../src/installation/memory-store.ts';
import type { Store } from '../../src/installation/store.ts';
import { createPortal } from '../../src/portal/client.ts';
import { createHttp } from '../../src/portal/http.ts';
import { createOAuth } from '../../src/portal/oauth.ts';
import { sessionOf } from '../../src/portal/open-session.ts';
import type { Session } from '../../src/portal/session.ts';
import type { PortalPort } from '../../src/reconcile/port.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { emulate, failureOf, requestsOf } from './world.ts';

interface Spared {
  readonly emulator: Emulator;
  readonly store: Store;
  readonly pairs: readonly Pair[];
  open(): { readonly session: Session; readonly portal: PortalPort };
  stored(): Promise<Installation | undefined>;
}

/** A record with a pair of each of these users, the first one in use. Users 1 and 2 are administrators. */
async function spared(...userIds: readonly number[]): Promise<Spared> {
  const emulator = await emulate();
  emulator.setUser({ id: 2, admin: true });
  emulator.setUser({ id: 3, admin: true });
  const { memberId, clientEndpoint, clientId, clientSecret, oauthUrl } = emulator;
  const pairs = userIds.map((userId) => ({ tokens: emulator.token(userId), userId, isAdmin: userId !== 15 }));
  const [inUse, ...spare] = pairs;
  if (inUse === undefined) throw new Error('a record has a pair');
  const store = openMemoryStore([{ memberId, clientEndpoint, clientId, server: oauthUrl, ...inUse, spare }]);
  const http = createHttp({ timeoutMs: 2_000 });
  onTestFinished(() => http.close());
  const stored = () => store.read(memberId);
  return {
    emulator,
    store,
    pairs,
    stored,
    open() {
      const installation = { memberId, clientEndpoint, clientId, server: oauthUrl, ...inUse, spare };
      const session = sessionOf(installation, { store, http, application: { clientId, clientSecret, oauthUrl } });
      return { session, portal: createPortal({ session, http, sleep: () => Promise.resolve(), random: () => 0 }) };
    },
  };
}

/** Somebody else has used the refresh token, and the pair is dead. */
async function spend({ emulator }: Spared, pair: Pair | undefined): Promise<void> {
  const { clientId, clientSecret, oauthUrl } = emulator;
  const http = createHttp();
  await createOAuth(oauthUrl, http).refresh({ clientId, clientSecret }, pair?.tokens.refreshToken ?? '');
  await http.close();
  emulator.clearRequests();
}

it('a dead chain is dropped, and the next one renewed and kept before it is used', async () => {
  const world = await spared(1, 2);
  await spend(world, world.pairs[0]);
  const seen: unknown[] = [];
  const { portal } = world.open();
  world.emulator.fault({
    kind: 'delay',
    method: 'batch',
    skip: 1,
    onHit: async () => {
      seen.push((await world.stored())?.userId);
    },
  });
  expect((await portal.read()).portal.userId).toBe(2);
  expect(seen).toEqual([2]);
  expect(requestsOf(world.emulator)).toEqual([
    'batch 401',
    'oauth:oauth/token 400',
    'oauth:oauth/token 200',
    'batch 200',
  ]);
  const record = await world.stored();
  expect(record).toMatchObject({ userId: 2, isAdmin: true, isProven: true });
  expect(record?.spare).toBeUndefined();
});

it('the best of the spares is tried first', async () => {
  const world = await spared(1, 15, 2);
  await spend(world, world.pairs[0]);
  await world.open().portal.readLive();
  expect(await world.stored()).toMatchObject({ userId: 2, spare: [{ userId: 15 }] });
});

it('where all are dead it says so, and the record stays as it is', async () => {
  const world = await spared(1, 2, 3);
  const before = await world.stored();
  world.emulator.killRefreshChain();
  world.emulator.expireTokens();
  expect(await failureOf(world.open().portal.read())).toMatchObject({ code: 'authorisation-lost' });
  expect(requestsOf(world.emulator)).toEqual(['batch 401', ...[1, 2, 3].map(() => 'oauth:oauth/token 400')]);
  expect(await world.stored()).toEqual(before);
});

it('a server that gives no answer has not said that a pair is dead', async () => {
  const world = await spared(1, 2);
  await spend(world, world.pairs[0]);
  const before = await world.stored();
  world.emulator.fault({ kind: 'html', portal: 'oauth', skip: 1, times: Number.POSITIVE_INFINITY });
  expect(await failureOf(world.open().portal.read())).toMatchObject({ code: 'refresh-unknown' });
  expect(await world.stored()).toEqual(before);
});

it('of two at once one renews, and the other takes what it got', async () => {
  const world = await spared(1, 2);
  await spend(world, world.pairs[0]);
  await Promise.all([world.open().portal.readLive(), world.open().portal.readLive()]);
  expect(requestsOf(world.emulator).filter((request) => request.startsWith('oauth'))).toEqual([
    'oauth:oauth/token 400',
    'oauth:oauth/token 200',
  ]);
});

it.each(['authorization_error', 'user_access_error'])(
  'a user whom the portal turns away with %s is replaced',
  async (error) => {
    const world = await spared(1, 2);
    world.emulator.fault({ kind: 'error', error, method: 'batch', times: 1 });
    expect((await world.open().portal.read()).portal.userId).toBe(2);
    expect(requestsOf(world.emulator)).toEqual(['batch 401', 'batch 200']);
    expect(await world.stored()).toMatchObject({ userId: 2, spare: [{ userId: 1, tokens: world.pairs[0]?.tokens }] });
  },
);

it.each([
  [[1], 1],
  [[1, 1], 1],
  [[1, 2], 2],
  [[1, 2, 3], 3],
])('where the portal turns everybody away, of pairs of %j each user is tried once', async (userIds, calls) => {
  const world = await spared(...userIds);
  const times = Number.POSITIVE_INFINITY;
  world.emulator.fault({ kind: 'error', error: 'authorization_error', method: 'event.get', times });
  expect(await failureOf(world.open().portal.readLive())).toMatchObject({ code: 'inactive-user' });
  expect(requestsOf(world.emulator)).toEqual(Array.from({ length: calls }, () => 'event.get 401'));
  const { userId, spare = [] } = (await world.stored()) ?? {};
  expect([userId, ...spare.map((pair) => pair.userId)]).toEqual(expect.arrayContaining(userIds));
});

it('a user who was turned away is not tried again because somebody else has found new tokens for them', async () => {
  const world = await spared(1);
  const { emulator } = world;
  const session: Session = { ...world.open().session, switchUser: () => Promise.resolve(true) };
  const times = Number.POSITIVE_INFINITY;
  emulator.fault({ kind: 'error', error: 'authorization_error', method: 'event.get', times });
  expect(await failureOf(createPortal({ session }).readLive())).toMatchObject({ code: 'inactive-user' });
  expect(requestsOf(emulator)).toEqual(['event.get 401', 'event.get 401']);
});

it('whoever takes over gets new tokens where theirs have expired', async () => {
  const world = await spared(1, 2);
  world.emulator.fault({ kind: 'error', error: 'authorization_error', method: 'event.get', times: 1 });
  world.emulator.expireTokens();
  await world.open().portal.readLive();
  expect(requestsOf(world.emulator)).toEqual([
    'event.get 401',
    'event.get 401',
    'oauth:oauth/token 200',
    'event.get 200',
  ]);
  expect(await world.stored()).toMatchObject({ userId: 2, isProven: true, spare: [{ userId: 1 }] });
});

it('a record that was removed meanwhile is not written back by it', async () => {
  const world = await spared(1, 2);
  const { portal } = world.open();
  await world.store.remove(world.emulator.memberId);
  world.emulator.fault({ kind: 'error', error: 'authorization_error', method: 'event.get', times: 1 });
  expect(await failureOf(portal.readLive())).toMatchObject({ code: 'inactive-user' });
  expect(await world.stored()).toBeUndefined();
});
