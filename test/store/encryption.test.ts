/** Tokens at rest: which keys there are, what stands in the file, who can open it, and what is never lost. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { compactDecrypt, CompactEncrypt, decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Installation } from '../../src/installation/installation.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import { parseKeys } from '../../src/records/keys.ts';
import { reencryptStore } from '../../src/records/reencrypt.ts';

const oldText = Buffer.alloc(32, 1).toString('base64');
const newText = Buffer.alloc(32, 2).toString('base64');
const oldKeys = parseKeys(oldText);
const newKeys = parseKeys(newText);
const bothKeys = parseKeys(`${newText},${oldText}`);

const secret = 'T0KEN';
const full: Installation = {
  memberId: 'a223c6b3710f85df22e9377d6c4f7553',
  clientEndpoint: 'https://acme.bitrix24.com/rest/',
  clientId: 'local.1.2',
  tokens: { accessToken: `${secret}-access`, refreshToken: `${secret}-refresh`, expires: 1_800_000_000 },
  seed: 'digest',
  applicationToken: `${secret}-application`,
  scope: ['crm', 'task'],
  userId: 1,
  isAdmin: true,
  spare: [{ tokens: { accessToken: `${secret}-spare`, refreshToken: `${secret}-spare` }, userId: 2, isSystem: true }],
  version: 3,
  server: 'https://oauth.bitrix.info',
  installedAt: 1_700_000_000,
};
const { tokens: _tokens, spare: _spare, applicationToken: _applicationToken, ...facts } = full;
const small: Installation = {
  memberId: 'b',
  clientEndpoint: 'https://b.bitrix24.com/rest/',
  clientId: '',
  tokens: { accessToken: `${secret}-b` },
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bitrix-events-encryption-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const fileOf = (memberId: string): string => join(directory, `${memberId}.json`);
const textOf = (memberId: string): Promise<string> => readFile(fileOf(memberId), 'utf8');
const jsonOf = async (memberId: string): Promise<Record<string, unknown>> =>
  JSON.parse(await textOf(memberId)) as Record<string, unknown>;

async function edit(memberId: string, change: (json: Record<string, unknown>) => object): Promise<string> {
  const text = JSON.stringify(change(await jsonOf(memberId)));
  await writeFile(fileOf(memberId), text);
  return text;
}

/** What is sealed in a record, by the key of these bytes. */
async function sealedIn(memberId: string, keyByte = 2): Promise<Record<string, unknown>> {
  const { plaintext } = await compactDecrypt(String((await jsonOf(memberId))['encrypted']), Buffer.alloc(32, keyByte));
  return JSON.parse(new TextDecoder().decode(plaintext)) as Record<string, unknown>;
}

function sealedFor(memberId: string, plaintext: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(plaintext))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: newKeys[0]?.id ?? '', member_id: memberId })
    .encrypt(Buffer.alloc(32, 2));
}

async function failure(work: Promise<unknown> | (() => unknown)): Promise<Record<string, unknown>> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (error instanceof Error)
      return { code: Reflect.get(error, 'code'), message: error.message, hint: Reflect.get(error, 'hint') };
  }
  return { code: undefined };
}

describe('a key', () => {
  const hint =
    'BITRIX_EVENTS_KEY takes 32 random bytes in base64; openssl rand -base64 32 makes them. Leave it unset to store tokens in the clear';
  const good = Buffer.from([...Array(31).fill(0xfb), 0xef]).toString('base64');

  it.each([
    ['base64', good],
    ['base64 without its =', good.replace('=', '')],
    ['base64url', good.replaceAll('+', '-').replaceAll('/', '_')],
    ['space around it', ` ${good}\n`],
  ])('may come as %s, always under the same name', (_, text) => {
    expect(parseKeys(text).map(({ id }) => id)).toEqual([parseKeys(good)[0]?.id]);
  });

  it('may have others after it', () => {
    const ids = [newKeys[0]?.id, oldKeys[0]?.id];
    expect(new Set(ids).size).toBe(2);
    for (const gap of [',', ' ', '\n', ', '])
      expect(parseKeys(`${newText}${gap}${oldText}`).map(({ id }) => id)).toEqual(ids);
  });

  it.each([
    ['', 'the list of encryption keys is empty'],
    [' , ', 'the list of encryption keys is empty'],
    ['SECRET!SECRET', 'encryption key is not base64'],
    [`${newText},SECRETSECRET`, 'encryption key 2 of 2 has 9 bytes, it takes 32'],
    [`${newText.slice(0, 43)}a`, 'encryption key has 33 bytes, it takes 32'],
    [newText.slice(0, 40), 'encryption key has 30 bytes, it takes 32'],
    // One bit after the last whole byte: a letter of it is wrong.
    [`${newText.slice(0, 42)}J=`, 'encryption key is not base64'],
  ])('cannot be %j', async (text, message) => {
    expect(await failure(() => parseKeys(text))).toEqual({ code: 'invalid-key', message, hint });
  });

  it('is not shown by printing it', () => {
    const shown = `${inspect(newKeys, { depth: 9, showHidden: true })}${JSON.stringify(newKeys)}`;
    expect(shown).not.toContain(newText.slice(0, 20));
    expect(shown).not.toContain(Buffer.alloc(32, 2).toString('hex').slice(0, 20));
    expect(newText).not.toContain(newKeys[0]?.id ?? newText);
  });
});

