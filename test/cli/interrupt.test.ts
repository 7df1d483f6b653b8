/** An interrupted apply finishes the request in flight, reports, and says by its exit code that it was interrupted. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openFileStore } from '../../src/store/file-store.ts';
import { violations } from '../schemas/schema.ts';
import { aPortal, type Cli, document, handler, manifestText, type Ran, type RunOptions } from './cli.ts';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** 60 binds and an unbind are three requests that write, the first of which brings the interrupt. */
const moved = { rows: [{ event: 'ONTASKADD', handler: `${handler}/old` }] };
const many = `version: 1\nowns: ["${handler}/"]\nbindings:\n${Array.from(
  { length: 60 },
  (_, index) => `  - { event: OnTaskAdd, handler: "${handler}/${index}" }\n`,
).join('')}`;

interface Interruptible {
  readonly interrupt: () => void;
  readonly options: RunOptions;
}

function interruptible(): Interruptible {
  let listener = (): void => {};
  return {
    interrupt: () => listener(),
    options: {
      world: {
        onInterrupt: (given) => {
          listener = given;
          return () => {
            listener = () => {};
          };
        },
      },
    },
  };
}

test.for(['text', 'json'])('interrupted between two requests it stops there and reports (%s)', async (format) => {
  const [cli, emulator] = await aPortal({ portal: moved }, many);
  const { interrupt, options } = interruptible();
  emulator.fault({ kind: 'delay', delayMs: 10, skip: 1, onHit: interrupt });

  const ran = await cli.run(`apply --yes --format ${format}`, options);

  expect(ran.code).toBe(130);
  expect(ran.err).toContain('Interrupted: finishing the request in flight.');
  expect(emulator.rows).toHaveLength(50);
  if (format === 'json') {
    expect(violations('apply', ran.out)).toEqual([]);
    expect(document(ran)).toMatchObject({ verdict: 'partial', summary: { done: 49, 'not-attempted': 12 } });
  } else {
    expect(ran.out).toContain('Partial: ');
    expect(ran.out).toContain('\n49 done, 12 not-attempted\n');
  }
  expect((await cli.run('apply --yes')).code).toBe(0);
  expect((await cli.run('check')).code).toBe(0);
});

test.for(['text', 'json'])('interrupted at the question it changes nothing (%s)', async (format) => {
  const [cli, emulator] = await aPortal();
  const { interrupt, options } = interruptible();
  const ask = (): Promise<string> => {
    interrupt();
    return Promise.resolve('');
  };
  const ran = await cli.run(`apply --format ${format}`, { world: { ...options.world, ask, isInTerminal: true } });
  expect(ran.code).toBe(130);
  expect(ran.err).toContain('Error: interrupted; nothing was changed  [interrupted]\n');
  if (format === 'json') expect(document(ran)).toMatchObject({ error: { code: 'interrupted' } });
  expect(emulator.rows).toEqual([]);
});

test('interrupted while it waits for the lock it stops waiting', async () => {
  const [cli, emulator] = await aPortal();
  const { interrupt, options } = interruptible();
  const release = await openFileStore(join(cli.directory, '.bitrix-events')).lock(emulator.memberId, 'apply');
  const err = (text: string): void => {
    if (text.startsWith('Waiting for ')) interrupt();
  };
  const ran = await cli.run('apply --yes', { world: { ...options.world, err } });
  await release();
  expect(ran.code).toBe(130);
  expect(emulator.requests).toEqual([]);
});

function start(
  cli: Cli,
  env: NodeJS.ProcessEnv,
  argv: readonly string[],
): [ChildProcess, Promise<Ran & { signal: string | null }>] {
  const child = spawn(process.execPath, [program, ...argv], {
    cwd: cli.directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return [
    child,
    new Promise((resolve) => child.on('close', (code, signal) => resolve({ code: code ?? -1, signal, out, err }))),
  ];
}

test.for(['SIGINT', 'SIGTERM'] as const)(
  'the real process, sent %s during an apply, finishes and exits with 130',
  async (signal) => {
    const [cli, emulator] = await aPortal({ portal: moved }, many);
    const env = { PATH: process.env['PATH'], ...emulator.toEnv() };
    // The request is held up until the signal has been seen, however slow the machine is.
    let seen = (): void => {};
    const isSeen = new Promise<void>((resolve) => {
      seen = resolve;
    });
    emulator.fault({
      kind: 'delay',
      skip: 1,
      onHit: async () => {
        child.kill(signal);
        await isSeen;
      },
    });
    const [child, ended] = start(cli, env, ['apply', '--yes']);
    child.stderr?.on('data', () => seen());

    const ran = await ended;
    expect(ran).toMatchObject({ code: 130, signal: null });
    expect(ran.out).toContain('\n49 done, 12 not-attempted\n');
    expect(emulator.rows).toHaveLength(50);
  },
);

test('a second signal ends the process at once', async () => {
  const [cli, emulator] = await aPortal({}, manifestText());
  const env = { PATH: process.env['PATH'], ...emulator.toEnv() };
  emulator.fault({ kind: 'timeout', skip: 1, onHit: () => void child.kill('SIGINT') });
  const [child, ended] = start(cli, env, ['apply', '--yes']);
  child.stderr?.once('data', () => child.kill('SIGINT'));
  expect(await ended).toMatchObject({ code: -1, signal: 'SIGINT' });
});
