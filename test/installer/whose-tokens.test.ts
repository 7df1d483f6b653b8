/** Who makes an installation and whose tokens it has: every record there can be, every request, with and without an application behind. */
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { toNodeHandler } from '../../src/installer/servers/node.ts';
import { sealTicket } from '../../src/installer/retry-ticket.ts';
import { answerIn, eventOf, type Fields, ownersOf, recordOf, systemUser, userReady } from './posts.ts';
import { aWorld, boundEvents, listen, path, post, type World, type WorldOptions } from './world.ts';

export interface Behind extends World {
  /** The same installer, with the application's own page at its address. */
  readonly nextUrl: string;
}

/** Installed on the portal, of which nobody has told the installer, and nothing is bound. */
async function installedWorld(options: WorldOptions = {}): Promise<Behind> {
  const world = await aWorld({ path: undefined, ...options });
  const { emulator, installer } = world;
  await emulator.install({ kind: 'ui', applicationUrl: world.url });
  emulator.finishInstall();
  emulator.setUser({ id: systemUser, admin: true });
  emulator.clearRequests();
  const handle = toNodeHandler(installer);
  const origin = await listen(
    createServer((request, response) => handle(request, response, () => response.end('own page'))),
  );
  world.records.length = 0;
  return { ...world, url: `${world.url}?LANG=en`, nextUrl: `${origin}${path}?LANG=en` };
}

const ok = '200 OK';
const nothing = '404 Not found';
const own = '200 own page';
const done = 'page: converged';
const refused = 'page: refused';

const requests: Readonly<Record<string, (world: World) => Fields>> = {
  ONAPPINSTALL: ({ emulator }) => eventOf(emulator, 'ONAPPINSTALL', 1),
  ONAPPUSERREADY: ({ emulator }) => userReady(emulator),
  'page of an administrator': ({ emulator }) => emulator.openFrame({ userId: 1 }).fields,
  'page of an employee': ({ emulator }) => emulator.openFrame({ userId: 15 }).fields,
  update: ({ emulator }) => eventOf(emulator, 'ONAPPUPDATE', 1),
  retry: ({ emulator: { memberId, clientSecret } }) => {
    const ticket = { memberId, language: 'en', needsFinish: false, isWaiting: false } as const;
    return { bitrix_events_retry: sealTicket(ticket, clientSecret, Date.now()) };
  },
};

/** The record is of this user; then record, number of bound rows and answer without `next`, and with it where that differs. */
type Row = readonly [record: number | undefined, request: string, alone: Outcome, withNext?: Outcome];
type Outcome = readonly [record: string, rows: number, answer: string];

const table: readonly Row[] = [
  [undefined, 'ONAPPINSTALL', ['user 1', 3, ok]],
  [undefined, 'ONAPPUSERREADY', ['user 99', 3, ok]],
  [undefined, 'page of an administrator', ['user 1', 3, done], ['user 1', 3, own]],
  [undefined, 'page of an employee', ['none', 0, refused], ['none', 0, own]],
  [undefined, 'update', ['none', 0, nothing]],
  [undefined, 'retry', ['none', 0, nothing]],
  [1, 'ONAPPINSTALL', ['user 1, spare 1', 3, ok]],
  [1, 'ONAPPUSERREADY', ['user 99, spare 1', 3, ok]],
  [1, 'page of an administrator', ['user 1, spare 1', 3, done], ['user 1', 0, own]],
  [1, 'page of an employee', ['user 1', 0, refused], ['user 1', 0, own]],
  [1, 'update', ['user 1, spare 1', 3, ok]],
  [1, 'retry', ['user 1', 3, done]],
  [15, 'ONAPPINSTALL', ['user 1, spare 15', 3, ok]],
  [15, 'ONAPPUSERREADY', ['user 99, spare 15', 3, ok]],
  [15, 'page of an administrator', ['user 1, spare 15', 3, done], ['user 1, spare 15', 3, own]],
  [15, 'page of an employee', ['user 15', 0, refused], ['user 15', 0, own]],
  [15, 'update', ['user 1, spare 15', 3, ok]],
  [15, 'retry', ['user 15', 0, 'page: failed']],
];

const nameOf = (record: number | undefined): string =>
  record === undefined ? 'no record' : `a record of ${record === 1 ? 'an administrator' : 'an employee'}`;

const cases = table.flatMap(([record, request, alone, withNext = alone]) => [
  { record, request, behind: false, outcome: alone, title: `${nameOf(record)}: ${request}` },
  { record, request, behind: true, outcome: withNext, title: `${nameOf(record)}, an application behind: ${request}` },
]);