describe('an encrypted store', () => {
  it('gives back what was written', async () => {
    const store = openFileStore(directory, { keys: newKeys });
    await store.write(full);
    await store.write(small);
    expect([await store.read(full.memberId), await store.read('b')]).toEqual([full, small]);
  });

  it('keeps everything out of the file but whose it is', async () => {
    await openFileStore(directory, { keys: newKeys }).write(full);
    const { encrypted, ...json } = await jsonOf(full.memberId);
    expect(json).toEqual({ format: 'bitrix-events-installation', formatVersion: 2, memberId: full.memberId });
    expect(await textOf(full.memberId)).not.toContain(secret);
    expect(String(encrypted).split('.')).toHaveLength(5);
  });

  it('is compact JWE that others can open, bound to key and portal', async () => {
    await openFileStore(directory, { keys: newKeys }).write(full);
    const { encrypted } = await jsonOf(full.memberId);
    expect(decodeProtectedHeader(String(encrypted))).toEqual({
      alg: 'dir',
      enc: 'A256GCM',
      kid: newKeys[0]?.id,
      member_id: full.memberId,
    });
    const { plaintext } = await compactDecrypt(String(encrypted), Buffer.alloc(32, 2));
    const { memberId: _, ...rest } = full;
    expect(JSON.parse(new TextDecoder().decode(plaintext))).toEqual(rest);
  });

  it('never writes the same text twice', async () => {
    const store = openFileStore(directory, { keys: newKeys });
    await store.write(small);
    const first = await jsonOf('b');
    await store.write(small);
    expect((await jsonOf('b'))['encrypted']).not.toBe(first['encrypted']);
  });

  it('reads what is in the clear, and encrypts it with the next write', async () => {
    await openFileStore(directory).write(full);
    await edit(full.memberId, (json) => ({ ...json, colour: 'later' }));
    const store = openFileStore(directory, { keys: newKeys });
    expect(await store.read(full.memberId)).toEqual(full);
    await store.write({ ...full, userId: 7 });
    expect(await textOf(full.memberId)).not.toContain(secret);
    expect(await textOf(full.memberId)).not.toMatch(/acme|later/);
    expect(await sealedIn(full.memberId)).toMatchObject({ colour: 'later', userId: 7 });
    expect(await store.read(full.memberId)).toEqual({ ...full, userId: 7 });
  });

  it('keeps what a newer version sealed sealed, and what it left in the clear there', async () => {
    const store = openFileStore(directory, { keys: newKeys });
    await store.write(small);
    const inside = await sealedIn('b');
    const encrypted = await sealedFor('b', JSON.stringify({ ...inside, colour: secret }));
    await edit('b', (json) => ({ ...json, encrypted, taste: 'sweet' }));
    await openFileStore(directory, { keys: parseKeys(`${oldText} ${newText}`) }).write({ ...small, userId: 7 });
    expect(await textOf('b')).not.toContain(secret);
    expect(await jsonOf('b')).toMatchObject({ taste: 'sweet', formatVersion: 2 });
    expect(await sealedIn('b', 1)).toMatchObject({ colour: secret, userId: 7 });
  });

  it('believes no address that somebody put beside what is sealed', async () => {
    const store = openFileStore(directory, { keys: newKeys });
    await store.write(small);
    await edit('b', (json) => ({ ...json, formatVersion: 1, clientEndpoint: 'https://evil.example/rest/' }));
    expect(await store.read('b')).toEqual(small);
  });

  it('opens with any key of the list and writes with the first', async () => {
    await openFileStore(directory, { keys: oldKeys }).write(full);
    const store = openFileStore(directory, { keys: bothKeys });
    expect(await store.read(full.memberId)).toEqual(full);
    await store.write(full);
    expect(await openFileStore(directory, { keys: newKeys }).read(full.memberId)).toEqual(full);
    expect((await failure(openFileStore(directory, { keys: oldKeys }).read(full.memberId)))['code']).toBe('wrong-key');
  });

  it.each([
    [
      'no key',
      [],
      'no-key',
      (file: string) => `the tokens in '${file}' are encrypted, with key ${newKeys[0]?.id}, and no key was given`,
      'It was left as it is. Set BITRIX_EVENTS_KEY to the key that encrypted it',
    ],
    [
      'another key',
      oldKeys,
      'wrong-key',
      (file: string) =>
        `the tokens in '${file}' are encrypted with key ${newKeys[0]?.id}; the keys given are ${oldKeys[0]?.id}`,
      'It was left as it is. Add the key that encrypted it to the list in BITRIX_EVENTS_KEY, after the first one',
    ],
  ])('with %s is neither read nor written over', async (_, keys, code, message, hint) => {
    await openFileStore(directory, { keys: newKeys }).write(small);
    const before = await textOf('b');
    const store = openFileStore(directory, { keys });
    const expected = { code, message: message(fileOf('b')), hint };
    expect(await failure(store.read('b'))).toEqual(expected);
    expect(await failure(store.write(small))).toEqual(expected);
    expect(await textOf('b')).toBe(before);
  });

  it.each([
    ['no JWE', () => `${secret}.${secret}`, 'what should be its encrypted tokens is something else'],
    ['a JWE without kid', () => 'e30....', 'what should be its encrypted tokens is something else'],
    [
      'a changed letter',
      (jwe: string) => jwe.replace(/\.[^.]{4}([^.]*\.[^.]*)$/, '.AAAA$1'),
      'its encrypted tokens have been changed',
    ],
    [
      'another portal’s',
      () => sealedFor('c', '{"tokens":{"accessToken":"x"}}'),
      'its encrypted tokens belong to another portal',
    ],
    ['no tokens inside', () => sealedFor('b', '{}'), `'tokens' is missing`],
    ['no JSON inside', () => sealedFor('b', secret), `'tokens' is missing`],
    ['a number', () => 7, `'encrypted' is not what it should be`],
  ])('names what is damaged and leaves it: %s', async (_, change, why) => {
    const store = openFileStore(directory, { keys: newKeys });
    await store.write(small);
    const { encrypted } = await jsonOf('b');
    const changed = await change(String(encrypted));
    const text = await edit('b', (json) => ({ ...json, encrypted: changed }));
    const found = await failure(store.read('b'));
    expect(found).toMatchObject({ code: 'damaged-store', message: `'${fileOf('b')}' cannot be read: ${why}` });
    expect(JSON.stringify(found)).not.toContain(secret);
    expect(await textOf('b')).toBe(text);
  });

  it('does not choose between encrypted tokens and others in the clear', async () => {
    const store = openFileStore(directory, { keys: newKeys });
    await store.write(small);
    await edit('b', (json) => ({ ...json, tokens: { accessToken: 'planted' } }));
    expect(await failure(store.read('b'))).toMatchObject({
      code: 'damaged-store',
      message: `'${fileOf('b')}' cannot be read: it has tokens both encrypted and in the clear`,
    });
  });

  it('tells without any key whose records there are, and the rest with it', async () => {
    await openFileStore(directory, { keys: newKeys }).write(full);
    await openFileStore(directory).write(small);
    const look = (keys: typeof newKeys, memberId = full.memberId) =>
      openFileStore(directory, { keys }).inspect(memberId);
    const unknown = { memberId: full.memberId, encryption: 'unknown-key', isOpen: false };
    expect([await look([]), await look(oldKeys)]).toEqual([unknown, unknown]);
    expect(await look(newKeys)).toEqual({ ...facts, encryption: 'first-key', isOpen: false });
    const reversed = parseKeys(`${oldText} ${newText}`);
    expect(await look(reversed)).toEqual({ ...facts, encryption: 'other-key', isOpen: false });
    const { tokens: _, ...known } = small;
    expect(await look(oldKeys, 'b')).toEqual({ ...known, encryption: 'none', isOpen: true });
    expect(await look([], 'c')).toBeUndefined();
  });
});

