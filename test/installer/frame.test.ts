/** Pages opened in the portal's frame: what is shown when, tried again, waited for, and passed on to the application's own page. */
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { toNodeHandler } from '../../src/installer/servers/node.ts';
import {
  aWorld,
  boundEvents,
  install,
  listen,
  manifest,
  openPage,
  path,
  portalRequests,
  post,
  stored,
  type World,
} from './world.ts';

function ticketIn(html: string): string {
  return /name="bitrix_events_retry" value="([^"]+)"/.exec(html)?.[1] ?? 'none';
}

function outcomeIn(html: string): string {
  return /main class="([a-z]+)"/.exec(html)?.[1] ?? html;
}

async function failed(): Promise<{ readonly world: World; readonly ticket: string }> {
  const world = await aWorld({ limits: { installTimeoutMs: 10_000 } });
  await install(world, 'ui');
  world.emulator.fault({ kind: 'error', portal: world.emulator.memberId, error: 'ACCESS_DENIED', skip: 1, times: 1 });
  const { html } = await openPage(world.emulator.openFrame());
  expect(outcomeIn(html)).toBe('failed');
  return { world, ticket: ticketIn(html) };
}

test('the retry button tries again with the tokens that are kept, and finishes the installation then', async () => {
  const { world, ticket } = await failed();
  expect(boundEvents(world.emulator)).toEqual([]);
  const { html } = await post(`${world.url}?LANG=en`, { bitrix_events_retry: ticket });
  expect(outcomeIn(html)).toBe('converged');
  expect(html).toContain('bitrix24.js');
  expect(boundEvents(world.emulator)).toHaveLength(3);
});

test('a ticket is good for an hour', async () => {
  let nowMs = Date.now();
  const world = await aWorld({ now: () => nowMs, manifest: await manifest(['OnNoSuchEvent']) });
  await install(world, 'ui');
  const ticket = ticketIn((await openPage(world.emulator.openFrame())).html);
  nowMs += 3_599_000;
  expect((await post(world.url, { bitrix_events_retry: ticket })).status).toBe(200);
  nowMs += 2_000;
  expect((await post(world.url, { bitrix_events_retry: ticket })).status).toBe(404);
  expect(world.records.at(-1)).toMatchObject({ outcome: 'refused', reason: 'wrong-ticket' });
});

test('a ticket of another application, or changed in any place, is refused', async () => {
  const { world, ticket } = await failed();
  const other = await failed();
  expect((await post(world.url, { bitrix_events_retry: other.ticket })).status).toBe(404);
  for (let at = 0; at < ticket.length; at += 7) {
    const changed = `${ticket.slice(0, at)}${ticket[at] === '0' ? '1' : '0'}${ticket.slice(at + 1)}`;
    expect((await post(world.url, { bitrix_events_retry: changed })).status).toBe(404);
  }
  expect(boundEvents(world.emulator)).toEqual([]);
});

test('a page that takes long is shown unfinished, and asks until it is done', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const world = await aWorld({
    limits: { pageWaitMs: 20 },
    manifest: async () => {
      await held;
      return manifest();
    },
  });
  await install(world, 'ui');
  const first = await openPage(world.emulator.openFrame());
  expect(outcomeIn(first.html)).toBe('working');
  const second = await post(world.url, { bitrix_events_retry: ticketIn(first.html) });
  expect(outcomeIn(second.html)).toBe('working');
  release();
  await world.installer.close();
  const requests = portalRequests(world.emulator).length;
  const third = await post(world.url, { bitrix_events_retry: ticketIn(second.html) });
  expect(outcomeIn(third.html)).toBe('converged');
  expect(portalRequests(world.emulator)).toHaveLength(requests);
  expect(world.hooked.map(([name]) => name)).toEqual(['onInstalled']);
});

test('a manifest that the application fails to give is told to its log, with what it threw as the cause', async () => {
  const cause = new Error('no database');
  const world = await aWorld({ manifest: () => Promise.reject(cause) });
  await install(world, 'ui');
  expect(outcomeIn((await openPage(world.emulator.openFrame())).html)).toBe('failed');
  expect(world.hooked).toMatchObject([['onFailed', { error: { code: 'manifest-unavailable', cause } }]]);
  expect(boundEvents(world.emulator)).toEqual([]);
});

