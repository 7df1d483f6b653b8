/** `bitrix-events serve`: ready when it says so, watched over by others, sparing with what it tells, and finished when it ends. */
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { aCli, anEmulator, type Cli, manifestText, type Ran } from '../cli/cli.ts';
import { readMetrics } from '../cli/watch/read-metrics.ts';
import { aServing } from './serving.ts';
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

test('the log has a line for each thing that happened, and no secret', async () => {
  const [cli, emulator] = await aPortal();
  const running = await serve(cli);
  await emulator.install({ kind: 'api-only', applicationUrl: running.url });
  await fetch(`${running.url}/${marker}?auth=${marker}`);
  await fetch(running.url, { method: 'POST', body: new URLSearchParams({ member_id: marker, AUTH_ID: marker }) });
  await running.stop();
  const { memberId, domain } = emulator;
  const lines = running.err().split('\n');
  expect(lines.map((line) => line.replace(/^time=\S+Z /, '').replace(/durationMs=\d+$/, 'durationMs=0'))).toEqual([
    `level=info what=reconcile memberId=${memberId} domain=${domain} outcome=converged cause=install durationMs=0`,
    `level=info what=install memberId=${memberId} outcome=accepted method=POST status=200 verdict=converged durationMs=0`,
    'level=info what=unknown outcome=refused method=GET status=404 reason=elsewhere durationMs=0',
    `level=info what=page memberId=${marker} outcome=refused method=POST status=404 reason=token-refused durationMs=0`,
    'level=info what=stopping message="finishing what was begun; interrupt again to end at once"',
    '',
  ]);
  for (const line of lines.slice(0, -1)) expect(line).toMatch(/^time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /);
  // The one marker is a well-formed member id that somebody invented.
  expect(running.err().replaceAll(`memberId=${marker} `, '')).not.toContain(marker);
});

test('with --log-format json each line is a document, problems and renewals of tokens too', async () => {
  const [cli, emulator] = await aPortal();
  await cli.write('bitrix-events.yaml', manifestText(['OnCrmDealAdd', 'OnNoSuchEvent']));
  const running = await serve(cli, '--log-format json --verbose');
  emulator.fault({ kind: 'error', method: 'batch', error: 'expired_token', status: 401 });
  await emulator.install({ kind: 'api-only', applicationUrl: running.url });
  await running.stop();
  const entries = running
    .err()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const { memberId, domain } = emulator;
  const told = (what: string) => entries.filter((entry) => entry['what'] === what);
  expect(told('verification')).toMatchObject([{ level: 'debug', outcome: 'confirmed' }]);
  expect(told('token-renewal')).toMatchObject([{ level: 'info', memberId, domain, outcome: 'renewed' }]);
  expect(told('portal-request').length).toBeGreaterThanOrEqual(3);
  expect(told('problem')).toEqual([
    expect.objectContaining({ level: 'warn', during: 'start', code: 'unknown-event' }) as unknown,
    {
      time: expect.stringMatching(/Z$/) as string,
      level: 'error',
      what: 'problem',
      memberId,
      domain,
      during: 'reconcile',
      code: 'binding-blocked',
      message: expect.stringContaining('bind ONNOSUCHEVENT on https://app.example.com/b24: ') as string,
      hint: 'It cannot be made on this portal: change what the reason names',
    },
  ]);
  expect(told('reconcile')).toMatchObject([{ level: 'error', outcome: 'partial', code: 'binding-blocked' }]);
  expect(running.err()).not.toContain(marker);
});

test('what fails is said once, with its reasons, with --quiet too', async () => {
  const [cli, emulator] = await aPortal();
  await cli.write('bitrix-events.yaml', manifestText(['OnCrmDealAdd', 'OnNoSuchEvent']));
  const running = await serve(cli, '--quiet --json');
  await emulator.install({ kind: 'api-only', applicationUrl: running.url });
  await running.stop();
  expect(running.err().replace(/^time=\S+Z /, '')).toBe(
    `level=error what=problem memberId=${emulator.memberId} domain=${emulator.domain} during=reconcile ` +
      'code=binding-blocked message="bind ONNOSUCHEVENT on https://app.example.com/b24: the portal does not offer ' +
      "ONNOSUCHEVENT to this application: check the event's name and the application's scopes\" " +
      'hint="It cannot be made on this portal: change what the reason names"\n',
  );
});

