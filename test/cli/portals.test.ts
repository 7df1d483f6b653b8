/** `portals`: each portal in the state it is in, who has to act, and what it costs to know. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Emulator, PortalHandle } from '../../src/emulator/index.ts';
import { openPostgresStore } from '../../src/postgres/postgres-store.ts';
import type { InspectableStore } from '../../src/records/inspectable-store.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import { violations } from '../schemas/schema.ts';
import { aDatabase, runSql } from '../support/postgres.ts';
import { aCli, anEmulator, type Cli, document, handler, manifestText } from './cli.ts';

const dayMs = 86_400_000;
const always = { times: Number.POSITIVE_INFINITY };

interface Row {
  readonly memberId: string;
  readonly domain: string;
  readonly needs: readonly { readonly need: string; readonly act: string; readonly code: string }[];
}

interface Mixed {
  readonly cli: Cli;
  readonly emulator: Emulator;
}

interface Place {
  readonly url: string | undefined;
  open(directory: string): InspectableStore;
  damage(directory: string, memberId: string): Promise<void>;
}

const places = {
  'a folder': () =>
    Promise.resolve({
      url: undefined,
      open: (directory: string) => openFileStore(join(directory, '.bitrix-events')),
      damage: (directory: string, memberId: string) =>
        writeFile(join(directory, '.bitrix-events', `${memberId}.json`), '{'),
    }),
  'a database': async () => {
    const url = await aDatabase();
    return {
      url,
      open: () => openPostgresStore(url),
      damage: async (_: string, memberId: string) => {
        await runSql(url, "UPDATE bitrix_events.installations SET record = '{' WHERE member_id = $1", [memberId]);
      },
    };
  },
} satisfies Readonly<Record<string, () => Promise<Place>>>;

/** Portals named after what is the matter with them. */
async function aMixedFleet(aPlace: () => Promise<Place>): Promise<Mixed> {
  const clock = { ms: Date.now() };
  const emulator = await anEmulator({ now: () => clock.ms });
  const add = (memberId: string, options: Parameters<Emulator['addPortal']>[0] = {}): PortalHandle => {
    const portal = emulator.addPortal({ memberId, ...options });
    portal.setSwitches({ leakyBucket: false });
    if (memberId !== 'unbound') portal.addRow({ event: 'ONTASKADD', handler });
    return portal;
  };
  const unbound = add('unbound');
  const portals = [
    add('well'),
    add('unfinished', { kind: 'ui', scope: ['crm'] }),
    add('unpaid', { paymentExpired: true }),
    add('removed'),
    add('lost'),
    add('deleted'),
    add('scope', { scope: ['crm'] }),
    unbound,
    add('damaged'),
    add('employee', { userId: 15, users: [{ id: 1, admin: true }, { id: 15 }] }),
    add('unread', { rows: [{ event: 'ONTASKUPDATE' }] }),
  ];
  const { clientId, clientSecret, oauthUrl } = emulator;
  const place = await aPlace();
  const cli = await aCli({
    BITRIX24_CLIENT_ID: clientId,
    BITRIX24_CLIENT_SECRET: clientSecret,
    BITRIX24_OAUTH_URL: oauthUrl,
    ...(place.url === undefined ? {} : { BITRIX_EVENTS_STORE: place.url }),
  });
  await cli.write('bitrix-events.yaml', manifestText(['OnTaskAdd']));
  const store = place.open(cli.directory);
  for (const { memberId, clientEndpoint, accessToken, refreshToken } of portals)
    await store.write({ memberId, clientEndpoint, clientId, tokens: { accessToken, refreshToken } });
  await store.close();
  await place.damage(cli.directory, 'damaged');
  const named = (name: string): PortalHandle | undefined => portals.find(({ memberId }) => memberId === name);
  await named('removed')?.uninstall();
  named('lost')?.expireTokens();
  named('lost')?.killRefreshChain();
  emulator.fault({ kind: 'error', error: 'PORTAL_DELETED', portal: 'deleted', ...always });
  clock.ms -= 3 * dayMs + 1_000;
  await named('unread')?.fire('ONTASKUPDATE', { FIELDS_AFTER: { ID: 1 } });
  clock.ms += 3 * dayMs + 1_000;
  emulator.clearRequests();
  return { cli, emulator };
}

const rowsOf = (ran: { readonly out: string }): readonly Row[] =>
  document({ code: 0, err: '', ...ran })['portals'] as readonly Row[];

describe.each(Object.entries(places))('in %s', (_, aPlace) => {
  test('every portal that needs somebody is told with who has to act, in one request each', async () => {
    const { cli, emulator } = await aMixedFleet(aPlace);
    const ran = await cli.run('portals --format json');
    expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' });
    const told = rowsOf(ran).map(({ memberId, needs }) =>
      [memberId, ...needs.map(({ need, act, code }) => `${need}, ${act}, ${code}`)].join(': '),
    );
    expect([...told].sort()).toEqual([
      'damaged: unreadable, you, damaged-store',
      'deleted: deleted, nobody, portal-deleted',
      'lost: unauthorised, you, authorisation-lost',
      'removed: removed, owner, application-not-found',
      'scope: scope, owner, needs-scope',
      'unbound: silent, you, nothing-bound',
      'unfinished: unfinished, owner, not-installed: scope, owner, needs-scope',
      'unpaid: unpaid, owner, payment-expired',
      'unread: silent, you, offline-waiting',
    ]);
    expect(document(ran)).toMatchObject({ counts: { well: 2, inNeed: 9, untouched: 0 } });
    expect(violations('portals', ran.out)).toEqual([]);
    for (const name of ['well', 'unfinished', 'unpaid', 'scope', 'unbound', 'employee', 'unread', 'deleted']) {
      const requests = emulator.requests.filter(({ portal }) => portal === name);
      expect(
        requests.map(({ method }) => method),
        name,
      ).toEqual(['batch']);
    }
    expect(emulator.requests.flatMap(({ commands = [] }) => commands).map(({ method }) => method)).not.toContain(
      'event.bind',
    );
  });
});

