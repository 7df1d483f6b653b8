/** What every store promises (docs/own-store.md), as tests that take any store. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { changeInstallation } from '../../src/installation/change-installation.ts';
import { findInstallations } from '../../src/installation/find-installation.ts';
import type { Installation } from '../../src/installation/installation.ts';
import type { LockHolder, LockOptions, Store } from '../../src/installation/store.ts';
import type { InspectableStore } from '../../src/records/inspectable-store.ts';
import { parseKeys, type StoreKey } from '../../src/records/keys.ts';
import { reencryptStore } from '../../src/records/reencrypt.ts';

export interface OpenOptions {
  readonly keys?: readonly StoreKey[];
  readonly command?: string;
}

/** One empty place for records, which as many stores as one likes may be opened on, each as another process would. */
export interface Place {
  readonly open: (options?: OpenOptions) => InspectableStore;
  /** The text of a record as it is kept. */
  textOf(memberId: string): Promise<string>;
  /** Puts another text there, as if something else had written it. */
  rewrite(memberId: string, text: string): Promise<void>;
}

const oldText = Buffer.alloc(32, 1).toString('base64');
const newText = Buffer.alloc(32, 2).toString('base64');
export const oldKeys = parseKeys(oldText);
export const newKeys = parseKeys(newText);
const bothKeys = parseKeys(`${newText} ${oldText}`);

const secret = 'T0KEN';
export const full: Installation = {
  memberId: 'a223c6b3710f85df22e9377d6c4f7553',
  clientEndpoint: 'https://acme.bitrix24.com/rest/',
  clientId: 'local.1.2',
  tokens: { accessToken: `${secret}-access`, refreshToken: `${secret}-refresh`, expires: 1_800_000_000 },
  seed: 'a'.repeat(64),
  applicationToken: `${secret}-application`,
  scope: ['crm', 'task'],
  userId: 1,
  isAdmin: false,
  version: 3,
  server: 'https://oauth.bitrix.info',
  installedAt: 1_700_000_000,
};
export const small: Installation = {
  memberId: 'b',
  clientEndpoint: 'https://b.bitrix24.com/rest/',
  clientId: '',
  tokens: { accessToken: `${secret}-b` },
};

export async function idsOf(store: Store): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const id of store.memberIds()) ids.push(id);
  return ids.sort();
}

const foundIn = async (store: Store, domain: string): Promise<readonly string[]> =>
  (await findInstallations(store, { domain })).found.map(({ memberId }) => memberId);

