/** The program as it is installed: what only a real process can show. */
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { aCli, anEmulator, aPortal, type Cli, manifestText, type Ran } from './cli.ts';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

function runProcess(cli: Cli, argv: readonly string[], env: NodeJS.ProcessEnv = {}, stdin = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd: cli.directory, env: { PATH: process.env['PATH'], ...env } };
    const child = execFile(process.execPath, [program, ...argv], options, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    );
    child.stdin?.end(stdin);
  });
}

test('plan, apply and check do the real job and end by themselves', async () => {
  const [cli, emulator] = await aPortal();
  const env = emulator.toEnv();
  expect(await runProcess(cli, ['check', '--format', 'json'], env)).toMatchObject({ code: 2, err: '' });
  expect(await runProcess(cli, ['apply'], env)).toMatchObject({ code: 4 });
  const applied = await runProcess(cli, ['apply', '--yes', '-m', '-'], env, manifestText(['OnTaskAdd']));
  expect(applied).toMatchObject({ code: 0, err: '' });
  expect(applied.out).toContain('Converged: ');
  expect(emulator.rows.map(({ event }) => event)).toEqual(['ONTASKADD']);
});

test('the version is answered, and a problem is one line and a hint', async () => {
  const cli = await aCli();
  expect((await runProcess(cli, ['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  const ran = await runProcess(cli, ['validate', '-m', 'nowhere.yaml']);
  expect(ran).toEqual({
    code: 1,
    out: '',
    err: "Error: cannot read 'nowhere.yaml': there is no such file  [unreadable-manifest]\n  Check the path and its permissions\n",
  });
});

test('a reader that goes away early is no failure', async () => {
  const cli = await aCli();
  const child = spawn('sh', ['-c', `"${process.execPath}" "${program}" events | head -n 1`], { cwd: cli.directory });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdout.resume();
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

test('long JSON arrives whole through a pipe', async () => {
  const emulator = await anEmulator();
  const cli = await aCli();
  const events = Array.from(
    { length: 1_000 },
    (_, index) => `  - { event: OnTaskAdd, handler: "https://a.example.com/${index}" }`,
  );
  await cli.write('bitrix-events.yaml', `version: 1\nbindings:\n${events.join('\n')}\n`);
  const { code, out } = await runProcess(cli, ['plan', '--format', 'json'], emulator.toEnv());
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ summary: { bind: 1_000 } });
});

test('the store is where the command runs, readable for its owner only', async () => {
  const [cli, emulator] = await aPortal();
  await runProcess(cli, ['plan'], emulator.toEnv());
  expect(await cli.read(join('.bitrix-events', '.gitignore'))).toContain('*');
  // The environment is not needed any more.
  expect((await runProcess(cli, ['plan'])).code).toBe(0);
});
