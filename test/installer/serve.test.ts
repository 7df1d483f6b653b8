/** `bitrix-events serve`: ready when it says so, watched over by others, sparing with what it tells, and finished when it ends. */
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { aCli, anEmulator, type Cli, manifestText, type Ran } from '../cli/cli.ts';
import { boundEvents, marker } from './world.ts';

interface Running {
  readonly url: string;
  readonly ready: string;
  /** What stands on stderr so far. */
  err(): string;
  stop(): Promise<Ran>;
}

async function serve(cli: Cli, options = '', env: Readonly<Record<string, string>> = {}): Promise<Running> {
  let interrupt: () => void = () => undefined;
  let announce: (text: string) => void = () => undefined;
  let err = '';
  const ready = new Promise<string>((resolve) => {
    announce = resolve;
  });
  const ended = cli.run(`serve --port 0 ${options}`, {
    env,
    world: {
      out: (text) => announce(text),
      err: (text) => void (err += text),
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => undefined;
      },
    },
  });
  const first = await Promise.race([ready, ended.then(({ code }) => `ended with ${code}: ${err}`)]);
  return {
    ready: first,
    url: /http:\/\/[^\s"]+\/bitrix24/.exec(first)?.[0] ?? first,
    err: () => err,
    stop: () => {
      interrupt();
      return ended;
    },
  };
}

async function aPortal(): Promise<readonly [Cli, Emulator]> {
  const emulator = await anEmulator({ tokenPrefix: marker, outbound: 'send' });
  await emulator.uninstall();
  const { clientId, clientSecret, oauthUrl } = emulator;
  const cli = await aCli({
    BITRIX24_CLIENT_ID: clientId,
    BITRIX24_CLIENT_SECRET: clientSecret,
    BITRIX24_OAUTH_URL: oauthUrl,
  });
  await cli.write('bitrix-events.yaml', manifestText());
  return [cli, emulator];
}

test('with --json it prints one line when ready, and installs', async () => {
  const [cli, emulator] = await aPortal();
  const running = await serve(cli, '--json');
  expect(running.ready).toBe(`{"url":"${running.url}"}\n`);
  const { status } = await emulator.install({ kind: 'api-only', applicationUrl: running.url });
  expect(status).toBe(200);
  expect(boundEvents(emulator)).toEqual(['ONCRMDEALADD', 'ONCRMLEADADD', 'ONTASKADD']);
  expect((await running.stop()).code).toBe(0);
  await expect(fetch(running.url)).rejects.toThrow('fetch failed');
});

test('the access log has one line a request, and no secret', async () => {
  const [cli, emulator] = await aPortal();
  const running = await serve(cli);
  await emulator.install({ kind: 'api-only', applicationUrl: running.url });
  await fetch(`${running.url}/${marker}?auth=${marker}`);
  await fetch(running.url, { method: 'POST', body: new URLSearchParams({ member_id: marker, AUTH_ID: marker }) });
  await running.stop();
  const lines = running.err().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(new RegExp(`^\\S+Z POST install ${emulator.memberId} accepted 200 converged \\d+ms$`)),
    expect.stringMatching(/^\S+Z GET unknown - refused 404 elsewhere \d+ms$/),
    expect.stringMatching(/^\S+Z POST page \S+ refused 404 token-refused \d+ms$/),
    'Stopping: finishing what was begun. Interrupt again to end at once.',
    '',
  ]);
  // The one marker is a well-formed member id that somebody invented.
  expect(running.err().replaceAll(` page ${marker} `, '')).not.toContain(marker);
});

test('what fails is said once, with its reasons', async () => {
  const [cli, emulator] = await aPortal();
  await cli.write('bitrix-events.yaml', manifestText(['OnCrmDealAdd', 'OnNoSuchEvent']));
  const running = await serve(cli, '--quiet --json');
  await emulator.install({ kind: 'api-only', applicationUrl: running.url });
  await running.stop();
  expect(running.err()).toBe(
    `bitrix-events: ${emulator.domain}: bind ONNOSUCHEVENT on https://app.example.com/b24: the portal does not offer ` +
      "ONNOSUCHEVENT to this application: check the event's name and the application's scopes  [binding-blocked]  " +
      'It cannot be made on this portal: change what the reason names\n',
  );
});

