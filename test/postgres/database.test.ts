/** The way to the database: what is made at first use, what is said when it cannot be used, and what is tried again. */
import { describe, expect, test } from 'vitest';
import type { Installation } from '../../src/installation/installation.ts';
import { changeInstallation } from '../../src/installation/change-installation.ts';
import { openPostgresStore } from '../../src/postgres/postgres-store.ts';
import { shownAddress } from '../../src/postgres/server-address.ts';
import { aDatabase, changed, runSql } from '../support/postgres.ts';
import { full, idsOf, newKeys, small } from '../support/store-laws.ts';
import { aDatabasePlace, aStore } from './place.ts';
import { aWire } from './pooler.ts';

const password = 'S3CRET';

async function failureOf(url: string): Promise<unknown> {
  return aStore(url)
    .read('b')
    .then(
      () => undefined,
      (error: unknown) => error,
    );
}

describe('the tables', () => {
  test('are made once, however many come at once', async () => {
    const { url, open } = await aDatabasePlace();
    const stores = Array.from({ length: 8 }, () => open());
    await Promise.all(stores.map((store, index) => store.write({ ...small, memberId: `b${index}` })));
    expect(await idsOf(open())).toHaveLength(8);
    expect(await runSql(url, 'SELECT version FROM bitrix_events.migrations')).toEqual(
      [1, 2, 3].map((version) => ({ version })),
    );
  });

  test('of a newer version are left alone', async () => {
    const { url, open } = await aDatabasePlace();
    await open().write(small);
    await runSql(url, 'INSERT INTO bitrix_events.migrations (version) VALUES (4)');
    const { username, host, pathname } = new URL(url);
    await expect(open().read('b')).rejects.toMatchObject({
      name: 'UsageError',
      code: 'unsupported-store',
      message: `the tables of the store postgres://${username}@${host}${pathname} have version 4, this version of bitrix-events knows 3`,
    });
  });

  test('of an older version take what was written as the time at which tokens were granted', async () => {
    const { url, open } = await aDatabasePlace();
    await open().write(small);
    await runSql(
      url,
      `ALTER TABLE bitrix_events.installations DROP COLUMN granted_at;
       UPDATE bitrix_events.installations SET written_at = '2026-01-02T00:00:00Z';
       DELETE FROM bitrix_events.migrations WHERE version = 3`,
    );
    const ids: string[] = [];
    const day = Date.UTC(2026, 0, 2);
    for await (const { memberId } of open().grantedBetween(day, day + 1)) ids.push(memberId);
    expect(ids).toEqual(['b']);
  });

  test('need no right on the database where their schema is there already', async () => {
    const url = await aDatabase();
    const role = `role_${Date.now()}`;
    await runSql(url, `CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    try {
      const as = changed(url, { username: role, password });
      await expect(aStore(as).read('b')).rejects.toMatchObject({
        code: 'unusable-store',
        message: expect.stringMatching(/cannot be used: permission denied for database \w+ \(42501\)$/),
      });
      await runSql(url, `CREATE SCHEMA bitrix_events AUTHORIZATION ${role}`);
      const store = aStore(as);
      await store.write(small);
      expect(await store.read('b')).toEqual(small);
      await (await store.lock('b', 'apply'))();
    } finally {
      await runSql(url, `DROP SCHEMA bitrix_events CASCADE; DROP ROLE ${role}`);
    }
  });
});

describe('a database that cannot be used', () => {
  test.for([
    ['a wrong password', { password }, 'UsageError', 'unusable-store', 'password authentication failed'],
    [
      'a database that is not there',
      { pathname: '/nowhere' },
      'UsageError',
      'unusable-store',
      'database "nowhere" does not exist (3D000)',
    ],
    ['a server that is not there', { port: '1', password }, 'NetworkError', 'unreachable-store', 'ECONNREFUSED'],
  ] as const)('is named with the reason, without a password: %s', async ([, parts, name, code, reason]) => {
    const url = changed(await aDatabase(), parts);
    const error = await failureOf(url);
    const { username, host, pathname, password: secret } = new URL(url);
    expect(error).toMatchObject({ name, code, message: expect.stringContaining(reason), hint: expect.any(String) });
    expect(error).toMatchObject({
      message: expect.stringContaining(`postgres://${username}@${host}${pathname} cannot be `),
    });
    expect(JSON.stringify([error, String(error)])).not.toContain(secret);
  });

  test('is named so when it asks for a password and none is given', async () => {
    const url = changed(await aDatabase(), { password: '' });
    expect(await failureOf(url)).toMatchObject({ name: 'UsageError', code: 'unusable-store' });
  });

  test('may be an old server', async () => {
    const url = await aDatabase();
    const [facts] = await runSql(url, "SELECT current_setting('server_version_num') AS number");
    const wire = await aWire(url, String(facts?.['number']), '130022');
    expect(await failureOf(wire)).toMatchObject({
      code: 'unsupported-store',
      message: expect.stringMatching(/ is PostgreSQL 13, it takes 14 or newer$/),
    });
  });

  test.for(['postgres:', 'postgres:host/db', 'postgres://host:port/db', `postgres://u:${password}@:x/db`])(
    'may have no address: %s',
    (url) => {
      expect(() => openPostgresStore(url)).toThrow(
        expect.objectContaining({ code: 'invalid-store', message: 'the store is no address of a PostgreSQL database' }),
      );
    },
  );
});

