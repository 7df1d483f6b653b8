/** What BITRIX_EVENTS_KEY does to the commands, and the commands that look after the store. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileStore } from '../../src/store/file-store.ts';
import { parseKeys } from '../../src/records/keys.ts';
import { aCli, aPortal, document } from '../cli/cli.ts';

const oldKey = Buffer.alloc(32, 1).toString('base64');
const newKey = Buffer.alloc(32, 2).toString('base64');
const [oldId, newId] = parseKeys(`${oldKey} ${newKey}`).map(({ id }) => id);

const secret = 'T0KEN';
const installation = {
  memberId: 'a223c6b3710f85df22e9377d6c4f7553',
  clientEndpoint: 'https://acme.bitrix24.com/rest/',
  clientId: 'local.1',
  tokens: { accessToken: `${secret}-access`, refreshToken: `${secret}-refresh` },
  seed: `${secret}-seed`,
  applicationToken: `${secret}-application`,
  scope: ['crm'],
  userId: 1,
  version: 2,
};

test('with a key the tokens of an apply are encrypted, and the next command needs the key', async () => {
  const [cli, emulator] = await aPortal();
  const env = { BITRIX_EVENTS_KEY: newKey };
  expect((await cli.run('apply --yes', { env })).code).toBe(0);
  const file = join(cli.directory, '.bitrix-events', `${emulator.memberId}.json`);
  const text = await readFile(file, 'utf8');
  expect(text).not.toContain(emulator.accessToken);
  expect(text).not.toContain(emulator.refreshToken);
  expect((await cli.run('check', { env })).code).toBe(0);
  const without = await cli.run('check');
  expect(without.code).toBe(1);
  expect(without.err).toMatch(
    /^Error: the tokens in '.*' are encrypted, with key [0-9a-f]{16}, .*\[no-key\]\n {2}It was left/,
  );
  expect((await cli.run('check', { env: { BITRIX_EVENTS_KEY: oldKey } })).err).toContain('[wrong-key]');
  expect(await readFile(file, 'utf8')).toBe(text);
});

test('a key in the .env beside the manifest counts too', async () => {
  const [cli, emulator] = await aPortal();
  await cli.write('.env', `BITRIX_EVENTS_KEY=${newKey}\n`);
  expect((await cli.run('apply --yes')).code).toBe(0);
  expect(await cli.read(`.bitrix-events/${emulator.memberId}.json`)).toContain('"encrypted"');
});

test.for([
  ['', 'the list of encryption keys is empty'],
  [`${newKey}SECRET`, 'encryption key is not base64'],
  [newKey.slice(8), 'encryption key has 26 bytes, it takes 32'],
])('the key %j stops a command before anything is written', async ([key = '', message]) => {
  const [cli] = await aPortal();
  const ran = await cli.run('apply --yes', { env: { BITRIX_EVENTS_KEY: key } });
  expect([ran.code, ran.out]).toEqual([1, '']);
  expect(ran.err).toContain(`Error: ${message}  [invalid-key]\n`);
  if (key !== '') expect(ran.err).not.toContain(key.slice(0, 20));
  await expect(cli.read('.bitrix-events/.gitignore')).rejects.toThrow('ENOENT');
});

test('store list shows who is in the store and how it is kept, and no secret', async () => {
  const cli = await aCli();
  expect(await cli.run('store list')).toEqual({ code: 0, out: 'The store is empty.\n', err: '' });
  const directory = join(cli.directory, '.bitrix-events');
  const other = { ...installation, memberId: 'b', clientEndpoint: 'https://b.bitrix24.de/rest/' };
  await openFileStore(directory, { keys: parseKeys(newKey) }).write(installation);
  await openFileStore(directory).write(other);
  expect(await cli.run('store list')).toEqual({
    code: 0,
    out: `a223c6b3710f85df22e9377d6c4f7553  ?              encrypted, its key was not given
b                                 b.bitrix24.de  tokens in the clear

2 installations
`,
    err: '',
  });
  const env = { BITRIX_EVENTS_KEY: `${oldKey},${newKey}` };
  expect((await cli.run('store list', { env })).out).toContain('acme.bitrix24.com  encrypted with an older key\n');
  const json = await cli.run('store list --format json', { env });
  const facts = { clientId: 'local.1', userId: 1, version: 2, scope: ['crm'] };
  expect(document(json)).toEqual({
    format: 1,
    installations: [
      {
        memberId: installation.memberId,
        clientEndpoint: installation.clientEndpoint,
        ...facts,
        encryption: 'other-key',
      },
      { memberId: 'b', clientEndpoint: other.clientEndpoint, ...facts, encryption: 'none' },
    ],
  });
  expect(json.out).not.toContain(secret);
});

test('store list names a damaged record and lists the others', async () => {
  const cli = await aCli();
  await openFileStore(join(cli.directory, 'tokens')).write(installation);
  await cli.write('tokens/b.json', `{"tokens":"${secret}"`);
  const ran = await cli.run('store list --store file:tokens');
  expect(ran.code).toBe(1);
  expect(ran.out).toContain('acme.bitrix24.com  tokens in the clear\n');
  expect(ran.out).toMatch(/\nb +\? +'.*b\.json' cannot be read: it is no JSON {2}\[damaged-store\]\n/);
  const json = document(await cli.run('store list --store file:tokens --format json'));
  expect(json).toMatchObject({ installations: [{}, { memberId: 'b', error: { code: 'damaged-store' } }] });
  expect(ran.out + JSON.stringify(json)).not.toContain(secret);
});

test('store reencrypt rotates the key: new one first, the old one until everything is rewritten', async () => {
  const cli = await aCli();
  const directory = join(cli.directory, '.bitrix-events');
  await openFileStore(directory, { keys: parseKeys(oldKey) }).write(installation);
  await openFileStore(directory).write({ ...installation, memberId: 'b' });
  const run = (keys: string, more = '') => cli.run(`store reencrypt ${more}`, { env: { BITRIX_EVENTS_KEY: keys } });
  expect(await run(`${newKey},${oldKey}`)).toEqual({
    code: 0,
    out: '2 encrypted with the first key, 0 were already, 0 failed.\n',
    err: '',
  });
  expect(document(await run(newKey, '--format json'))).toEqual({ format: 1, reencrypted: 0, unchanged: 2, failed: [] });
  const store = openFileStore(directory, { keys: parseKeys(newKey) });
  expect([await store.read(installation.memberId), await store.read('b')]).toEqual([
    installation,
    { ...installation, memberId: 'b' },
  ]);
});

test('store reencrypt without the old key leaves that record and fails', async () => {
  const cli = await aCli();
  const directory = join(cli.directory, '.bitrix-events');
  await openFileStore(directory, { keys: parseKeys(oldKey) }).write(installation);
  const env = { BITRIX_EVENTS_KEY: newKey };
  const ran = await cli.run('store reencrypt', { env });
  expect([ran.code, ran.out]).toEqual([1, '0 encrypted with the first key, 0 were already, 1 failed.\n']);
  expect(ran.err).toContain(`are encrypted with key ${oldId}; the keys given are ${newId}  [wrong-key]\n`);
  await openFileStore(directory).write({ ...installation, memberId: 'b' });
  const json = await cli.run('store reencrypt --format json', { env });
  expect(json.code).toBe(1);
  expect(document(json)).toMatchObject({
    reencrypted: 1,
    failed: [{ memberId: installation.memberId, error: { code: 'wrong-key' } }],
  });
  expect((await cli.run('store reencrypt')).err).toContain('[no-key]');
});

test('store reencrypt waits for a lock only as long as --timeout allows', async () => {
  const cli = await aCli();
  const store = openFileStore(join(cli.directory, '.bitrix-events'));
  await store.write(installation);
  const release = await store.lock(installation.memberId, 'apply');
  const ran = await cli.run('store reencrypt --timeout 0.1', { env: { BITRIX_EVENTS_KEY: newKey } });
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(/^Waiting for bitrix-events, process \d+ on .*\nError: .*\[locked\]\n/);
  await release();
});

test('help of the store commands has examples, and an unknown one suggests the right one', async () => {
  const cli = await aCli();
  expect((await cli.run('store list --help')).out).toContain('$ bitrix-events store list\n');
  expect((await cli.run('store reencrypt --help')).out).toContain('bitrix-events store reencrypt\n');
  expect((await cli.run('store --help')).out).toContain('$ bitrix-events store list\n');
  const typo = await cli.run('store reencrpt');
  expect([typo.code, typo.err]).toEqual([1, expect.stringContaining('Did you mean reencrypt?')]);
});

test('a portal whose address is sealed is not called unknown when the key is missing', async () => {
  const [cli, emulator] = await aPortal();
  expect((await cli.run('plan', { env: { BITRIX_EVENTS_KEY: oldKey } })).code).toBe(0);
  const without = { BITRIX24_ACCESS_TOKEN: '', BITRIX24_REFRESH_TOKEN: '', BITRIX24_MEMBER_ID: '' };
  const select = `plan --portal ${emulator.domain}`;
  expect((await cli.run(select, { env: without })).err).toContain('[no-key]');
  expect((await cli.run(select, { env: { ...without, BITRIX_EVENTS_KEY: newKey } })).err).toContain('[wrong-key]');
  expect((await cli.run(select, { env: { ...without, BITRIX_EVENTS_KEY: oldKey } })).code).toBe(0);
});
