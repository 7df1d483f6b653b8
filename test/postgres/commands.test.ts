/** The commands over a store in PostgreSQL, as over one in files, and the way from one to the other. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileStore } from '../../src/store/file-store.ts';
import { aCli, anEmulator, aPortal, type Cli, document, manifestText, type Ran } from '../cli/cli.ts';
import { aDatabase, changed, runSql } from '../support/postgres.ts';
import { full, idsOf, newKeys, small } from '../support/store-laws.ts';
import { aStore } from './place.ts';
import { aPooler } from './pooler.ts';

const newKey = Buffer.alloc(32, 2).toString('base64');
const oldKey = Buffer.alloc(32, 1).toString('base64');

/** What was said, where nothing may say the password. */
function said(ran: Ran, url: string): Ran {
  expect(ran.out + ran.err).not.toContain(new URL(url).password);
  return ran;
}

test('plan, apply, check and store list work from the environment’s address, with the tokens sealed', async () => {
  const [cli, emulator] = await aPortal();
  const url = await aDatabase();
  const env = { BITRIX_EVENTS_STORE: url, BITRIX_EVENTS_KEY: newKey };
  const run = async (argv: string, more = {}) =>
    said(await cli.run(`${argv} --verbose`, { env: { ...env, ...more } }), url);
  expect((await run('plan --detailed-exitcode')).code).toBe(2);
  expect(await run('apply --yes')).toMatchObject({ code: 0 });
  expect(await run('apply --yes')).toMatchObject({ code: 0, out: expect.stringContaining('nchanged') });
  emulator.expireTokens();
  expect(await run('check')).toMatchObject({ code: 0 });
  // By the store alone, found by its domain.
  const alone = { BITRIX24_ACCESS_TOKEN: '', BITRIX24_REFRESH_TOKEN: '', BITRIX24_CLIENT_ENDPOINT: '' };
  expect(await run(`check --portal ${emulator.domain}`, alone)).toMatchObject({ code: 0 });
  const list = await run('store list --format json');
  expect(document(list)).toMatchObject({ installations: [{ memberId: emulator.memberId, encryption: 'first-key' }] });
  const [row] = await runSql(url, 'SELECT record FROM bitrix_events.installations');
  expect(row?.['record']).not.toContain(emulator.accessToken);
  expect(await run('check', { BITRIX_EVENTS_KEY: oldKey })).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^Error: the tokens in '\w+ in postgres:\/\/.*\[wrong-key\]\n/),
  });
  await expect(cli.read('.bitrix-events/.gitignore')).rejects.toThrow('ENOENT');
});

test('store reencrypt seals what was in the clear', async () => {
  const cli = await aCli();
  const url = await aDatabase();
  await aStore(url).write(full);
  const ran = await cli.run(`store reencrypt --store ${url}`, { env: { BITRIX_EVENTS_KEY: newKey } });
  expect(said(ran, url)).toEqual({
    code: 0,
    out: '1 encrypted with the first key, 0 were already, 0 failed.\n',
    err: '',
  });
  expect(await aStore(url, { keys: newKeys }).read(full.memberId)).toEqual(full);
});

test('login puts the tokens there', async () => {
  const [cli, emulator] = await aPortal();
  const url = await aDatabase();
  const argv = `login ${emulator.clientEndpoint} --code ${emulator.oauthCode()} --store ${url}`;
  expect(said(await cli.run(argv), url)).toMatchObject({ code: 0, out: expect.stringContaining('Logged in to') });
  expect(await idsOf(aStore(url))).toEqual([emulator.memberId]);
});

test('serve keeps an installation there', async () => {
  const emulator = await anEmulator({ outbound: 'send' });
  await emulator.uninstall();
  const { clientId, clientSecret, oauthUrl } = emulator;
  const url = await aDatabase();
  const cli = await aCli({
    BITRIX24_CLIENT_ID: clientId,
    BITRIX24_CLIENT_SECRET: clientSecret,
    BITRIX24_OAUTH_URL: oauthUrl,
    BITRIX_EVENTS_STORE: url,
  });
  await cli.write('bitrix-events.yaml', manifestText());
  const { address, stop } = await serving(cli);
  expect(await emulator.install({ kind: 'api-only', applicationUrl: address })).toMatchObject({ status: 200 });
  expect((await fetch(new URL('/readyz', address))).status).toBe(200);
  expect(said(await stop(), url).code).toBe(0);
  expect(emulator.rows.length).toBeGreaterThan(0);
  expect(await idsOf(aStore(url))).toEqual([emulator.memberId]);
});