describe('with', () => {
  it.for(cases)('$title', async ({ record, request, behind, outcome }) => {
    const world = await installedWorld();
    const { emulator, store, installer } = world;
    if (record !== undefined) await store.write(await recordOf(emulator, record, record === 1));
    const before = JSON.stringify(await store.read(emulator.memberId));
    const fields = requests[request]?.(world) ?? {};
    const answer = answerIn(await post(behind ? world.nextUrl : world.url, fields));
    await installer.close();
    const kept = await store.read(emulator.memberId);
    expect([ownersOf(kept), boundEvents(emulator).length, answer]).toEqual(outcome);
    // Nobody's rows: each event is delivered once.
    expect(emulator.rows.filter(({ userId }) => userId !== 0)).toEqual([]);
    if (request === 'page of an employee') {
      expect(JSON.stringify(kept)).toBe(before);
      expect(emulator.requests.filter(({ method }) => method === 'batch')).toEqual([]);
      expect(world.hooked).toEqual([]);
    }
    expect(world.errors).toEqual([]);
  });

  it('every record, every request, with and without an application behind it, is in the table', () => {
    const all = [undefined, 1, 15].flatMap((record) => Object.keys(requests).map((request) => `${record} ${request}`));
    expect(table.map(([record, request]) => `${record} ${request}`)).toEqual(all);
  });
});

describe('whether somebody is an administrator', () => {
  const profiles = ({ emulator }: World) => emulator.requests.filter(({ method }) => method === 'profile').length;

  it('is asked once in ten minutes of the same user, and of nobody where nothing would come of it', async () => {
    let nowMs = 0;
    const world = await installedWorld({ monotonicNow: () => nowMs });
    const { emulator, store, url, nextUrl } = world;
    for (const to of [url, nextUrl, url]) await post(to, emulator.openFrame({ userId: 15 }).fields);
    expect(profiles(world)).toBe(1);
    nowMs += 600_001;
    await post(url, emulator.openFrame({ userId: 15 }).fields);
    await post(url, emulator.openFrame({ userId: 16 }).fields);
    expect(profiles(world)).toBe(3);
    await store.write(await recordOf(emulator, 1, true));
    await post(nextUrl, emulator.openFrame({ userId: 1 }).fields);
    await post(nextUrl, emulator.openFrame({ userId: 7 }).fields);
    await post(url, emulator.openFrame({ userId: 1 }).fields);
    expect(profiles(world)).toBe(3);
  });

  it('is asked again after a portal that would not say, and the page says why', async () => {
    const world = await installedWorld();
    const { emulator, url, nextUrl } = world;
    emulator.fault({ kind: 'error', error: 'OVERLOAD_LIMIT', method: 'profile', times: 2 });
    const { html } = await post(url, emulator.openFrame().fields);
    expect(html).toContain('main class="failed"');
    expect(html).toMatch(/<li>.*REST API is blocked due to overload.* <code>overload-limit<\/code><\/li>/);
    expect(html).not.toContain('bitrix_events_retry');
    expect(answerIn(await post(nextUrl, emulator.openFrame().fields))).toBe(own);
    expect(answerIn(await post(url, emulator.openFrame().fields))).toBe(done);
    expect(world.records.map(({ outcome, reason = '' }) => `${outcome} ${reason}`.trim())).toEqual([
      'refused overload-limit',
      'passed-on overload-limit',
      'accepted',
    ]);
  });

  it('is looked up with the token that was posted, which is never refreshed', async () => {
    const world = await installedWorld();
    const { emulator, url, store } = world;
    emulator.fault({ kind: 'error', error: 'expired_token', method: 'profile', times: 1 });
    expect(answerIn(await post(url, emulator.openFrame().fields))).toBe('page: failed');
    expect(await store.read(emulator.memberId)).toBeUndefined();
    expect(emulator.requests.map(({ method }) => method)).toEqual(['app.info', 'profile']);
  });
});

it('the page that sends for an administrator speaks the portal’s language and offers nothing to press', async () => {
  const { emulator, url } = await installedWorld();
  const fields = emulator.openFrame({ userId: 15 }).fields;
  const english = await post(url, fields);
  expect(english.status).toBe(200);
  expect(english.html).toContain('<h1>An administrator has to open this application</h1>');
  const russian = await post(url.replace('LANG=en', 'LANG=ru'), fields);
  expect(russian.html).toContain('<h1>Приложение должен открыть администратор</h1>');
  for (const { html } of [english, russian]) expect(html).not.toMatch(/<form|<button|bitrix24\.js/);
});

it('an installation that is not finished is finished by an administrator’s page only', async () => {
  const { emulator, url, nextUrl, store } = await installedWorld();
  await store.write(await recordOf(emulator, 1, true));
  emulator.setInstalled(false);
  expect(answerIn(await post(nextUrl, emulator.openFrame({ userId: 15 }).fields))).toBe(own);
  expect(answerIn(await post(url, emulator.openFrame({ userId: 15 }).fields))).toBe(refused);
  expect(boundEvents(emulator)).toEqual([]);
  expect((await post(nextUrl, emulator.openFrame().fields)).html).toContain('bitrix24.js');
  expect(boundEvents(emulator)).toHaveLength(3);
});
