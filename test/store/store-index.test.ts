/** Finding installations by address or token pair: what is found, what it costs, and that nothing is missed whoever wrote it. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Installation } from '../../src/installation/installation.ts';
import { pairDigest } from '../../src/installation/pair-digest.ts';
import type { InstallationQuery } from '../../src/installation/store.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import { changedRecords } from '../../src/store/index-mark.ts';
import { parseKeys } from '../../src/records/keys.ts';
import { reencryptStore } from '../../src/records/reencrypt.ts';

const oldText = Buffer.alloc(32, 1).toString('base64');
const newText = Buffer.alloc(32, 2).toString('base64');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bitrix-events-index-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (keys?: string) => openFileStore(directory, { keys: keys === undefined ? [] : parseKeys(keys) });
const fileOf = (memberId: string): string => join(directory, `${memberId}.json`);

function installed(memberId: string, domain = `${memberId}.bitrix24.com`, seed?: string): Installation {
  return {
    memberId,
    clientEndpoint: `https://${domain}/rest/`,
    clientId: 'local.1',
    tokens: { accessToken: 'access' },
    ...(seed === undefined ? {} : { seed }),
  };
}

/** As a version would that knows of no index. */
async function writeAsBefore(installation: Installation): Promise<void> {
  const json = { format: 'bitrix-events-installation', formatVersion: 1, ...installation };
  await writeFile(fileOf(installation.memberId), JSON.stringify(json));
}