test.for([
  ['postgres://u:S3CRET@host:5433/db?sslmode=require&password=S3CRET', 'postgres://u@host:5433/db'],
  ['POSTGRESQL://u:S3CR%40ET@host/db', 'postgres://u@host/db'],
  ['postgres://host', 'postgres://host'],
  ['postgres:///db?host=/run/postgresql&user=u', 'postgres:///db?host=/run/postgresql'],
])('the address %s is shown as %s', ([url = '', shown]) => {
  expect(shownAddress(url)).toBe(shown);
});

describe('a row', () => {
  const columns = 'SELECT installations::text AS text, key_id, domain, seed FROM bitrix_events.installations';

  test('that is sealed shows neither an address nor a token, nor a digest that could be guessed at', async () => {
    const { url, open } = await aDatabasePlace();
    await open({ keys: newKeys }).write(full);
    const [sealed] = await runSql(url, columns);
    for (const value of ['T0KEN', 'acme', 'bitrix24.com', full.seed ?? ''])
      expect(sealed?.['text']).not.toContain(value);
    await runSql(url, 'DELETE FROM bitrix_events.installations');
    await open().write(full);
    const [plain] = await runSql(url, columns);
    expect(plain).toMatchObject({ key_id: 'plain', text: expect.stringContaining('acme') });
    expect(sealed?.['key_id']).toBe(newKeys[0]?.id);
    for (const column of ['domain', 'seed']) expect(sealed?.[column]).not.toBe(plain?.[column]);
  });

  test('is replaced only where it is the one that was read', async () => {
    const { open } = await aDatabasePlace();
    const [store, other] = [open(), open()];
    const theirs = { ...small, userId: 2 };
    expect(await store.replace('b', undefined, small)).toBe(true);
    expect(await store.replace('b', undefined, { ...small, userId: 1 })).toBe(false);
    const known = await store.read('b');
    await other.write(theirs);
    expect(await store.replace('b', known, { ...small, userId: 1 })).toBe(false);
    expect(await store.replace('b', known, undefined)).toBe(false);
    expect(await store.read('b')).toEqual(theirs);
    const latest = await store.read('b');
    expect(await store.replace('b', latest, small)).toBe(true);
    expect(await store.replace('b', latest, { ...small, userId: 3 })).toBe(false);
    expect(await store.replace('b', await store.read('b'), undefined)).toBe(true);
  });

  test('that was removed and made again is another one, after however many changes', async () => {
    const { open } = await aDatabasePlace();
    const store = open();
    await store.write(small);
    await store.write({ ...small, userId: 1 });
    const known = await store.read('b');
    await store.remove('b');
    await store.write(small);
    expect(await store.replace('b', known, { ...small, userId: 2 })).toBe(false);
    expect(await store.read('b')).toEqual(small);
  });

  test('that somebody else has changed under a lost lock is changed from what it is now', async () => {
    const { open } = await aDatabasePlace();
    const [store, other] = [open(), open()];
    await store.write(small);
    const seen: (number | undefined)[] = [];
    const change = async (known: Installation | undefined): Promise<Installation> => {
      seen.push(known?.userId);
      if (seen.length === 1) await other.write({ ...small, userId: 5 });
      return { ...small, ...known, version: 2 };
    };
    await changeInstallation(store, 'b', change);
    expect(seen).toEqual([undefined, 5]);
    expect(await store.read('b')).toEqual({ ...small, userId: 5, version: 2 });
  });
});

test('five thousand ids come in order and a page at a time: what is added behind the page is still seen', async () => {
  const { url, open } = await aDatabasePlace();
  const store = open();
  await store.read('b');
  await runSql(
    url,
    `INSERT INTO bitrix_events.installations (member_id, record, key_id)
    SELECT 'm' || lpad(number::text, 5, '0'), '', 'plain' FROM generate_series(1, 5000) AS number`,
  );
  const ids: string[] = [];
  for await (const memberId of store.memberIds()) {
    ids.push(memberId);
    if (ids.length === 1)
      await runSql(url, "UPDATE bitrix_events.installations SET member_id = 'm99999' WHERE member_id = 'm03000'");
  }
  expect([ids.length, new Set(ids).size, ids[0], ids.at(-1)]).toEqual([5_000, 5_000, 'm00001', 'm99999']);
  expect(ids).toEqual(ids.toSorted());
});

test('a search looks into an index', async () => {
  const { url, open } = await aDatabasePlace();
  await open().write(small);
  await runSql(
    url,
    `INSERT INTO bitrix_events.installations (member_id, record, domain, seed, key_id)
    SELECT number::text, '', md5(number::text), md5(number::text), 'plain' FROM generate_series(1, 5000) AS number;
    ANALYZE bitrix_events.installations`,
  );
  for (const column of ['domain', 'seed', 'key_id']) {
    const statement = `EXPLAIN SELECT member_id FROM bitrix_events.installations WHERE ${column} = ANY ('{a,b}')`;
    expect(JSON.stringify(await runSql(url, statement))).toContain(`installations_${column}_idx`);
  }
});

test('a store whose connections the server has ended goes on', async () => {
  const { url, open } = await aDatabasePlace();
  const store = open();
  await store.write(small);
  const others = 'datname = current_database() AND pid <> pg_backend_pid()';
  for (let round = 0; round < 3; round += 1) {
    await runSql(url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`);
    expect(await Promise.all([store.read('b'), store.read('b'), store.read('c')])).toEqual([small, small, undefined]);
    await store.write(small);
  }
});
