/** The store in a directory: what is on disk, what survives, what is refused. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Installation } from '../../src/installation/installation.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import { parseStoreUrl } from '../../src/store/store-url.ts';

let parent: string;
let directory: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'bitrix-events-store-'));
  directory = join(parent, 'store');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const full: Installation = {
  memberId: 'a223c6b3710f85df22e9377d6c4f7553',
  clientEndpoint: 'https://acme.bitrix24.com/rest/',
  clientId: 'local.1.2',
  tokens: { accessToken: 'access', refreshToken: 'refresh', expires: 1_800_000_000 },
  seed: 'digest',
  applicationToken: 'application',
  scope: ['crm', 'task'],
  userId: 1,
  isAdmin: false,
  isSystem: true,
  isProven: true,
  spare: [
    { tokens: { accessToken: 'spare', refreshToken: 'spare', expires: 1 }, userId: 2, isAdmin: true, isProven: true },
    { tokens: { accessToken: 'bare' } },
  ],
  version: 3,
  server: 'https://oauth.bitrix.info',
  installedAt: 1_700_000_000,
};
const small: Installation = {
  memberId: 'b',
  clientEndpoint: 'https://b.bitrix24.com/rest/',
  clientId: '',
  tokens: { accessToken: 'access' },
};

async function idsOf(store: ReturnType<typeof openFileStore>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const id of store.memberIds()) ids.push(id);
  return ids.sort();
}

async function failure(work: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return { code: Reflect.get(error, 'code'), message: error.message };
  }
  return { code: undefined, message: 'it did not fail' };
}

describe('a store in a directory', () => {
  it('gives back what was written, and lists it', async () => {
    const store = openFileStore(directory);
    await store.write(full);
    await store.write(small);
    expect(await store.read(full.memberId)).toEqual(full);
    expect(await store.read('b')).toEqual(small);
    expect(await idsOf(store)).toEqual([full.memberId, 'b']);
    await store.remove('b');
    await store.remove('b');
    expect(await store.read('b')).toBeUndefined();
    expect(await idsOf(store)).toEqual([full.memberId]);
  });

  it('touches nothing until something is written', async () => {
    const store = openFileStore(directory);
    expect(await idsOf(store)).toEqual([]);
    expect(await store.read('b')).toBeUndefined();
    await store.remove('b');
    expect(await readdir(parent)).toEqual([]);
  });

  it('keeps its files private and out of git', async () => {
    await openFileStore(directory).write(small);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(join(directory, 'b.json'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(directory, '.gitignore'), 'utf8')).toBe('*\n');
    expect((await readdir(directory)).sort()).toEqual(['.gitignore', '.index', '.tmp', 'b.json']);
    for (const folder of ['.index', '.tmp']) expect((await stat(join(directory, folder))).mode & 0o777).toBe(0o700);
  });

  it('does not hide other people’s files from git', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'package.json'), '{}');
    await writeFile(join(directory, 'readme.md'), '');
    await openFileStore(directory).write(small);
    expect((await readdir(directory)).sort()).toEqual(['.index', '.tmp', 'b.json', 'package.json', 'readme.md']);
  });

  it('keeps fields that a newer version wrote', async () => {
    const store = openFileStore(directory);
    await store.write(small);
    const file = join(directory, 'b.json');
    const written = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...written, colour: { of: 'later' } }));
    await store.write({ ...small, userId: 7 });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      format: 'bitrix-events-installation',
      formatVersion: 1,
      ...small,
      userId: 7,
      colour: { of: 'later' },
    });
  });

  it.each([
    ['half a file', '{"format":"bitrix-events-installation","formatVersion":1,"memberId":"b","tok', 'it is no JSON'],
    ['an empty file', '', 'it is no JSON'],
    ['another JSON', '[]', 'it is no installation of bitrix-events'],
    [
      'no tokens',
      JSON.stringify({ format: 'bitrix-events-installation', formatVersion: 1, ...small, tokens: 1 }),
      `'tokens' is missing`,
    ],
    [
      'another portal’s',
      JSON.stringify({ format: 'bitrix-events-installation', formatVersion: 1, ...small, memberId: 'c' }),
      'it belongs to another portal',
    ],
    [
      'a wrong scope',
      JSON.stringify({ format: 'bitrix-events-installation', formatVersion: 1, ...small, scope: 'crm' }),
      `'scope' is not what it should be`,
    ],
    ...Object.entries({
      isAdmin: 'yes',
      isSystem: false,
      isProven: 1,
      spare: {},
      installedAt: '2026',
      server: 'https://oauth.bitrix.info/oauth/',
    }).map(([key, value]): [string, string, string] => [
      `a wrong ${key}`,
      JSON.stringify({ format: 'bitrix-events-installation', formatVersion: 1, ...small, [key]: value }),
      `'${key}' is not what it should be`,
    ]),
    ...[1, {}, { tokens: {} }, { tokens: { accessToken: '' } }, { tokens: { accessToken: 'a' }, userId: '1' }].map(
      (pair): [string, string, string] => [
        `the spare pair ${JSON.stringify(pair)}`,
        JSON.stringify({ format: 'bitrix-events-installation', formatVersion: 1, ...small, spare: [pair] }),
        `'spare' is not what it should be`,
      ],
    ),
    ...['javascript:alert(1)', 'oauth.bitrix.info', 'https://user@oauth.bitrix.info', 'file:///etc', ''].map(
      (server): [string, string, string] => [
        `the server '${server}'`,
        JSON.stringify({ format: 'bitrix-events-installation', formatVersion: 1, ...small, server }),
        `'server' is not what it should be`,
      ],
    ),
  ])('names a damaged file and leaves it as it is: %s', async (_, text, why) => {
    await mkdir(directory);
    const file = join(directory, 'b.json');
    await writeFile(file, text);
    const store = openFileStore(directory);
    expect(await failure(store.read('b'))).toEqual({
      code: 'damaged-store',
      message: `'${file}' cannot be read: ${why}`,
    });
    if (/JSON|no installation/.test(why)) {
      expect((await failure(store.write(small))).code).toBe('damaged-store');
    }
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('does not guess at a newer format', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'b.json'), '{"format":"bitrix-events-installation","formatVersion":3}');
    expect((await failure(openFileStore(directory).read('b'))).code).toBe('unsupported-store');
  });

  it.each(['../b', 'a/b', '', '.', 'a.b', 'a\0', 'x'.repeat(65), 'ü'])(
    'refuses %j as a member id',
    async (memberId) => {
      const store = openFileStore(directory);
      const codes = await Promise.all(
        [
          store.read(memberId),
          store.write({ ...small, memberId }),
          store.remove(memberId),
          store.lock(memberId, 'apply'),
        ].map(async (work) => (await failure(work)).code),
      );
      expect(codes).toEqual(Array(4).fill('invalid-member-id'));
      expect(await readdir(parent)).toEqual([]);
    },
  );

  it('says so when the directory is a file', async () => {
    await writeFile(directory, '');
    expect(await failure(openFileStore(directory).write(small))).toEqual({
      code: 'unusable-store',
      message: `the store '${directory}' cannot be used: ENOTDIR`,
    });
  });

  describe('with files that a killed process left', () => {
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    const leave = async (name: string, minutes: number): Promise<void> => {
      await writeFile(join(directory, name), 'token');
      await utimes(join(directory, name), minutesAgo(minutes), minutesAgo(minutes));
    };
    const temporaryIn = (folder: string) => readdir(join(directory, folder));

    it.each([
      ['a write', (store: ReturnType<typeof openFileStore>) => store.write(small)],
      ['a lock', async (store: ReturnType<typeof openFileStore>) => (await store.lock('b', 'tokens'))()],
    ])('clears away the old ones with %s, and not what another one is writing', async (_, work) => {
      await openFileStore(directory).write(small);
      await leave('.tmp/c.json.1', 11);
      await leave('.tmp/c.json.2', 9);
      await work(openFileStore(directory));
      expect(await temporaryIn('.tmp')).toEqual(['c.json.2']);
    });

    it('looks for them once a minute', async () => {
      let nowMs = 0;
      const store = openFileStore(directory, { monotonicNow: () => nowMs });
      await store.write(small);
      await leave('.tmp/c.json.1', 11);
      nowMs = 59_999;
      await store.write(small);
      expect(await temporaryIn('.tmp')).toEqual(['c.json.1']);
      nowMs = 60_000;
      await store.write(small);
      expect(await temporaryIn('.tmp')).toEqual([]);
    });

    it('clears away those of older versions, which lie among the records, when it lists them', async () => {
      const store = openFileStore(directory);
      await store.write(small);
      const id = '0b0e7d4c-7a55-4d0a-a3a5-6a1c3c1c8a11';
      await leave(`b.json.${id}.tmp`, 11);
      await leave(`c.json.${id}.tmp`, 9);
      await leave(`b.apply.lock.${id}.tmp`, 25 * 60);
      await leave(`b.tokens.lock.recovery.${id}.tmp`, 25 * 60);
      await leave(`c.apply.lock.${id}.tmp`, 23 * 60);
      await leave('notes.tmp', 25 * 60);
      expect(await idsOf(store)).toEqual(['b']);
      expect((await readdir(directory)).filter((name) => name.endsWith('.tmp') && name !== '.tmp')).toEqual([
        `c.apply.lock.${id}.tmp`,
        `c.json.${id}.tmp`,
        'notes.tmp',
      ]);
    });
  });
});

describe('a store’s URL', () => {
  it('names a directory', () => {
    expect(parseStoreUrl('file:.bitrix-events')).toEqual({ kind: 'file', directory: '.bitrix-events' });
    expect(parseStoreUrl('file:/var/lib/x')).toEqual({ kind: 'file', directory: '/var/lib/x' });
    expect(parseStoreUrl('file:///var/lib/x')).toEqual({ kind: 'file', directory: '/var/lib/x' });
  });

  it.each(['postgres://user:secret@host/db', 'postgresql://host/db', 'POSTGRES://host/db'])(
    'may be the address of a database: %s',
    (url) => {
      expect(parseStoreUrl(url)).toEqual({ kind: 'postgres', url });
    },
  );

  it.each([
    ['file:', 'invalid-store'],
    ['file://host/x', 'invalid-store'],
    ['redis://user:secret@host', 'invalid-store'],
    ['', 'invalid-store'],
  ])('may not be %s', async (url, code) => {
    const { code: actual, message } = await failure((async () => parseStoreUrl(url))());
    expect(actual).toBe(code);
    expect(message).not.toContain('secret');
  });
});
