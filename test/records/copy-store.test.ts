/** A store copied into another one: whole, under its locks, resumable, and never over what is newer. */
import { describe, expect, test } from 'vitest';
import type { Installation } from '../../src/installation/installation.ts';
import { openMemoryStore } from '../../src/installation/memory-store.ts';
import type { Store } from '../../src/installation/store.ts';
import { copyStore } from '../../src/records/copy-store.ts';
import { full, idsOf, small } from '../support/store-laws.ts';

const withTokens = (installation: Installation, accessToken: string, expires?: number): Installation => ({
  ...installation,
  tokens: { accessToken, ...(expires === undefined ? {} : { expires }) },
});

const cautiously = { overwritesNewer: false };

async function allOf(store: Store): Promise<readonly (Installation | undefined)[]> {
  return Promise.all((await idsOf(store)).map((memberId) => store.read(memberId)));
}

describe('a copy', () => {
  test('has everything, keeps what the target had of its own, and leaves the source as it is', async () => {
    const source = openMemoryStore([full, small]);
    const target = openMemoryStore([{ ...small, memberId: 'c' }]);
    expect(await copyStore(source, target, cautiously)).toEqual({ copied: 2, unchanged: 0, failed: [], held: 3 });
    expect(await allOf(target)).toEqual([full, small, { ...small, memberId: 'c' }]);
    expect(await allOf(source)).toEqual([full, small]);
  });

  test('that was broken off goes on with what is left', async () => {
    const source = openMemoryStore([full, small]);
    const target = openMemoryStore([full]);
    expect(await copyStore(source, target, cautiously)).toMatchObject({ copied: 1, unchanged: 1, held: 2 });
    expect(await copyStore(source, target, cautiously)).toMatchObject({ copied: 0, unchanged: 2, held: 2 });
  });

  test.for([
    ['live longer there', withTokens(small, 'theirs', 200), withTokens(small, 'ours', 100), false],
    ['live as long there', withTokens(small, 'theirs', 100), withTokens(small, 'ours', 100), false],
    ['are of unknown age there', withTokens(small, 'theirs'), withTokens(small, 'ours', 100), false],
    ['are of unknown age here', withTokens(small, 'theirs', 100), withTokens(small, 'ours'), false],
    ['live shorter there', withTokens(small, 'theirs', 100), withTokens(small, 'ours', 200), true],
    ['are the same, and other facts are not', { ...small, userId: 1 }, small, true],
  ] as const)('writes over tokens that %s only where they are older: %#', async ([, there, here, isOlder]) => {
    const [source, target] = [openMemoryStore([here]), openMemoryStore([there])];
    const result = await copyStore(source, target, cautiously);
    expect(result).toMatchObject(
      isOlder ? { copied: 1, failed: [] } : { copied: 0, failed: [{ memberId: 'b', error: { code: 'newer-record' } }] },
    );
    expect(await allOf(target)).toEqual([isOlder ? here : there]);
    expect(await copyStore(source, target, { overwritesNewer: true })).toMatchObject({ failed: [] });
    expect(await allOf(target)).toEqual([here]);
  });

  test.for([
    ['source', 'apply'],
    ['source', 'tokens'],
    ['target', 'apply'],
    ['target', 'tokens'],
  ] as const)('waits for whoever works on a portal in the %s, on its %s', async ([where, name]) => {
    const stores = { source: openMemoryStore([small]), target: openMemoryStore() };
    const release = await stores[where].lock('b', name);
    const told: string[] = [];
    const copying = copyStore(stores.source, stores.target, {
      ...cautiously,
      onWait: ({ owner }) => {
        told.push(owner);
        void stores.source.read('b').then(release);
      },
    });
    expect(await copying).toMatchObject({ copied: 1 });
    expect(told).toEqual(['this process']);
    await release();
    const again = await stores[where].lock('b', name);
    const late = await copyStore(stores.source, stores.target, { ...cautiously, signal: AbortSignal.abort() });
    expect(late).toMatchObject({ copied: 0, failed: [{ memberId: 'b', error: { code: 'locked' } }], held: 1 });
    await again();
  });

  test('that does not come back as it was written is no copy', async () => {
    const forgetful = openMemoryStore();
    const target: Store = {
      ...forgetful,
      write: (installation) => forgetful.write({ ...installation, clientId: 'x' }),
    };
    expect(await copyStore(openMemoryStore([small]), target, cautiously)).toMatchObject({
      copied: 0,
      failed: [{ error: { code: 'damaged-store' } }],
    });
  });
});