describe('--metrics-port', () => {
  const metricsOf = async (url: string) => {
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    return readMetrics(await answer.text());
  };

  test('counts what the hook does, on a port of its own, without a portal or a secret in it', async () => {
    const [cli, emulator] = await aPortal();
    const running = await serve(cli, '--json --metrics-port 0');
    const { url, metrics } = JSON.parse(running.ready) as { readonly url: string; readonly metrics: string };
    expect(new URL(metrics).port).not.toBe(new URL(url).port);
    emulator.fault({ kind: 'error', method: 'batch', error: 'expired_token', status: 401 });
    await emulator.install({ kind: 'api-only', applicationUrl: url });
    await fetch(url, { method: 'POST', body: new URLSearchParams({ member_id: marker, AUTH_ID: marker }) });
    const found = await metricsOf(metrics);
    const counts = (name: string) => found.samples.filter((sample) => sample.name === `bitrix_events_${name}`);
    const labelled = (name: string) => counts(name).map(({ labels, value }) => [...Object.values(labels), value]);
    expect(labelled('hook_requests_total')).toEqual([
      ['install', 'accepted', '', 1],
      ['page', 'refused', 'token-refused', 1],
    ]);
    expect(labelled('verifications_total')).toEqual([
      ['confirmed', 1],
      ['refused', 1],
    ]);
    expect(labelled('reconciles_total')).toEqual([['install', 'converged', 1]]);
    expect(labelled('token_renewals_total')).toEqual([['renewed', 1]]);
    const requests = emulator.requests.filter(
      ({ portal, method }) => portal !== 'oauth' && !method.startsWith('oauth'),
    );
    const answered = labelled('portal_requests_total').map(([, value]) => Number(value));
    expect(answered.reduce((sum, value) => sum + value, 0)).toBeLessThanOrEqual(requests.length);
    expect(labelled('portal_requests_total')).toContainEqual(['4xx', 1]);
    expect(labelled('verifications_waiting')).toEqual([[0]]);
    expect(labelled('reconcile_duration_seconds_count')).toEqual([['converged', 1]]);
    expect(found.types.get('process_cpu_seconds_total')).toBe('counter');
    expect(found.types.get('nodejs_eventloop_lag_seconds')).toBe('gauge');
    const text = await (await fetch(metrics)).text();
    for (const secret of [marker, emulator.memberId, emulator.domain]) expect(text).not.toContain(secret);
    expect((await running.stop()).code).toBe(0);
    await expect(fetch(metrics)).rejects.toThrow('fetch failed');
  });

  test('is in the program as it is installed, where nothing else loads it', async () => {
    const emulator = await anEmulator({ outbound: 'send' });
    const serving = await aServing(emulator, { argv: ['--metrics-port', '0'] });
    await emulator.addPortal().install({ kind: 'api-only', applicationUrl: serving.url });
    const { samples } = await metricsOf(serving.metrics ?? '');
    expect(samples.filter(({ name }) => name === 'bitrix_events_reconciles_total')).toMatchObject([{ value: 1 }]);
    expect(await serving.stop()).toBe(0);
    expect(serving.err()).toBe('');
  });

  test('is another one for each server, and answers nothing else', async () => {
    const [cli, emulator] = await aPortal();
    const [first, second] = [await serve(cli, '--json --metrics-port 0'), await serve(cli, '--json --metrics-port 0')];
    const [one, other] = [first, second].map(
      ({ ready }) => JSON.parse(ready) as { readonly url: string; readonly metrics: string },
    );
    if (one === undefined || other === undefined) throw new Error('not ready');
    await emulator.install({ kind: 'api-only', applicationUrl: one.url });
    const installs = async (metrics: string) =>
      (await metricsOf(metrics)).samples.filter(({ name }) => name === 'bitrix_events_hook_requests_total').length;
    expect([await installs(one.metrics), await installs(other.metrics)]).toEqual([1, 0]);
    const { origin } = new URL(one.metrics);
    expect((await fetch(`${origin}/bitrix24`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${origin}/`)).status).toBe(404);
    expect((await fetch(`${new URL(one.url).origin}/metrics`)).status).toBe(404);
    await first.stop();
    await second.stop();
  });

  test('is the address of --host unless there is another one, and a port that is taken is a clear error', async () => {
    const [cli] = await aPortal();
    const ran = await cli.run('serve --port 0 --host 127.0.0.2 --metrics-port 0 --timeout 0.2');
    expect(ran.out).toMatch(/^The installer answers on \S+\. Metrics are at http:\/\/127\.0\.0\.2:\d+\/metrics\. /);
    const elsewhere = await cli.run('serve --port 0 --metrics-port 0 --metrics-host 127.0.0.3 --json --timeout 0.2');
    expect(elsewhere.out).toMatch(
      /^\{"url":"http:\/\/127\.0\.0\.1:\d+\/bitrix24","metrics":"http:\/\/127\.0\.0\.3:\d+\/metrics"\}\n$/,
    );
    const running = await serve(cli, '--json --metrics-port 0');
    const { port } = new URL((JSON.parse(running.ready) as { readonly metrics: string }).metrics);
    expect((await serve(cli, `--metrics-port ${port}`)).ready).toMatch(/EADDRINUSE {2}\[port-unavailable\]/);
    await running.stop();
  });
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
  expect(running.err().match(/during="not ready" .*bitrix-events\.yaml/g)).toHaveLength(1);
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

test('it ends after --timeout too when the time was up before it listened', async () => {
  const [cli] = await aPortal();
  expect((await cli.run('serve --port 0 --json --timeout 0.001')).code).toBe(0);
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
