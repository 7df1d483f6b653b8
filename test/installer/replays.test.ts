/** The same request again, at once or later: one reconcile's worth of writes, and the same answer. */
import { expect, test } from 'vitest';
import { forget } from '../../src/installer/forget.ts';
import { connect } from '../../src/connect.ts';
import { createHttp } from '../../src/portal/http.ts';
import { createOAuth } from '../../src/portal/oauth.ts';
import type { Installation } from '../../src/installation/installation.ts';
import { aWorld, boundEvents, install, manifest, portalRequests, post, stored, type World } from './world.ts';

async function installed(): Promise<{ readonly world: World; readonly body: string }> {
  const world = await aWorld();
  // Captured, so that the test delivers it itself.
  const nowhere = `${new URL(world.url).origin}/elsewhere`;
  const { delivery } = await world.emulator.install({ kind: 'api-only', applicationUrl: nowhere });
  world.emulator.clearRequests();
  world.records.length = 0;
  return { world, body: delivery?.body ?? '' };
}

const ten = Array.from({ length: 10 }, (_, index) => index);

test('ten times one after another', async () => {
  const { world, body } = await installed();
  const before = world.emulator.history.length;
  const answers: unknown[] = [];
  let record = '';
  for (const index of ten) {
    answers.push(await post(world.url, body));
    if (index === 0) record = JSON.stringify(await stored(world.store));
  }
  expect(answers).toEqual(ten.map(() => ({ status: 200, html: 'OK\n' })));
  expect(portalRequests(world.emulator)).toEqual(['batch', 'batch']);
  expect(world.emulator.history.slice(before)).toHaveLength(3);
  expect(JSON.stringify(await stored(world.store))).toBe(record);
  expect(world.hooked.map(([name]) => name)).toEqual(['onInstalled']);
});

test('ten at once', async () => {
  const { world, body } = await installed();
  const before = world.emulator.history.length;
  const answers = await Promise.all(ten.map(() => post(world.url, body)));
  expect(answers).toEqual(ten.map(() => ({ status: 200, html: 'OK\n' })));
  expect(portalRequests(world.emulator)).toEqual(['batch', 'batch']);
  expect(world.emulator.history.slice(before)).toHaveLength(3);
  expect(world.hooked.map(([name]) => name)).toEqual(['onInstalled']);
});

test('ten different tokens of one portal at once write no more either', async () => {
  const world = await aWorld();
  await world.emulator.install({ kind: 'ui', applicationUrl: world.url });
  const before = world.emulator.history.length;
  const answers = await Promise.all(
    ten.map(() => {
      const { url = '', fields } = world.emulator.openFrame();
      return post(url, fields);
    }),
  );
  expect(answers.map(({ status }) => status)).toEqual(ten.map(() => 200));
  expect(world.emulator.history.slice(before)).toHaveLength(3);
  expect(await stored(world.store)).toHaveLength(1);
});

async function refreshed({ emulator, store }: World): Promise<Installation | undefined> {
  emulator.expireTokens();
  const { clientId, clientSecret, oauthUrl, memberId } = emulator;
  const connection = await connect({ credentials: { clientId, clientSecret, oauthUrl }, store, portal: memberId });
  await connection.port.read();
  await connection.close();
  return store.read(memberId);
}

test('an event of an hour ago does not bring back tokens that were refreshed since', async () => {
  const { world, body } = await installed();
  await post(world.url, body);
  const newer = await refreshed(world);
  expect(await post(world.url, body)).toEqual({ status: 200, html: 'OK\n' });
  expect(await world.store.read(world.emulator.memberId)).toEqual(newer);
});

test('the same pair with another application token is no repetition', async () => {
  const { world, body } = await installed();
  await post(world.url, body);
  world.emulator.expireTokens();
  const changed = body.replace(/(application_token%5D=)\w+/, '$1other');
  expect((await post(world.url, changed)).status).toBe(404);
  expect((await post(world.url, body)).status).toBe(200);
});

test('a record that has become another one is not forgotten', async () => {
  const { world, body } = await installed();
  await post(world.url, body);
  const [known] = await stored(world.store);
  if (known === undefined) throw new Error('nothing is stored');
  const newer = { ...known, seed: 'newer' };
  await world.store.write(newer);
  expect(await forget(world.store, known, undefined, AbortSignal.timeout(1000))).toBeUndefined();
  expect(await stored(world.store)).toEqual([newer]);
  const later = { ...newer, installedAt: 2_000_000_000 };
  await world.store.write(later);
  expect(await forget(world.store, newer, 1_999_999_999, AbortSignal.timeout(1000))).toBeUndefined();
  await world.store.write(newer);
  expect(await forget(world.store, newer, undefined, AbortSignal.timeout(1000))).toEqual(newer);
  expect(await stored(world.store)).toEqual([]);
});

test('nor does a page that is loaded anew', async () => {
  const world = await aWorld({ emulator: { portal: { switches: { tolerantRefresh: true } } } });
  await install(world, 'ui');
  const frame = world.emulator.openFrame();
  const first = world.emulator.token(1);
  const fields = { ...frame.fields, AUTH_ID: first.accessToken, REFRESH_ID: first.refreshToken };
  await post(frame.url ?? '', fields);
  const { clientId, clientSecret, oauthUrl, memberId } = world.emulator;
  const http = createHttp();
  await createOAuth(oauthUrl, http).refresh({ clientId, clientSecret }, first.refreshToken);
  await http.close();
  const newer = await world.store.read(memberId);
  await world.store.write({ ...(newer as Installation), tokens: { accessToken: 'newer', refreshToken: 'newer' } });
  const { status } = await post(frame.url ?? '', fields);
  expect(status).toBe(200);
  expect((await world.store.read(memberId))?.tokens).toEqual({ accessToken: 'newer', refreshToken: 'newer' });
});

test('after a failure the same request is another try', async () => {
  const { world, body } = await installed();
  world.emulator.fault({ kind: 'error', error: 'ERROR_CORE', method: 'batch', when: 'before', times: 1 });
  await post(world.url, body);
  expect(world.hooked.map(([name]) => name)).toEqual(['onFailed']);
  await post(world.url, body);
  expect(boundEvents(world.emulator)).toHaveLength(3);
  expect(world.hooked.map(([name]) => name)).toEqual(['onFailed', 'onInstalled']);
});

test('in the background the answer comes first, and nothing is lost when the installer is closed', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const world = await aWorld({
    background: true,
    manifest: async () => {
      await held;
      return manifest();
    },
  });
  const { status } = await install(world);
  expect(status).toBe(200);
  expect(boundEvents(world.emulator)).toEqual([]);
  expect(world.records.map(({ verdict }) => verdict)).toEqual(['working']);
  const closed = world.installer.close();
  release();
  await closed;
  expect(boundEvents(world.emulator)).toHaveLength(3);
});

test('a second installation during the first waits for it and has the last word', async () => {
  const world = await aWorld();
  await Promise.all([install(world), install(world), install(world)]);
  expect(boundEvents(world.emulator)).toHaveLength(3);
  expect(world.records.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(world.errors).toEqual([]);
});
