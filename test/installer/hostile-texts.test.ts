/** What portals and visitors send reaches log, standard error and page in one line, and steers nothing there. */
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import { aCli, manifestText } from '../cli/cli.ts';
import { aChild } from './child.ts';
import { aWorld, install, openPage, post } from './world.ts';

/** Ends a line and forges another, clears a screen in two ways, turns round, hides, and is half a character. */
const signs = [
  '\n',
  '\r',
  '\u001b[2J',
  '\u009b2J',
  '\u0085',
  '\u2028',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\ud83d',
];
const hostile = `Access${signs.map((sign, index) => `${sign}forged${index}`).join('')} denied`;
const dangerous = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const requests = [
  `event=${encodeURIComponent('ON\n\u001bX')}&auth[member_id]=m`,
  'event=ONAPPINSTALL&auth[member_id]=m%0Aforged&auth[access_token]=t',
  'event=ONAPPUNINSTALL&auth[member_id]=%E2%80%AEm&auth[application_token]=t',
  `event=ONAPPINSTALL&auth[member_id]=m&auth[access_token]=t&auth[scope]=${encodeURIComponent('crm\u001b[2J,\u202e')}`,
  'member_id=m%1B%5B2J&AUTH_ID=t&APPLICATION_SCOPE=%0A',
  'bitrix_events_retry=%0A%1B',
];

function expectHarmless(text: string): void {
  for (const line of text.split('\n')) expect(line).not.toMatch(dangerous);
}

async function aHostilePortal(url: string, emulator: Awaited<ReturnType<typeof startEmulator>>): Promise<void> {
  for (const request of requests) await post(`${url}?DOMAIN=${encodeURIComponent('a\n\u001b')}`, request);
  emulator.fault({
    kind: 'command-error',
    method: 'event.bind',
    error: 'ACCESS\n\u001b[2J',
    description: hostile,
    times: 99,
  });
  // Rows of the application that somebody else has bound, and that the portal does not let go.
  for (const row of rows) emulator.addRow(row);
  emulator.fault({ kind: 'command-error', method: 'event.unbind', error: 'ACCESS_DENIED', times: 99 });
  const { status } = await emulator.install({ kind: 'api-only', applicationUrl: url });
  expect(status).toBe(200);
}

const rows = [
  { event: `ONFOREIGN${signs.slice(0, -1).join('')}`, handler: `https://a.example.com/\u202e\u001b[2J\nforged` },
];

async function anEmulator() {
  const emulator = await startEmulator({ outbound: 'send' });
  onTestFinished(() => emulator.close());
  await emulator.uninstall({ clean: true });
  return emulator;
}

test('in the lines an installer writes by itself', async () => {
  const emulator = await anEmulator();
  const child = await aChild(emulator, {
    manifest: manifestText(['OnTaskAdd', 'OnCrmDealAdd'], 'owns: ["https://a.example.com/"]\n'),
  });
  await aHostilePortal(child.url, emulator);
  const err = await child.stop();
  expectHarmless(err);
  expect(err).toContain('forged10');
  expect(err).toMatch(/unbind ONFOREIGN\ufffd.* on https:\/\/a\.example\.com\/\ufffd\ufffd\[2J\ufffdforged/);
  for (const line of err.trimEnd().split('\n'))
    expect(line).toMatch(/^bitrix-events: (?:127\.0\.0\.1:\d+: |portal m: |retry refused)/);
});

test('in what serve writes to both streams', async () => {
  const emulator = await anEmulator();
  const { clientId, clientSecret, oauthUrl } = emulator;
  const cli = await aCli();
  await cli.write(
    'bitrix-events.yaml',
    manifestText(['OnTaskAdd', 'OnCrmDealAdd'], 'owns: ["https://a.example.com/"]\n'),
  );
  const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
  const child = spawn(process.execPath, [program, 'serve', '--port', '0', '--path', '/b24'], {
    cwd: cli.directory,
    env: { BITRIX24_CLIENT_ID: clientId, BITRIX24_CLIENT_SECRET: clientSecret, BITRIX24_OAUTH_URL: oauthUrl },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (err += text));
  const [ready] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const [url = ''] = /http:\S+\/b24/.exec(ready) ?? [];
  await aHostilePortal(url, emulator);
  child.kill('SIGTERM');
  await once(child, 'close');
  expectHarmless(ready);
  expectHarmless(err);
  expect(err).toContain('forged10');
  expect(err).toMatch(/unbind ONFOREIGN\ufffd.* on https:\/\/a\.example\.com\/\ufffd\ufffd\[2J\ufffdforged/);
  expect(err).not.toMatch(/^forged/m);
});

test('in records and on the page', async () => {
  const world = await aWorld();
  world.emulator.fault({ kind: 'command-error', method: 'event.bind', description: hostile, times: 99 });
  await install(world, 'ui');
  for (const row of rows) world.emulator.addRow(row);
  const { html } = await openPage(world.emulator.openFrame());
  for (const request of requests) await post(world.url, request);
  for (const line of html.split('\n')) expect(line).not.toMatch(dangerous);
  expect(html).toContain('forged10');
  expect(html).toContain('<code>binding-failed</code>');
  for (const record of world.records) expect(JSON.stringify(record)).not.toMatch(/\\|forged|[^ -~]/);
});