async function entries(): Promise<readonly string[]> {
  const names = await readdir(join(directory, '.index'), { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile() && entry.name !== 'whole.json').map(({ name }) => name);
}

const spaces = async () => (await readdir(join(directory, '.index'))).sort();

it('finds by host and port in whatever case, and by the digest of a pair with or without an address after it', async () => {
  const digests = [pairDigest('a', 'r'), pairDigest('b', 'r')] as const;
  const store = open();
  await store.write(installed('a', 'Acme.Bitrix24.com', digests[0]));
  await store.write(installed('b', 'portal.example:8443', `${digests[1]} https://portal.example:8443/rest/`));
  await store.write(installed('c'));
  const find = async (query: InstallationQuery) => (await store.find(query))?.toSorted();
  expect([
    await find({ domain: 'acme.bitrix24.com' }),
    await find({ domain: 'ACME.bitrix24.com' }),
    await find({ domain: 'portal.example:8443' }),
    await find({ domain: 'portal.example' }),
    await find({ seed: digests[0] }),
    await find({ seed: digests[1] }),
    await find({ seed: pairDigest('c', 'r') }),
  ]).toEqual([['a'], ['a'], ['b'], [], ['a'], ['b'], []]);
});

it('finds all that fit', async () => {
  const store = open();
  for (const memberId of ['a', 'b', 'c']) await store.write(installed(memberId, 'same.bitrix24.com'));
  expect((await store.find({ domain: 'same.bitrix24.com' }))?.toSorted()).toEqual(['a', 'b', 'c']);
});

it('names nobody that does not fit any more', async () => {
  const store = open();
  await store.write(installed('a', 'old.bitrix24.com', 'x'));
  await store.write(installed('b'));
  await store.write(installed('a', 'new.bitrix24.com', 'y'));
  await store.remove('b');
  const queries = [{ domain: 'old.bitrix24.com' }, { seed: 'x' }, { domain: 'b.bitrix24.com' }];
  for (const query of queries) expect(await store.find(query)).toEqual([]);
  expect(await store.find({ domain: 'new.bitrix24.com' })).toEqual(['a']);
  expect((await entries()).map((name) => name.split('.')[1])).toEqual(['a', 'a']);
});

it('names nobody beside those that fit, and on a miss those whom nobody can read', async () => {
  const store = open();
  for (const memberId of ['a', 'b', 'c']) await store.write(installed(memberId));
  await writeFile(fileOf('b'), '{');
  expect(await store.find({ domain: 'a.bitrix24.com' })).toEqual(['a']);
  // It cannot be known whether this is the one.
  expect(await store.find({ domain: 'x.bitrix24.com' })).toEqual(['b']);
  await writeAsBefore(installed('b'));
  expect(await store.find({ domain: 'x.bitrix24.com' })).toEqual([]);
});

it('reads on a miss only what changed since the index was whole, or could not be read then', async () => {
  await writeAsBefore(installed('a'));
  await writeAsBefore(installed('b'));
  const { ctimeMs } = await stat(fileOf('b'));
  const changed = async (beganAtMs: number, unreadable: readonly string[] = []) =>
    (await changedRecords({ fileOf }, ['a', 'b', 'gone'], { beganAtMs, unreadable }, ctimeMs + 60_000)).toSorted();
  expect(await changed(ctimeMs + 2_001)).toEqual([]);
  expect(await changed(ctimeMs + 2_001, ['a', 'gone'])).toEqual(['a']);
  // A file system may date in steps of two seconds.
  expect(await changed(ctimeMs + 2_000)).toContain('b');
});

it('finds what a version without an index wrote, renamed or seeded', async () => {
  const store = open();
  await store.write(installed('a', 'a.bitrix24.com', 'x'));
  expect(await store.find({ seed: 'y' })).toEqual([]);
  await writeAsBefore(installed('b'));
  await writeAsBefore(installed('a', 'renamed.bitrix24.com', 'y'));
  expect(await store.find({ domain: 'b.bitrix24.com' })).toEqual(['b']);
  expect(await store.find({ domain: 'renamed.bitrix24.com' })).toEqual(['a']);
  expect(await store.find({ seed: 'y' })).toEqual(['a']);
  expect(await store.find({ domain: 'a.bitrix24.com' })).toEqual([]);
});

it('finds who took over the address of another one, also when a version without an index wrote both', async () => {
  const store = open();
  await store.write(installed('a', 'a.bitrix24.com'));
  await writeAsBefore(installed('a', 'moved.bitrix24.com'));
  await writeAsBefore(installed('b', 'a.bitrix24.com'));
  expect(await store.find({ domain: 'a.bitrix24.com' })).toEqual(['b']);
});

it('finds what was copied from a backup with its old date', async () => {
  const store = open();
  await store.write(installed('a'));
  expect(await store.find({ seed: 'y' })).toEqual([]);
  await writeAsBefore(installed('b'));
  await utimes(fileOf('b'), 1, 1);
  expect(await store.find({ domain: 'b.bitrix24.com' })).toEqual(['b']);
});

it('believes no mark from the future, and none that makes no sense', async () => {
  const store = open();
  await writeAsBefore(installed('a'));
  expect(await store.find({ seed: 'y' })).toEqual([]);
  const mark = join(directory, '.index', 'plain', 'whole.json');
  for (const text of ['{"beganAtMs":9e15,"unreadable":[]}', '{"beganAtMs":1e18}', '', 'null', '[]']) {
    for (const bucket of (await readdir(join(directory, '.index', 'plain'))).filter((name) => name.length === 2)) {
      await rm(join(directory, '.index', 'plain', bucket), { recursive: true });
    }
    await writeFile(mark, text);
    expect(await store.find({ domain: 'a.bitrix24.com' })).toEqual(['a']);
  }
});

it('builds what is not there, and makes nothing for a store that is not there', async () => {
  const store = open();
  expect(await store.find({ domain: 'a.bitrix24.com' })).toEqual([]);
  expect(await readdir(directory)).toEqual([]);
  for (let index = 0; index < 50; index += 1) await writeAsBefore(installed(`p${index}`));
  expect(await store.find({ domain: 'p49.bitrix24.com' })).toEqual(['p49']);
  expect((await entries()).length).toBe(50);
});

it('tells that it cannot tell, and writes all the same, where the file system refuses', async () => {
  await writeFile(join(directory, '.index'), 'no folder');
  const store = open();
  await store.write(installed('a'));
  expect(await store.read('a')).toEqual(installed('a'));
  expect(await store.find({ domain: 'a.bitrix24.com' })).toBeUndefined();
  await store.remove('a');
  expect(await store.read('a')).toBeUndefined();
});

it('says no address where there is a key, to whoever sees the folder', async () => {
  await open(newText).write(installed('a', 'a.bitrix24.com', 'x'));
  const hashes = ['domain:a.bitrix24.com', 'seed:x'].map((term) => createHash('sha256').update(term).digest('hex'));
  const names = await readdir(join(directory, '.index'), { recursive: true });
  for (const hash of hashes) expect(names.join().replaceAll('/', '')).not.toContain(hash.slice(0, 32));
  expect(await spaces()).toEqual([parseKeys(newText)[0]?.id]);
  expect(await open(newText).find({ seed: 'x' })).toEqual(['a']);
});

it('finds what was written with any of the keys given, and with none', async () => {
  await open().write(installed('a'));
  await open(oldText).write(installed('b'));
  await open(newText).write(installed('c'));
  const store = open(`${newText} ${oldText}`);
  const found = await Promise.all(['a', 'b', 'c'].map((id) => store.find({ domain: `${id}.bitrix24.com` })));
  expect(found).toEqual([['a'], ['b'], ['c']]);
});

it('names those that none of the keys opens when nothing else fits: one of them may be meant', async () => {
  await open(oldText).write(installed('a'));
  await open(newText).write(installed('b'));
  expect(await open(newText).find({ domain: 'a.bitrix24.com' })).toEqual(['a']);
  expect(await open(newText).find({ domain: 'b.bitrix24.com' })).toEqual(['b']);
  expect((await open().find({ domain: 'x.bitrix24.com' }))?.toSorted()).toEqual(['a', 'b']);
});

it('leaves nothing of an older key, or of none, once everything is under the new one', async () => {
  await open().write(installed('a'));
  await open(oldText).write(installed('b'));
  expect(await open(oldText).find({ domain: 'x.bitrix24.com' })).toEqual([]);
  const store = open(`${newText} ${oldText}`);
  await store.write(installed('a'));
  expect(
    (await readdir(join(directory, '.index', 'plain'), { recursive: true })).filter((name) => name.endsWith('.a')),
  ).toEqual([]);
  expect(await reencryptStore(store)).toMatchObject({ reencrypted: 1, unchanged: 1, failed: [] });
  expect(await spaces()).toEqual([parseKeys(newText)[0]?.id]);
  expect(await store.find({ domain: 'b.bitrix24.com' })).toEqual(['b']);
});

it('finds, in whatever order things happen, somebody whenever somebody fits, and nobody who does not', async () => {
  const memberId = fc.constantFrom('a', 'b', 'c', 'd');
  const value = fc.record({
    memberId,
    domain: fc.constantFrom('x.com', 'y.com'),
    seed: fc.constantFrom(undefined, 's', 't'),
  });
  const step = fc.oneof(
    value.map((to) => ({ kind: 'write', ...to }) as const),
    value.map((to) => ({ kind: 'write as before', ...to }) as const),
    memberId.map((id) => ({ kind: 'remove', memberId: id }) as const),
    memberId.map((id) => ({ kind: 'remove as before', memberId: id }) as const),
    fc
      .constantFrom({ domain: 'x.com' }, { domain: 'y.com' }, { seed: 's' }, { seed: 't' })
      .map((query) => ({ kind: 'find', query }) as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      await rm(directory, { recursive: true, force: true });
      const store = open();
      await store.write(installed('z'));
      const known = new Map<string, { readonly domain: string; readonly seed: string | undefined }>();
      for (const one of steps) {
        if (one.kind === 'find') {
          const fits = [...known].filter(([, { domain, seed }]) =>
            'domain' in one.query ? domain === one.query.domain : seed === one.query.seed,
          );
          const found = await store.find(one.query);
          const ids = fits.map(([id]) => id);
          expect(ids).toEqual(expect.arrayContaining([...(found ?? ['?'])]));
          expect(found?.length === 0).toBe(ids.length === 0);
          continue;
        }
        if (one.kind === 'remove') await store.remove(one.memberId);
        if (one.kind === 'remove as before') await rm(fileOf(one.memberId), { force: true });
        if (one.kind === 'write') await store.write(installed(one.memberId, one.domain, one.seed));
        if (one.kind === 'write as before') await writeAsBefore(installed(one.memberId, one.domain, one.seed));
        if (one.kind.startsWith('remove')) known.delete(one.memberId);
        else if ('domain' in one) known.set(one.memberId, one);
      }
    }),
    { numRuns: 60 },
  );
});
