/** A log that nobody reads any more stops no installation: a pipe that was closed, a disk that is full. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { aCli, manifestText } from '../cli/cli.ts';
import { aChild } from './child.ts';
import { boundEvents } from './world.ts';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Has something to say of every installation, and something to bind. */
const manifest = manifestText(['OnCrmDealAdd', 'OnNoSuchEvent']);

interface Streams {
  readonly name: string;
  readonly isThere: boolean;
  /** For the child's standard output and error. */
  readonly open: () => 'pipe' | number;
  /** Of a check that finds nothing, when its document is lost. */
  readonly exitOfLostCheck: number;
  /** When it runs. */
  readonly cut: (child: ChildProcess) => void;
}

const streams: readonly Streams[] = [
  {
    name: 'a closed pipe',
    isThere: true,
    open: () => 'pipe',
    exitOfLostCheck: 0,
    cut: ({ stdout, stderr }) => {
      stdout?.destroy();
      stderr?.destroy();
    },
  },
  {
    name: 'a full disk',
    isThere: existsSync('/dev/full'),
    exitOfLostCheck: 1,
    open: () => {
      const descriptor = openSync('/dev/full', 'w');
      onTestFinished(() => closeSync(descriptor));
      return descriptor;
    },
    cut: () => undefined,
  },
];

async function aPortal(): Promise<Emulator> {
  const emulator = await startEmulator({ outbound: 'send' });
  onTestFinished(() => emulator.close());
  await emulator.uninstall({ clean: true });
  return emulator;
}

async function expectInstallsAgainAndAgain(emulator: Emulator, url: string): Promise<void> {
  for (let time = 0; time < 3; time += 1) {
    const { status, body } = await emulator.install({ kind: 'api-only', applicationUrl: url });
    expect([status, body]).toEqual([200, 'OK\n']);
    expect(boundEvents(emulator)).toEqual(['ONCRMDEALADD']);
    await emulator.uninstall({ clean: true });
  }
}

function exitOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
}

describe.each(streams)('behind standard output and error: $name', ({ isThere, open, cut, exitOfLostCheck }) => {
  it.runIf(isThere)('the library installs', async () => {
    const emulator = await aPortal();
    const child = await aChild(emulator, { manifest, stdout: open(), stderr: open() });
    const exit = exitOf(child.process);
    cut(child.process);
    await expectInstallsAgainAndAgain(emulator, child.url);
    child.process.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  it.runIf(isThere)('serve installs, and ends well', async () => {
    const emulator = await aPortal();
    const { clientId, clientSecret, oauthUrl } = emulator;
    const cli = await aCli();
    await cli.write('bitrix-events.yaml', manifest);
    const port = await aFreePort();
    const child = spawn(process.execPath, [program, 'serve', '--port', String(port)], {
      cwd: cli.directory,
      env: { BITRIX24_CLIENT_ID: clientId, BITRIX24_CLIENT_SECRET: clientSecret, BITRIX24_OAUTH_URL: oauthUrl },
      stdio: ['ignore', open(), open()],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const exit = exitOf(child);
    cut(child);
    const isAlive = () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await expect.poll(isAlive, { timeout: 30_000 }).toBe(true);
    await expectInstallsAgainAndAgain(emulator, `http://127.0.0.1:${port}/bitrix24`);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  it.runIf(isThere)('apply changes the portal, and says so by its exit code', async () => {
    const emulator = await startEmulator();
    onTestFinished(() => emulator.close());
    const cli = await aCli();
    await cli.write('bitrix-events.yaml', manifestText(['OnCrmDealAdd']));
    const run = async (...argv: string[]): Promise<unknown> => {
      const options = { cwd: cli.directory, env: emulator.toEnv(), stdio: ['ignore', open(), open()] as const };
      const child = spawn(process.execPath, [program, ...argv], { ...options, stdio: [...options.stdio] });
      const exit = exitOf(child);
      cut(child);
      return exit;
    };
    expect(await run('apply', '--yes', '--verbose')).toBe(0);
    expect(boundEvents(emulator)).toEqual(['ONCRMDEALADD']);
    expect(await run('check', '--format', 'json')).toBe(exitOfLostCheck);
    await cli.write('bitrix-events.yaml', manifestText(['OnTaskAdd']));
    expect(await run('check', '--verbose')).toBe(2);
    expect(await run('nonsense')).toBe(1);
  });
});

async function aFreePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