test('the page speaks the language of the portal, or the one it was told to', async () => {
  const russian = await aWorld({ emulator: { portal: { language: 'ru' } } });
  await install(russian, 'ui');
  expect((await openPage(russian.emulator.openFrame())).html).toContain('<html lang="ru">');
  const german = await aWorld({ emulator: { portal: { language: 'de' } } });
  await install(german, 'ui');
  expect((await openPage(german.emulator.openFrame())).html).toContain('<html lang="en">');
  const told = await aWorld({ language: 'ru' });
  await install(told, 'ui');
  expect((await openPage(told.emulator.openFrame())).html).toContain('<html lang="ru">');
});

test('older portals that leave fields out are installed all the same', async () => {
  const world = await aWorld();
  await install(world, 'ui');
  const { AUTH_ID = '', REFRESH_ID = '', member_id = '' } = world.emulator.openFrame().fields;
  const { status, html } = await post(world.url, { AUTH_ID, REFRESH_ID, member_id });
  expect([status, outcomeIn(html)]).toEqual([200, 'converged']);
  const [kept] = await stored(world.store);
  expect(kept?.applicationToken).toBeUndefined();
});

test('tokens that cannot be refreshed do not take the place of those that can', async () => {
  const world = await aWorld();
  await install(world, 'ui');
  await openPage(world.emulator.openFrame());
  const before = await stored(world.store);
  const { url = '', fields } = world.emulator.openFrame();
  expect((await post(url, { ...fields, REFRESH_ID: '' })).status).toBe(200);
  expect(await stored(world.store)).toEqual(before);
});

test('without an authorisation server to ask, nothing is done and nothing is kept', async () => {
  const world = await aWorld();
  await install(world, 'ui');
  world.emulator.fault({ kind: 'html', portal: 'oauth' });
  const answer = await openPage(world.emulator.openFrame());
  expect(answer).toEqual({
    status: 503,
    html: 'The installation cannot be checked at the moment. Open the application again in a minute.\n',
  });
  expect(await stored(world.store)).toEqual([]);
  expect(world.records).toMatchObject([{ outcome: 'unavailable', reason: 'no-authorisation-server' }]);
});

/** The application's own page behind the installer, at the same address. */
async function withOwnPage(): Promise<World> {
  const world = await aWorld({ path: undefined });
  const handle = toNodeHandler(world.installer);
  const origin = await listen(
    createServer((request, response) => handle(request, response, () => response.end('own page'))),
  );
  return { ...world, url: `${origin}${path}` };
}

test('an installed application opens its own page, and an update is taken up behind it', async () => {
  const world = await withOwnPage();
  const { emulator } = world;
  await install(world, 'ui');
  expect(outcomeIn((await openPage(emulator.openFrame())).html)).toBe('converged');
  emulator.finishInstall();
  emulator.clearRequests();
  const record = JSON.stringify(await stored(world.store));

  expect(await openPage(emulator.openFrame())).toEqual({ status: 200, html: 'own page' });
  expect(await openPage(emulator.openFrame({ userId: 15 }))).toEqual({ status: 200, html: 'own page' });
  expect(portalRequests(emulator)).toEqual([]);
  expect(JSON.stringify(await stored(world.store))).toBe(record);

  emulator.removeRow(emulator.rows[0]?.id ?? 0);
  await emulator.update({ version: 2 });
  emulator.setInstalled(true);
  expect(await openPage(emulator.openFrame({ userId: 15 }))).toEqual({ status: 200, html: 'own page' });
  expect(JSON.stringify(await stored(world.store))).toBe(record);
  expect(boundEvents(emulator)).toHaveLength(2);
  expect(await openPage(emulator.openFrame())).toEqual({ status: 200, html: 'own page' });
  await world.installer.close();
  expect(boundEvents(emulator)).toHaveLength(3);
  expect((await stored(world.store))[0]).toMatchObject({ version: 2, userId: 1 });
});

test('nobody is kept from the own page by tokens that prove nothing, or by a server that does not answer', async () => {
  const world = await withOwnPage();
  await install(world, 'ui');
  const { url = '', fields } = world.emulator.openFrame();
  const ownPage = { status: 200, html: 'own page' };
  expect(await post(url, { ...fields, AUTH_ID: 'invented' })).toEqual(ownPage);
  world.emulator.fault({ kind: 'html', portal: 'oauth' });
  expect((await post(url, fields)).status).toBe(503);
  expect(await stored(world.store)).toEqual([]);

  await openPage(world.emulator.openFrame());
  world.emulator.fault({ kind: 'html', portal: 'oauth' });
  expect(await openPage(world.emulator.openFrame())).toEqual(ownPage);
  expect(world.records.map(({ outcome, reason = '' }) => `${outcome} ${reason}`.trim())).toEqual([
    'passed-on token-refused',
    'unavailable no-authorisation-server',
    'accepted',
    'passed-on',
  ]);
});