test('it is alive from the start, and ready while manifest and store can be used', async () => {
  const [cli] = await aPortal();
  const running = await serve(cli);
  const origin = new URL(running.url).origin;
  const ask = async (path: string): Promise<string> => {
    const answer = await fetch(`${origin}${path}`);
    return `${answer.status} ${await answer.text()}`;
  };
  expect(await ask('/healthz')).toBe('200 ok\n');
  expect(await ask('/readyz')).toBe('200 ready\n');
  await cli.write('bitrix-events.yaml', 'version: 1\n');
  // What was found is good for two seconds.
  const becomes = async (answer: string): Promise<void> => {
    await expect.poll(() => ask('/readyz'), { timeout: 30_000 }).toBe(answer);
  };
  await becomes('503 not ready\n');
  await ask('/readyz');
  expect(running.err().match(/not ready: bitrix-events.yaml/g)).toHaveLength(1);
  await rm(join(cli.directory, '.bitrix-events'), { recursive: true });
  await cli.write('.bitrix-events', 'a file where the store should be');
  await cli.write('bitrix-events.yaml', manifestText());
  await expect
    .poll(
      async () => {
        await ask('/readyz');
        return running.err();
      },
      { timeout: 30_000 },
    )
    .toContain('unusable-store');
  expect(await ask('/readyz')).toBe('503 not ready\n');
  await rm(join(cli.directory, '.bitrix-events'));
  await becomes('200 ready\n');
  expect(await ask('/healthz')).toBe('200 ok\n');
  await running.stop();
});

test('it listens where it is told to, answers on the path it is told, and ends by itself after --timeout', async () => {
  const [cli] = await aPortal();
  const ran = await cli.run('serve --port 0 --host 127.0.0.2 --path /hooks/install --json --timeout 0.2');
  expect(ran.code).toBe(0);
  expect(ran.out).toMatch(/^\{"url":"http:\/\/127\.0\.0\.2:\d+\/hooks\/install"\}\n$/);
});

test('what is in flight when it is told to stop is finished', async () => {
  const [cli, emulator] = await aPortal();
  emulator.fault({ kind: 'delay', method: 'batch', delayMs: 100, times: 2 });
  const running = await serve(cli, '--background');
  const { status } = await emulator.install({ kind: 'api-only', applicationUrl: running.url });
  expect(status).toBe(200);
  expect((await running.stop()).code).toBe(0);
  expect(boundEvents(emulator)).toHaveLength(3);
});

test('headers that are too large, or never end, are cut off', async () => {
  const [cli] = await aPortal();
  const running = await serve(cli);
  const { hostname, port } = new URL(running.url);
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write(`POST /bitrix24 HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    });
    socket.on('data', (data: Buffer) => void (text += data.toString()));
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  await running.stop();
});

test.for<[string, string, Readonly<Record<string, string>>, string]>([
  ['no client id', '', { BITRIX24_CLIENT_ID: '' }, "the installer needs the application's client id  [no-application]"],
  [
    'no client secret',
    '',
    { BITRIX24_CLIENT_SECRET: '' },
    "the installer needs the application's client secret  [no-application]",
  ],
  ['a path without a slash', '--path x', {}, "'x' cannot be the installer's path  [invalid-path]"],
  ['a path of its own', '--path /readyz', {}, "'/readyz' cannot be the installer's path  [invalid-path]"],
  [
    'a port that cannot be',
    '--port 70000',
    {},
    'cannot listen on port 70000 of 127.0.0.1: ERR_SOCKET_BAD_PORT  [port-unavailable]',
  ],
  ['an insecure server', '', { BITRIX24_OAUTH_URL: 'http://oauth.example.com' }, '[insecure-endpoint]'],
  ['a store that is none', '--store redis:x', {}, '[invalid-store]'],
  ['no manifest', '--manifest none.yaml', {}, '[unreadable-manifest]'],
])('%s is a clear error', async ([, options, env, text]) => {
  const [cli] = await aPortal();
  const { ready } = await serve(cli, options, env);
  expect(ready).toMatch(/^ended with 1: /);
  expect(ready).toContain(text);
});