describe('re-encrypting a store', () => {
  it('brings every record under the first key, once', async () => {
    await openFileStore(directory, { keys: oldKeys }).write(full);
    await openFileStore(directory).write(small);
    await openFileStore(directory, { keys: newKeys }).write({ ...small, memberId: 'c' });
    const store = openFileStore(directory, { keys: bothKeys });
    expect(await reencryptStore(store)).toEqual({ reencrypted: 2, unchanged: 1, failed: [] });
    expect(await reencryptStore(store)).toEqual({ reencrypted: 0, unchanged: 3, failed: [] });
    const alone = openFileStore(directory, { keys: newKeys });
    expect([await alone.read(full.memberId), await alone.read('b')]).toEqual([full, small]);
  });

  it('does a hundred records at once as well as one', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `p${index}`);
    for (const memberId of ids) await openFileStore(directory, { keys: oldKeys }).write({ ...small, memberId });
    const store = openFileStore(directory, { keys: bothKeys });
    expect(await reencryptStore(store)).toEqual({ reencrypted: 100, unchanged: 0, failed: [] });
    expect(await reencryptStore(openFileStore(directory, { keys: newKeys }))).toEqual({
      reencrypted: 0,
      unchanged: 100,
      failed: [],
    });
    expect((await readdir(directory)).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it('seals the address beside tokens that are under the first key already', async () => {
    const store = openFileStore(directory, { keys: newKeys });
    await writeFile(
      fileOf('b'),
      JSON.stringify({
        format: 'bitrix-events-installation',
        formatVersion: 1,
        memberId: 'b',
        clientEndpoint: small.clientEndpoint,
        encrypted: await sealedFor('b', JSON.stringify({ tokens: small.tokens })),
      }),
    );
    expect(await reencryptStore(store)).toEqual({ reencrypted: 1, unchanged: 0, failed: [] });
    expect(await textOf('b')).not.toContain('b.bitrix24.com');
    expect(await store.read('b')).toEqual(small);
  });

  it('leaves what it cannot read, says so, and does the others', async () => {
    await openFileStore(directory, { keys: oldKeys }).write(full);
    await openFileStore(directory).write(small);
    await openFileStore(directory).write({ ...small, memberId: 'c' });
    await writeFile(fileOf('c'), '{');
    const before = await textOf(full.memberId);
    const { failed, ...counts } = await reencryptStore(openFileStore(directory, { keys: newKeys }));
    expect(counts).toEqual({ reencrypted: 1, unchanged: 0 });
    expect(Object.fromEntries(failed.map(({ memberId, error }) => [memberId, error.code]))).toEqual({
      [full.memberId]: 'wrong-key',
      c: 'damaged-store',
    });
    expect([await textOf(full.memberId), await textOf('c')]).toEqual([before, '{']);
  });

  it.each(['apply', 'tokens'] as const)('waits for whoever holds the lock %s', async (name) => {
    const store = openFileStore(directory, { keys: newKeys });
    await openFileStore(directory).write(small);
    const release = await store.lock('b', name);
    const abort = new AbortController();
    const done = reencryptStore(store, { signal: abort.signal, onWait: () => abort.abort() });
    const { reencrypted, failed } = await done;
    expect([reencrypted, failed.map(({ error }) => error.code)]).toEqual([0, ['locked']]);
    expect(await textOf('b')).toContain(secret);
    await release();
    expect((await reencryptStore(store)).reencrypted).toBe(1);
  });

  it('needs a key', async () => {
    expect(await failure(reencryptStore(openFileStore(directory)))).toEqual({
      code: 'no-key',
      message: 'there is no key to encrypt the store with',
      hint: 'Set BITRIX_EVENTS_KEY to 32 random bytes in base64; openssl rand -base64 32 makes them',
    });
  });
});
