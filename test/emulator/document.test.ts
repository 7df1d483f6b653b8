/** Holds docs/emulator.md against the emulator: its examples run as they stand, its tables are complete. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { faultKinds } from '../../src/emulator/faults.ts';
import { startEmulator } from '../../src/emulator/index.ts';
import { conditions, defaultSwitches } from '../../src/emulator/options.ts';
import { pick } from './call.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const document = await readFile(join(root, 'docs/emulator.md'), 'utf8');

/** The cells of the table between two marks, without its head. */
function table(name: string): readonly (readonly string[])[] {
  const [, text = ''] = document.split(`<!-- ${name} -->`);
  const lines = (text.split(`<!-- /${name} -->`)[0] ?? '').trim().split('\n').slice(2);
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function example(language: string): string {
  const found = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(document)?.[1];
  if (found === undefined) throw new Error(`docs/emulator.md has no example in ${language}`);
  return found;
}

/** A folder where this package and what its examples need are installed. */
async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bitrix-events-example-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const modules = join(directory, 'node_modules');
  await mkdir(join(modules, '.bin'), { recursive: true });
  await symlink(root, join(modules, 'bitrix-events'));
  await symlink(join(root, 'node_modules/vitest'), join(modules, 'vitest'));
  await symlink(join(root, 'dist/cli.js'), join(modules, '.bin/bitrix-events'));
  const all = { 'package.json': '{"type":"module"}', ...files };
  await Promise.all(Object.entries(all).map(([name, text]) => writeFile(join(directory, name), text)));
  return directory;
}

function run(cwd: string, command: string, argv: readonly string[]): Promise<{ code: unknown; text: string }> {
  const env = { ...process.env, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(command, argv, { cwd, env, timeout: 100_000 }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, text: out + err }),
    );
  });
}

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('the example in vitest passes', async () => {
  const directory = await project({
    'app.test.ts': example('ts vitest'),
    'bitrix-events.yaml': example('yaml'),
  });
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { code, text } = await run(directory, process.execPath, [vitest, 'run']);
  expect(text).toMatch(/Tests +2 passed/);
  expect(code, text).toBe(0);
});

test('the example in Python passes', async ({ skip }) => {
  skip(!has('python3'), 'there is no python3 on this machine');
  const directory = await project({ 'test_app.py': example('python') });
  const { code, text } = await run(directory, 'python3', ['test_app.py']);
  expect(text).toMatch(/^Ran 1 test in .*\n\nOK$/m);
  expect(code, text).toBe(0);
});

test('the table of actions is what the interface says of itself', async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const described: unknown = await (await fetch(`${emulator.url}/_emulator/`)).json();
  const actions = pick(described, 'result', 'actions');
  const told = Object.entries(actions ?? {}).map(([action, fields]) => [
    action,
    Object.entries(fields ?? {})
      .map(([name, expected]) => `${name}${String(expected).includes('; optional') ? '' : '*'}`)
      .sort(),
  ]);
  const written = table('actions').map(([action = '', fields = '']) => [
    action.replaceAll('`', ''),
    Array.from(fields.matchAll(/`(\w+)`(\*?)/g), ([, name = '', star = '']) => name + star).sort(),
  ]);
  expect(new Map(written as [string, string[]][])).toEqual(new Map(told as [string, string[]][]));
});

test('the tables of faults, switches and conditions are complete, with the defaults', () => {
  expect(table('conditions').map(([name]) => name)).toEqual(conditions.map((name) => `\`${name}\``));
  expect(table('faults').map(([kind]) => kind)).toEqual(faultKinds.map((kind) => `\`${kind}\``));
  const defaults = Object.entries(defaultSwitches).map(([name, value]) => [
    `\`${name}\``,
    `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``,
  ]);
  expect(table('switches').map(([name, value]) => [name, value])).toEqual(defaults);
});
