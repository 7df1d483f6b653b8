/** What stands behind the streams changes nothing about what is done on the portal. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { aCli, aPortal, manifestText } from './cli.ts';
import { manyPortals } from './many.ts';
import { inShell, program, startProcess } from './run-process.ts';

const hasFull = existsSync('/dev/full');

test.skipIf(!hasFull).for([
  ['stdout', '>/dev/full', 'cannot write to standard output: ENOSPC'],
  ['stderr', '2>/dev/full', undefined],
  ['both', '>/dev/full 2>&1', undefined],
] as const)(
  'a full disk behind %s: the portal is changed all the same, and that is no failure',
  async ([, where, said]) => {
    const [cli, emulator] = await aPortal();
    const ran = await inShell(cli, `$b apply --yes --verbose ${where}`, emulator.toEnv());
    expect(ran.code).toBe(0);
    expect(emulator.rows).toHaveLength(3);
    if (said !== undefined) expect(ran.err).toContain(said);
    expect(ran.err).not.toMatch(/^ +at |node:/m);
  },
);

test.skipIf(!hasFull)(
  'a full disk behind the result of a command that only reads is a failure, because nothing came of it',
  async () => {
    const [cli, emulator] = await aPortal();
    const ran = await inShell(cli, '$b plan --format json >/dev/full', emulator.toEnv());
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toContain('Error: cannot write to standard output: ENOSPC  [unwritable-file]\n');
  },
);

test.for(['stdout', 'stderr'] as const)('a reader of %s that goes away before anything is written', async (stream) => {
  const [cli, emulator] = await aPortal();
  const argv = [process.execPath, program, 'apply', '--yes', '--verbose'] as const;
  const { child, ended } = startProcess(cli, argv, emulator.toEnv());
  child[stream]?.destroy();
  expect(await ended).toMatchObject({ code: 0, signal: null });
  expect(emulator.rows).toHaveLength(3);
});

test('a reader that wants one line of many gets it, and the others are no failure', async () => {
  const [cli, emulator] = await aPortal();
  const ran = await inShell(cli, '$b plan --format json | head -n 1; echo "${PIPESTATUS[0]}"', emulator.toEnv());
  expect(ran).toMatchObject({ code: 0, out: '{\n0\n', err: '' });
});

test('a reader of line after line that wants only some changes nothing about what is done', async () => {
  const { cli, env, portals } = await manyPortals(12);
  const line = '$b apply --all --yes --concurrency 2 --format ndjson';
  const ran = await inShell(cli, `${line} | head -n 3; echo "\${PIPESTATUS[0]}"`, env);
  expect(ran).toMatchObject({ code: 0, out: expect.stringMatching(/^\{.*\n\{.*\n\{.*\n0\n$/) as string, err: '' });
  for (const { rows } of portals) expect(rows).toHaveLength(1);
});

test('a slow reader of a pipe gets everything', async () => {
  const events = Array.from({ length: 2_000 }, (_, index) => `OnTaskAdd${index}`);
  const [cli, emulator] = await aPortal({}, manifestText(events));
  const ran = await inShell(
    cli,
    '$b plan --format json | (sleep 1; wc -c); $b plan --format json | wc -c',
    emulator.toEnv(),
  );
  const [slow, fast] = ran.out.trim().split('\n').map(Number);
  expect(slow).toBe(fast);
  expect(slow).toBeGreaterThan(200_000);
});

test('streams that are closed from the beginning', async () => {
  const [cli, emulator] = await aPortal();
  const ran = await inShell(cli, '$b apply --yes >&- 2>&- <&-', emulator.toEnv());
  expect(ran.code).toBe(0);
  expect(emulator.rows).toHaveLength(3);
});

test('a bug that nobody caught is one line and a short stack, whatever the message', async () => {
  const [cli, emulator] = await aPortal();
  const broken = 'process.stdout.write=()=>{setImmediate(()=>{throw new Error("boom ".repeat(20000))});return true}';
  const NODE_OPTIONS = `--import "data:text/javascript,${encodeURIComponent(broken)}"`;
  const ran = await inShell(cli, '$b plan', { ...emulator.toEnv(), NODE_OPTIONS });
  expect(ran).toMatchObject({ code: 1, out: '' });
  expect(ran.err).toMatch(
    /^This is a bug in bitrix-events \d+\.\d+\.\d+: please report it with the lines below at https:\/\/github\.com\/bitrix-events\/bitrix-events\/issues\nError: boom /,
  );
  expect(ran.err.length).toBeLessThan(4_000);
});

test('a bug in what tells of bugs ends it as well', async () => {
  const cli = await aCli();
  // Without it nothing but the first file can be loaded.
  const broken = 'delete process.getBuiltinModule';
  const NODE_OPTIONS = `--import "data:text/javascript,${encodeURIComponent(broken)}"`;
  expect(await inShell(cli, 'timeout 30 $b validate', { NODE_OPTIONS })).toMatchObject({
    code: 1,
    out: '',
    err: 'TypeError: process.getBuiltinModule is not a function\n',
  });
});
