/** `bitrix-events login`: consent in a browser, the code that comes back, and tokens that the other commands find. */
import { expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { aCli, anEmulator, type Cli, document, manifestText } from '../cli/cli.ts';
import { marker } from './world.ts';

const back = 'https://app.example.com/callback';

async function aPortal(): Promise<readonly [Cli, Emulator, string]> {
  const emulator = await anEmulator({ tokenPrefix: marker, portal: { applicationUrl: back } });
  const { clientId, clientSecret, oauthUrl } = emulator;
  const cli = await aCli({
    BITRIX24_CLIENT_ID: clientId,
    BITRIX24_CLIENT_SECRET: clientSecret,
    BITRIX24_OAUTH_URL: oauthUrl,
  });
  await cli.write('bitrix-events.yaml', manifestText());
  return [cli, emulator, `login ${emulator.clientEndpoint}`];
}

/** The address that a person is told to open. */
async function consentUrl(cli: Cli, login: string): Promise<string> {
  const { code, err } = await cli.run(login);
  expect(code).toBe(4);
  expect(err).toContain('there is no terminal to paste the answer on  [needs-answer]');
  return /^ {2}(http\S+)$/m.exec(err)?.[1] ?? '';
}

/** Where the browser is sent after consent. */
async function redirected(url: string): Promise<string> {
  const answer = await fetch(url, { redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

test('the address that is come back to is enough, and the portal is known from then on', async () => {
  const [cli, emulator, login] = await aPortal();
  const address = await redirected(await consentUrl(cli, login));
  expect(address).toMatch(/^https:\/\/app\.example\.com\/callback\?code=/);
  const ran = await cli.run([...login.split(' '), '--code', address]);
  expect(ran).toEqual({
    code: 0,
    out: `Logged in to ${emulator.domain} (${emulator.memberId}) as user 1; the tokens are in the store.\n`,
    err: '',
  });
  expect((await cli.run('apply --yes')).code).toBe(0);
  expect(emulator.rows.filter(({ event }) => event !== 'ONAPPINSTALL')).toHaveLength(3);
});

test('on a terminal it is asked for', async () => {
  const [cli, emulator, login] = await aPortal();
  const ran = await cli.run(`${login} --format json`, { answer: ` ${emulator.oauthCode()} \n` });
  expect(ran.code).toBe(0);
  expect(document(ran)).toEqual({ format: 1, memberId: emulator.memberId, domain: emulator.domain, userId: 1 });
  expect(ran.err).toMatch(/^Open this address in a browser[\s\S]+Paste the address/);
  expect(ran.out + ran.err).not.toContain(marker);
});

test('neither the secret nor a token is in the address to open', async () => {
  const [cli, emulator, login] = await aPortal();
  const url = new URL(await consentUrl(cli, login));
  expect(url.href).not.toContain(marker);
  expect([...url.searchParams.keys()]).toEqual(['client_id', 'response_type', 'state']);
  expect(`${url.origin}${url.pathname}`).toBe(`${emulator.url}/oauth/authorize/`);
});

test('a code that is used, invented or empty is refused', async () => {
  const [cli, emulator, login] = await aPortal();
  const code = emulator.oauthCode();
  expect((await cli.run(`${login} --code ${code}`)).code).toBe(0);
  for (const bad of [code, 'invented']) {
    const ran = await cli.run(`${login} --code ${bad}`);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toContain('[wrong-code]');
    expect(ran.err).not.toContain(bad);
  }
  for (const bad of ['', ' ', 'https://app.example.com/callback?state=x', 'not a code'])
    expect((await cli.run([...login.split(' '), '--code', bad])).err).toContain('[no-code]');
});

test('an address that comes from another login is refused before the code is spent', async () => {
  const [cli, emulator, login] = await aPortal();
  const other = emulator.addPortal();
  const state = new URL(await consentUrl(cli, `login ${other.clientEndpoint}`)).searchParams.get('state') ?? '';
  const own = new URL(await consentUrl(cli, login)).searchParams.get('state') ?? '';
  const code = emulator.oauthCode();
  for (const bad of [state, '', 'x.y', `${own}x`, own.replace(/^./, 'z')]) {
    const ran = await cli.run([...login.split(' '), '--code', `${back}?code=${code}&state=${bad}`]);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('[wrong-state]');
  }
  expect((await cli.run([...login.split(' '), '--code', `${back}?code=${code}&state=${own}`])).code).toBe(0);
});

test("another portal's code is not kept under this one's name", async () => {
  const [cli, emulator, login] = await aPortal();
  const other = emulator.addPortal();
  const ran = await cli.run(`${login} --code ${other.oauthCode()}`);
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('[wrong-login]');
  expect((await cli.run('plan')).err).toContain('[no-credentials]');
});

test('a later login keeps what was known of the installation', async () => {
  const [cli, emulator, login] = await aPortal();
  await cli.run(`${login} --code ${emulator.oauthCode()}`);
  const file = `.bitrix-events/${emulator.memberId}.json`;
  const before = JSON.parse(await cli.read(file)) as Record<string, unknown>;
  await cli.write(file, JSON.stringify({ ...before, applicationToken: 'kept', seed: 'kept' }));
  await cli.run(`${login} --code ${emulator.oauthCode()}`);
  const after = JSON.parse(await cli.read(file)) as Record<string, unknown>;
  expect(after).toMatchObject({ applicationToken: 'kept', seed: 'kept' });
  expect(after['tokens']).not.toEqual(before['tokens']);
});

test.for<[string, Readonly<Record<string, string>>, string]>([
  ['login acme.bitrix24.com', { BITRIX24_CLIENT_ID: '' }, '[no-application]'],
  ['login acme.bitrix24.com', { BITRIX24_CLIENT_SECRET: '' }, '[no-application]'],
  ['login http://acme.bitrix24.com', {}, '[insecure-endpoint]'],
  ['login https://acme.bitrix24.com/rest/1/secret/', {}, '[webhook-url]'],
  ['login', {}, "missing required argument 'portal'"],
])('%s is a clear error', async ([argv, env, text]) => {
  const [cli] = await aPortal();
  const ran = await cli.run(argv, { env });
  expect(ran.code).toBe(1);
  expect(ran.err).toContain(text);
});
