/** The emulator as a command: it says where it is, serves until it is told to stop, and leaves nothing running. */
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { aCli, type Cli, manifestText, type Ran } from './cli.ts';

interface Running {
  /** All that was printed to say that it is ready. */
  readonly ready: string;
  stop(): Promise<Ran>;
}

async function start(cli: Cli, argv: string): Promise<Running> {
  let interrupt = (): void => {};
  let announce: (text: string) => void = () => {};
  const ready = new Promise<string>((resolve) => {
    announce = resolve;
  });
  const ended = cli.run(argv, {
    world: {
      out: (text) => announce(text),
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => {};
      },
    },
  });
  return {
    ready: await ready,
    stop: () => {
      interrupt();
      return ended;
    },
  };
}

test('with --json it prints one line that says all a client needs', async () => {
  const cli = await aCli();
  const running = await start(cli, 'emulator --json');
  expect(running.ready.trimEnd().split('\n')).toHaveLength(1);
  const line = JSON.parse(running.ready) as Record<string, string>;
  expect(Object.keys(line)).toEqual([
    'url',
    'clientEndpoint',
    'oauthUrl',
    'clientId',
    'clientSecret',
    'memberId',
    'accessToken',
    'refreshToken',
    'applicationToken',
  ]);
  const answer = await fetch(`${line['clientEndpoint']}event.get?auth=${line['accessToken']}`);
  expect(await answer.json()).toMatchObject({ result: [] });
  expect(await running.stop()).toMatchObject({ code: 0, err: '' });
  await expect(fetch(line['url'] ?? '')).rejects.toThrow('fetch failed');
});

test.for(['--write-env', '--env-file'])('%s leaves credentials that the other commands find', async (option) => {
  const cli = await aCli();
  await cli.write('bitrix-events.yaml', manifestText());
  const running = await start(cli, `emulator ${option} .env`);
  expect(running.ready).toContain('Its credentials are in .env.');
  expect((await stat(join(cli.directory, '.env'))).mode & 0o777).toBe(0o600);
  expect((await cli.run('apply --yes')).code).toBe(0);
  expect((await cli.run('check')).code).toBe(0);
  await running.stop();
});

test('--deliver posts the events it fires, which are recorded only without it', async () => {
  const cli = await aCli();
  for (const [argv, outbound] of [
    ['emulator --json --deliver', 'send'],
    ['emulator --json', 'capture'],
  ] as const) {
    const running = await start(cli, argv);
    const { url } = JSON.parse(running.ready) as { url: string };
    expect(await (await fetch(`${url}/_emulator/state`)).json()).toMatchObject({ result: { outbound } });
    await running.stop();
  }
});

test('without a file it shows what to set in another terminal', async () => {
  const cli = await aCli();
  await cli.write('bitrix-events.yaml', manifestText());
  const running = await start(cli, 'emulator');
  const env = parseEnv(running.ready.replaceAll(/^export /gm, '')) as Record<string, string>;
  expect((await cli.run('plan', { env })).code).toBe(0);
  await running.stop();
});

test('a port that is taken or cannot be is a clear error, and a free one is used', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const cli = await aCli();
  expect(await cli.run(`emulator --port ${port}`)).toEqual({
    code: 1,
    out: '',
    err: `Error: cannot listen on port ${port}: EADDRINUSE  [port-unavailable]\n  Leave --port out to get a free one\n`,
  });
  expect(await cli.run(`emulator --json --port ${port}`)).toMatchObject({ code: 1 });
  await new Promise((resolve) => server.close(resolve));

  const running = await start(cli, `emulator --json --port ${port}`);
  expect(running.ready).toContain(`"url":"http://127.0.0.1:${port}"`);
  await running.stop();
  expect((await cli.run('emulator --port 70000')).err).toContain('[port-unavailable]');
  expect((await cli.run('emulator --port x')).err).toContain('It takes a whole number.');
});

test('a file it cannot write is a clear error, and it does not stay', async () => {
  const cli = await aCli();
  const ran = await cli.run('emulator --write-env missing/.env');
  expect(ran).toMatchObject({ code: 1, out: '' });
  expect(ran.err).toContain('[unwritable-file]');
  await expect(readFile(join(cli.directory, 'missing/.env'))).rejects.toThrow('ENOENT');
});