test('globs choose the portals, and the exit code tells of them where that is asked for', async () => {
  const { cli, emulator } = await aMixedFleet(places['a folder']);
  expect(
    rowsOf(await cli.run('portals --format json --portal un* --portal well')).map(({ memberId }) => memberId),
  ).toEqual(expect.arrayContaining(['unbound', 'unfinished', 'unpaid', 'unread']));
  expect(new Set(emulator.requests.map(({ portal }) => portal))).toEqual(
    new Set(['unbound', 'unfinished', 'unpaid', 'unread', 'well']),
  );
  expect((await cli.run('portals --portal un* --detailed-exitcode --concurrency 1 --auth-rate 100')).code).toBe(2);
  expect((await cli.run('portals --portal un*')).code).toBe(0);
  expect(await cli.run('portals --portal well --detailed-exitcode')).toEqual({
    code: 0,
    out: '1 portal: 1 well\n',
    err: '',
  });
  expect((await cli.run('portals --portal nobody')).err).toContain('[no-portals]');
});

test('people are told who has to act, those who read it first', async () => {
  const { cli } = await aMixedFleet(places['a folder']);
  const { out } = await cli.run('portals --portal un* --portal deleted', { world: { columns: 200 } });
  const titles = out.split('\n').filter((line) => /^(!|\d)/.test(line));
  expect(titles.map((line) => line.replace(/127\.0\.0\.1:\d+/, 'p'))).toEqual([
    '! p (unbound): silent; you have to act  [nothing-bound]',
    '! p (unread): silent; you have to act  [offline-waiting]',
    "! p (unfinished): installed and never finished; the portal's owner has to act  [not-installed]",
    "! p (unfinished): needs a new scope; the portal's owner has to act  [needs-scope]",
    "! p (unpaid): not paid for; the portal's owner has to act  [payment-expired]",
    '! p (deleted): portal deleted; nobody has to act  [portal-deleted]',
    "5 portals: 0 well, 2 waiting for you, 2 waiting for the portal's owner, 1 gone",
  ]);
  expect(out).toContain('1 offline event waits to be fetched, the oldest for 3 days');
  expect(out).toContain('the application was not granted task, which ONTASKADD needs');
});

test('as Markdown it is a table to be sent to somebody', async () => {
  const { cli } = await aMixedFleet(places['a folder']);
  const { out } = await cli.run('portals --portal un* --format markdown');
  const [marker, head, , columns, , ...rows] = out.split('\n');
  expect(marker).toMatch(/^<!-- bitrix-events: name=\S+ portal=un\* -->$/);
  expect(head).toBe("**4 portals: 0 well, 2 waiting for you, 2 waiting for the portal's owner**");
  expect(columns).toBe('| portal | what | who | code | how |');
  expect(rows.filter((row) => row !== '')).toHaveLength(5);
  expect(out).toContain('BX24.installFinish()');
});

test('without a manifest it is said what that leaves unknown', async () => {
  const { cli } = await aMixedFleet(places['a folder']);
  await rm(join(cli.directory, 'bitrix-events.yaml'));
  const ran = await cli.run('portals --portal scope --portal unbound --portal well');
  expect(ran.out).toContain('! ');
  expect(ran.out).not.toContain('needs-scope');
  expect(ran.out).toContain('nothing is bound: no event reaches the application');
  expect(ran.out).toContain('There is no manifest here');
  expect((await cli.run('portals -m nowhere.yaml')).code).toBe(1);
});

test('what is no portal’s fault ends it', async () => {
  const { cli } = await aMixedFleet(places['a folder']);
  const ran = await cli.run('portals --portal lost --format json', { env: { BITRIX24_CLIENT_SECRET: 'wrong' } });
  expect(ran.code).toBe(1);
  expect(document(ran)).toMatchObject({ error: { code: 'wrong-client' } });
  expect(violations('portals', ran.out)).toEqual([]);
});

test('an interrupt begins nothing more, and says how many were not asked', async () => {
  const { cli, emulator } = await aMixedFleet(places['a folder']);
  let interrupt: () => void = () => undefined;
  const onInterrupt = (listener: () => void): (() => void) => {
    interrupt = listener;
    return () => undefined;
  };
  emulator.fault({ kind: 'delay', delayMs: 10, onHit: () => interrupt() });
  const ran = await cli.run('portals --concurrency 1 --format json', { world: { onInterrupt } });
  expect(ran.code).toBe(130);
  const { counts } = document(ran) as { readonly counts: Readonly<Record<string, number>> };
  expect(counts['untouched']).toBeGreaterThan(5);
  expect(violations('portals', ran.out)).toEqual([]);
});
