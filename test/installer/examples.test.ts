/** The examples, run as they stand: the portal installs the application, its handlers are bound, events arrive. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { type Delivery, type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { listen, marker, post, temporaryDirectory } from './world.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const wanted = ['ONAPPUNINSTALL', 'ONCRMDEALADD', 'ONCRMDEALUPDATE'];

async function aPortal(): Promise<Emulator> {
  const emulator = await startEmulator({ tokenPrefix: marker, outbound: 'send' });
  onTestFinished(() => emulator.close());
  await emulator.uninstall({ clean: true });
  return emulator;
}

async function environment(
  { clientId, clientSecret, oauthUrl }: Emulator,
  more: Readonly<Record<string, string>> = {},
) {
  return {
    PATH: process.env['PATH'] ?? '',
    BITRIX24_CLIENT_ID: clientId,
    BITRIX24_CLIENT_SECRET: clientSecret,
    BITRIX24_OAUTH_URL: oauthUrl,
    BITRIX_EVENTS_STORE: `file:${await temporaryDirectory()}`,
    ...more,
  };
}

/** A port nobody listens on at the moment: handlers have to be named before the server says where it is. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return port;
}

function start(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const firstLine = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      resolve(line);
    });
  });
  const err = text(child.stderr);
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, firstLine, lines, err, ended };
}

/** The same event, by somebody who does not know the application token. */
function forgeriesOf(delivery: Delivery | undefined): readonly string[] {
  const body = delivery?.body ?? '';
  expect(body).toMatch(/application_token%5D=\w/);
  return ['', 'event=ONCRMDEALADD', body.replace(/(application_token%5D=)[^&]*/, '$1forged')];
}

test.for(['express', 'fastify', 'node-http'])('%s', async (name) => {
  const emulator = await aPortal();
  const port = await freePort();
  const env = await environment(emulator, { PORT: String(port), HANDLER_BASE_URL: `http://127.0.0.1:${port}` });
  const running = start([`examples/${name}/server.mjs`], env);
  const url = await running.firstLine;
  expect(url).toBe(`http://127.0.0.1:${port}/bitrix24`);

  const { status, body } = await emulator.install({ kind: 'api-only', applicationUrl: url });
  expect([status, body]).toEqual([200, 'OK\n']);
  expect(
    emulator.rows
      .map(({ event }) => event)
      .filter((event) => event !== 'ONAPPINSTALL')
      .sort(),
  ).toEqual(wanted);

  const [delivery] = await emulator.fire('ONCRMDEALADD', { FIELDS: { ID: 1 } });
  expect([delivery?.status, delivery?.responseBody]).toEqual([200, 'OK']);
  for (const forged of forgeriesOf(delivery))
    expect((await post(`${new URL(url).origin}/b24/crm`, forged)).status).toBe(403);
  await expect.poll(() => running.lines.slice(1)).toEqual(['event ONCRMDEALADD']);

  // An unparsed and an unknown body at the same place.
  expect((await fetch(url, { method: 'POST', body: '{}' })).ok).toBe(false);
  await emulator.uninstall();
  expect(emulator.deliveries.find(({ event }) => event === 'ONAPPUNINSTALL')).toMatchObject({ status: 200 });
  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  expect(await running.err).toBe('');
});

test('hono', async () => {
  const emulator = await aPortal();
  let app: { fetch: (request: Request) => Response | Promise<Response> } | undefined;
  const origin = await listen(
    createServer((request, response) => {
      void (async () => {
        const body = await text(request);
        const init = request.method === 'GET' ? {} : { body };
        const headers = { 'content-type': request.headers['content-type'] ?? '' };
        const answer = await app?.fetch(
          new Request(`${origin}${request.url}`, { method: request.method ?? 'GET', headers, ...init }),
        );
        response.writeHead(answer?.status ?? 500).end(await answer?.text());
      })();
    }),
  );
  const before = { ...process.env };
  Object.assign(process.env, await environment(emulator, { HANDLER_BASE_URL: origin }));
  try {
    const module = (await import(`${root}examples/hono/app.mjs`)) as { default: NonNullable<typeof app> };
    app = module.default;
    const { status, body } = await emulator.install({ kind: 'api-only', applicationUrl: `${origin}/bitrix24` });
    expect([status, body]).toEqual([200, 'OK\n']);
    expect(
      emulator.rows
        .map(({ event }) => event)
        .filter((event) => event !== 'ONAPPINSTALL')
        .sort(),
    ).toEqual(wanted);
    const [delivery] = await emulator.fire('ONCRMDEALADD', { FIELDS: { ID: 1 } });
    expect([delivery?.status, delivery?.responseBody]).toEqual([200, 'OK']);
    for (const forged of forgeriesOf(delivery)) expect((await post(`${origin}/b24/crm`, forged)).status).toBe(403);
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  }
});

test('serve, as its process manager starts it', async () => {
  const emulator = await aPortal();
  const port = await freePort();
  const env = await environment(emulator, { HANDLER_BASE_URL: `http://127.0.0.1:${port}` });
  const unit = readFileSync(`${root}examples/serve/bitrix-events.service`, 'utf8');
  const [, options = ''] = /^ExecStart=\/usr\/bin\/bitrix-events (.+)$/m.exec(unit) ?? [];
  const args = options
    .replace('--port 8080', `--port ${port}`)
    .replace('/etc/bitrix-events.yaml', 'examples/serve/bitrix-events.yaml')
    .replace('file:/var/lib/bitrix-events', env.BITRIX_EVENTS_STORE)
    .split(' ');
  const running = start(['dist/cli.js', ...args, '--json'], env);
  const { url } = JSON.parse(await running.firstLine) as { url: string };
  expect(url).toBe(`http://127.0.0.1:${port}/bitrix24`);
  for (const path of ['healthz', 'readyz']) expect((await fetch(`http://127.0.0.1:${port}/${path}`)).status).toBe(200);
  const { status } = await emulator.install({ kind: 'api-only', applicationUrl: url });
  expect(status).toBe(200);
  // With --background the work may still go on: it is finished before the process ends.
  running.child.kill('SIGTERM');
  expect(await running.ended).toBe(0);
  expect(
    emulator.rows
      .map(({ event }) => event)
      .filter((event) => event !== 'ONAPPINSTALL')
      .sort(),
  ).toEqual(wanted);
  const err = await running.err;
  expect(err).toMatch(
    /^time=\S+Z level=info what=install memberId=[0-9a-f]{32} outcome=accepted method=POST status=200 verdict=working durationMs=\d+$/m,
  );
  expect(err).not.toContain(marker);
});

test('every example is small and says what it is', () => {
  for (const name of ['express', 'fastify', 'hono', 'node-http']) {
    const folder = `${root}examples/${name}`;
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['README.md', 'bitrix-events.yaml']));
    const [file = ''] = readdirSync(folder).filter((entry) => entry.endsWith('.mjs'));
    expect(readFileSync(`${folder}/${file}`, 'utf8').split('\n').length).toBeLessThanOrEqual(41);
  }
});