async function serving(cli: Cli): Promise<{ readonly address: string; readonly stop: () => Promise<Ran> }> {
  let interrupt = (): void => undefined;
  let ended: Promise<Ran> | undefined;
  const out = await new Promise<string>((resolve, reject) => {
    const world = {
      out: resolve,
      onInterrupt: (listener: () => void) => {
        interrupt = listener;
        return () => undefined;
      },
    };
    ended = cli.run('serve --port 0 --json', { world });
    ended.then(({ err }) => reject(new Error(err)), reject);
  });
  const { url } = JSON.parse(out) as { url: string };
  return {
    address: url,
    stop: async () => {
      interrupt();
      return ended ?? { code: -1, out: '', err: '' };
    },
  };
}

test('a wrong password is told with its place and code, and not shown', async () => {
  const [cli] = await aPortal();
  const url = changed(await aDatabase(), { password: 'S3CRET' });
  for (const argv of ['plan', 'store list', 'apply --yes --format json']) {
    const ran = said(await cli.run(argv, { env: { BITRIX_EVENTS_STORE: url } }), url);
    expect(ran).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^Error: the store postgres:\/\/postgres@127.0.0.1:\d+\/test_\w+ cannot be used: password .*\[unusable-store\]\n/,
      ),
    });
  }
});

test('doctor tries the locks: a pooler that they do not hold on is found', async () => {
  const [cli] = await aPortal();
  const url = await aDatabase();
  const checksOf = async (store: string) => {
    const ran = said(await cli.run('doctor --format json', { env: { BITRIX_EVENTS_STORE: store } }), url);
    const { checks } = document(ran) as { checks: readonly { readonly code: string }[] };
    return checks.filter(({ code }) => code === 'doctor-store' || code === 'doctor-store-privacy');
  };
  expect(await checksOf(url)).toMatchObject([
    { status: 'ok', message: 'the store can be written and holds 0 installations' },
    { status: 'skipped' },
  ]);
  expect(await checksOf(await aPooler(url, 'transaction'))).toMatchObject([
    { status: 'failed', message: expect.stringContaining('behind a pooler') },
    { status: 'skipped' },
  ]);
});

test('store copy moves a folder into a database, goes on where it was, and keeps what is newer', async () => {
  const cli = await aCli({ BITRIX_EVENTS_KEY: newKey });
  const url = await aDatabase();
  const folder = join(cli.directory, 'tokens');
  const source = openFileStore(folder, { keys: newKeys });
  await source.write(full);
  await source.write(small);
  const copy = async (more = '') => said(await cli.run(`store copy file:tokens ${url} ${more}`), url);
  const note = 'Use the new store only: a refresh in one of them spends the tokens of the other.\n';
  expect(await copy()).toEqual({
    code: 0,
    out: '2 copied, 0 were there already, 0 failed; the store holds 2 installations now.\n',
    err: note,
  });
  expect(document(await copy('--format json'))).toEqual({ format: 1, copied: 0, unchanged: 2, failed: [], held: 2 });
  const target = aStore(url, { keys: newKeys });
  expect([await target.read(full.memberId), await target.read('b')]).toEqual([full, small]);
  const newer = { ...full, tokens: { accessToken: 'newer', expires: 1_900_000_000 } };
  await target.write(newer);
  const refused = await copy();
  expect([refused.code, refused.out]).toEqual([
    4,
    '0 copied, 1 were there already, 1 failed; the store holds 2 installations now.\n',
  ]);
  expect(refused.err).toMatch(/^Error: the installation '\w+' has other tokens .*\[newer-record\]\n.*--force/);
  expect(await target.read(full.memberId)).toEqual(newer);
  expect(document(await copy('--format json'))).toMatchObject({ failed: [{ error: { code: 'newer-record' } }] });
  expect((await copy('--force')).code).toBe(0);
  expect(await target.read(full.memberId)).toEqual(full);
  // And back into files.
  const back = await cli.run(`store copy ${url} file:back`);
  expect(said(back, url)).toMatchObject({ code: 0 });
  expect(await openFileStore(join(cli.directory, 'back'), { keys: newKeys }).read(full.memberId)).toEqual(full);
});

test('store copy fails for a record whose key is missing, and copies the others', async () => {
  const cli = await aCli();
  const source = openFileStore(join(cli.directory, 'tokens'), { keys: newKeys });
  await source.write(full);
  await openFileStore(join(cli.directory, 'tokens')).write(small);
  const ran = await cli.run('store copy file:tokens file:other');
  expect(ran).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^1 copied, .* 1 failed; the store holds 1 installation now/),
  });
  expect(ran.err).toContain('[no-key]');
});

test.for([
  ['file:a file:./a', 'invalid-store'],
  ['file:a redis://u:S3CRET@host', 'invalid-store'],
  ['file:a', 'error: missing required argument'],
])('store copy cannot do without two stores: %s', async ([stores, text]) => {
  const ran = await (await aCli()).run(`store copy ${stores}`);
  expect(ran.code).toBe(1);
  expect(ran.err).toContain(text);
  expect(ran.err).not.toContain('S3CRET');
});