/** @param aPlace an empty one, which is gone when the test has ended */
export function storeLaws(aPlace: () => Promise<Place>): void {
  test('gives back what was written, lists it and forgets it', async () => {
    const place = await aPlace();
    const store = place.open();
    expect([await idsOf(store), await store.read('b')]).toEqual([[], undefined]);
    await store.write(full);
    await store.write(small);
    const other = place.open();
    expect([await other.read(full.memberId), await other.read('b')]).toEqual([full, small]);
    expect(await idsOf(other)).toEqual([full.memberId, 'b']);
    await store.remove('b');
    await store.remove('b');
    expect([await idsOf(other), await other.read('b')]).toEqual([[full.memberId], undefined]);
  });

  test('keeps fields that a newer version wrote, in the clear and sealed', async () => {
    const place = await aPlace();
    await place.open().write(small);
    const record = JSON.parse(await place.textOf('b')) as object;
    await place.rewrite('b', JSON.stringify({ ...record, colour: { of: 'later' } }));
    await changeInstallation(place.open({ keys: newKeys }), 'b', (known) => known && { ...known, userId: 7 });
    await changeInstallation(place.open({ keys: newKeys }), 'b', (known) => known && { ...known, userId: 8 });
    expect(await place.textOf('b')).not.toContain('later');
    // Back in the clear on purpose, to see what was inside.
    const store = place.open({ keys: newKeys });
    expect(await store.read('b')).toEqual({ ...small, userId: 8 });
    expect(await store.inspect('b')).toMatchObject({ encryption: 'first-key', isOpen: false });
  });

  test('has neither an address nor a token in the clear where there is a key', async () => {
    const place = await aPlace();
    await place.open({ keys: newKeys }).write(full);
    const text = await place.textOf(full.memberId);
    for (const value of [secret, 'acme', 'bitrix24.com', 'oauth.bitrix.info', 'local.1.2', full.seed ?? '']) {
      expect(text).not.toContain(value);
    }
    await expect(place.open().read(full.memberId)).rejects.toMatchObject({ code: 'no-key' });
    await expect(place.open({ keys: oldKeys }).read(full.memberId)).rejects.toMatchObject({ code: 'wrong-key' });
    await expect(place.open({ keys: oldKeys }).write(full)).rejects.toMatchObject({ code: 'wrong-key' });
    expect(await place.open().inspect(full.memberId)).toEqual({
      memberId: full.memberId,
      encryption: 'unknown-key',
      isOpen: false,
    });
    expect(await place.textOf(full.memberId)).toBe(text);
  });

  test('rotates its key: both open, the new one seals, and then the old one is not needed', async () => {
    const place = await aPlace();
    await place.open({ keys: oldKeys }).write(full);
    await place.open().write(small);
    expect(await foundIn(place.open({ keys: bothKeys }), 'acme.bitrix24.com')).toEqual([full.memberId]);
    const store = place.open({ keys: bothKeys });
    expect(await reencryptStore(store)).toEqual({ reencrypted: 2, unchanged: 0, failed: [] });
    expect(await reencryptStore(store)).toEqual({ reencrypted: 0, unchanged: 2, failed: [] });
    const after = place.open({ keys: newKeys });
    expect([await after.read(full.memberId), await after.read('b')]).toEqual([full, small]);
    expect(await foundIn(after, 'b.bitrix24.com')).toEqual(['b']);
  });

  test.for([
    ['no JSON', '{"format":"bitrix-events-installation","formatVersion":1,"tok', 'damaged-store'],
    ['a newer format', '{"format":"bitrix-events-installation","formatVersion":3}', 'unsupported-store'],
  ] as const)('names a record it cannot read and leaves it as it is: %s', async ([, text, code]) => {
    const place = await aPlace();
    await place.open().write(small);
    await place.rewrite('b', text);
    await expect(place.open().read('b')).rejects.toMatchObject({ code, message: expect.stringContaining('b') });
    await expect(place.open().write(small)).rejects.toMatchObject({ code });
    expect(await place.textOf('b')).toBe(text);
  });

  test('sets a damaged record aside where another is to take its place, and says where it is', async () => {
    const place = await aPlace();
    const store = place.open();
    await store.write(small);
    await place.rewrite('b', 'half a rec');
    const told: string[] = [];
    await changeInstallation(store, 'b', () => ({ ...small, userId: 3 }), { onSetAside: (where) => told.push(where) });
    expect(told).toEqual([expect.stringContaining('damaged')]);
    expect([await store.read('b'), await store.setAside?.('c')]).toEqual([{ ...small, userId: 3 }, undefined]);
  });

  test.for(['../b', '', 'a.b', 'x'.repeat(65), "'; --"])('refuses %j as a member id', async (memberId) => {
    const store = (await aPlace()).open();
    const works = [
      store.read(memberId),
      store.write({ ...small, memberId }),
      store.remove(memberId),
      store.inspect(memberId),
      store.lock(memberId, 'apply'),
    ];
    const codes = await Promise.all(
      works.map((work) => work.then(String, (error: unknown) => Reflect.get(Object(error), 'code'))),
    );
    expect(codes).toEqual(works.map(() => 'invalid-member-id'));
  });

  test.for([[], newKeys])(
    'finds by address and by token pair whoever fits, and stops when they do not',
    async (keys) => {
      const store = (await aPlace()).open({ keys });
      await store.write(full);
      await store.write(small);
      await store.write({ ...small, memberId: 'c' });
      expect((await foundIn(store, 'b.bitrix24.com')).toSorted()).toEqual(['b', 'c']);
      expect(await foundIn(store, 'acme.bitrix24.com')).toEqual([full.memberId]);
      const bySeed = await findInstallations(store, { seed: full.seed ?? '' });
      expect(bySeed.found).toEqual([full]);
      await store.write({ ...small, clientEndpoint: 'https://moved.bitrix24.com/rest/' });
      expect(await foundIn(store, 'b.bitrix24.com')).toEqual(['c']);
      expect(await foundIn(store, 'moved.bitrix24.com')).toEqual(['b']);
      await store.remove('b');
      expect(await foundIn(store, 'moved.bitrix24.com')).toEqual([]);
    },
  );

  test('says that a key is missing where a sealed record may be the one that is searched for', async () => {
    const place = await aPlace();
    await place.open({ keys: oldKeys }).write(full);
    const { found, unread } = await findInstallations(place.open({ keys: newKeys }), { domain: 'acme.bitrix24.com' });
    expect([found, unread]).toMatchObject([[], { code: 'wrong-key' }]);
  });

  test('has a lock for each name of each portal, and the same one for everybody', async () => {
    const place = await aPlace();
    const [first, second] = [place.open({ command: 'first' }), place.open()];
    const release = await first.lock('b', 'apply');
    for (const [memberId, name] of [
      ['b', 'tokens'],
      ['c', 'apply'],
    ] as const) {
      await (await second.lock(memberId, name))();
      await (await first.lock(memberId, name))();
    }
    const told: LockHolder[] = [];
    const abort = new AbortController();
    const options: LockOptions = {
      signal: abort.signal,
      onWait: (holder) => {
        told.push(holder);
        abort.abort();
      },
    };
    await expect(second.lock('b', 'apply', options)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringMatching(/^portal 'b' is locked by first, process \d+ on \S+, since .* \(\d+ s\)$/),
    });
    expect(told).toEqual([{ owner: expect.stringMatching(/^first, process \d+/), ageMs: expect.any(Number) }]);
    // Within one process too, and told also when there is no time left.
    const inside: LockHolder[] = [];
    const late = { signal: AbortSignal.abort(), onWait: (holder: LockHolder) => inside.push(holder) };
    await expect(first.lock('b', 'apply', late)).rejects.toMatchObject({ code: 'locked' });
    expect(inside.map(({ owner }) => owner)).toEqual(told.map(({ owner }) => owner));
    await release();
    await release();
    await (await second.lock('b', 'apply', late))();
    expect(inside).toHaveLength(1);
  });

  test('lets one in at a time, whoever they are', async () => {
    const place = await aPlace();
    const stores = [place.open(), place.open(), place.open()];
    let inside = 0;
    let most = 0;
    const enter = async (store: Store): Promise<void> => {
      const release = await store.lock('b', 'apply');
      most = Math.max(most, ++inside);
      await new Promise((done) => setTimeout(done, 1));
      inside -= 1;
      await release();
    };
    await Promise.all(stores.flatMap((store) => Array.from({ length: 5 }, () => enter(store))));
    expect(most).toBe(1);
  });

  test('loses no change of many that are made at once', async () => {
    const place = await aPlace();
    const stores = [place.open(), place.open()];
    await stores[0]?.write({ ...small, userId: 0 });
    const count = (known: Installation | undefined) => known && { ...known, userId: (known.userId ?? 0) + 1 };
    await Promise.all(
      stores.flatMap((store) => Array.from({ length: 10 }, () => changeInstallation(store, 'b', count))),
    );
    expect(await place.open().read('b')).toEqual({ ...small, userId: 20 });
  });

  test('tells by when tokens were granted, whatever is written beside them', async () => {
    const place = await aPlace();
    const store = place.open();
    const between = async (from: number, before: number): Promise<readonly string[]> => {
      const ids: string[] = [];
      for await (const { memberId } of place.open({ keys: newKeys }).grantedBetween(from, before)) ids.push(memberId);
      return ids.sort();
    };
    const hour = 3_600_000;
    const granted = 1_800_000_000_000 - hour;
    const begun = Date.now() - 60_000;
    await store.write(full);
    // Nobody knows of this one, nor of one in another unit, so it counts from when it was written.
    await store.write(small);
    await store.write({ ...small, memberId: 'c', tokens: { accessToken: 'x', expires: 1e15 } });
    const ended = Date.now() + 60_000;
    expect(await between(granted, granted + 1)).toEqual([full.memberId]);
    expect(await between(granted - hour, granted)).toEqual([]);
    expect(await between(begun, ended)).toEqual(['b', 'c']);
    // A record that is sealed anew, and facts that change, make no token younger.
    await reencryptStore(place.open({ keys: newKeys }));
    await changeInstallation(place.open({ keys: newKeys }), full.memberId, (known) => known && { ...known, userId: 7 });
    expect(await between(granted, granted + 1)).toEqual([full.memberId]);
    const renewed = { accessToken: 'new', expires: 1_810_000_000 };
    await changeInstallation(
      place.open({ keys: newKeys }),
      full.memberId,
      (known) => known && { ...known, tokens: renewed },
    );
    expect(await between(granted, granted + 1)).toEqual([]);
    expect(await between(1_810_000_000_000 - hour, 1_810_000_000_000)).toEqual([full.memberId]);
    await place.rewrite('b', '{');
    expect(await between(0, 2 ** 42)).toEqual([full.memberId, 'c']);
  });

  test('can be closed, also unused and twice', async () => {
    const place = await aPlace();
    const store = place.open();
    await store.close();
    await store.write({ ...small, seed: randomUUID() });
    await store.close();
    await store.close();
    expect(await idsOf(place.open())).toEqual(['b']);
  });
}
