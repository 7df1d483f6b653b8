/** What is written to a path keeps what is there: links, owners, modes, and whatever is no file. */
import { execFileSync } from 'node:child_process';
import { chown, link, lstat, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFileAt } from '../../src/cli/write-file.ts';
import { aCli, aPortal, manifestText } from './cli.ts';
import { inShell } from './run-process.ts';

const isRoot = process.getuid?.() === 0;
const hasModes = process.platform !== 'win32';

async function aFolder(): Promise<(name: string) => string> {
  const { directory } = await aCli();
  return (name) => join(directory, name);
}

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

test('a new file has the mode that was asked for, and nothing else stays in its folder', async () => {
  const at = await aFolder();
  await writeFileAt(at('plan'), 'a', 0o600);
  await writeFileAt(at('result'), 'b');
  expect(await readFile(at('plan'), 'utf8')).toBe('a');
  if (hasModes) expect(await modeOf(at('plan'))).toBe(0o600);
  if (hasModes) expect((await modeOf(at('result'))) & ~0o644).toBe(0);
  expect((await readdir(at('.'))).sort()).toEqual(['plan', 'result']);
});

test.skipIf(!hasModes)('an existing file keeps its mode, whatever is asked for a new one', async () => {
  const at = await aFolder();
  for (const mode of [0o640, 0o600, 0o666]) {
    await writeFile(at('file'), 'old');
    execFileSync('chmod', [mode.toString(8), at('file')]);
    await writeFileAt(at('file'), 'new', 0o600);
    expect([await readFile(at('file'), 'utf8'), await modeOf(at('file'))]).toEqual(['new', mode]);
  }
});

test.skipIf(!isRoot)("an existing file stays its owner's", async () => {
  const at = await aFolder();
  await writeFile(at('file'), 'old');
  await chown(at('file'), 1234, 5678);
  await writeFileAt(at('file'), 'new');
  const { uid, gid } = await stat(at('file'));
  expect([uid, gid, await readFile(at('file'), 'utf8')]).toEqual([1234, 5678, 'new']);
});

test.skipIf(!hasModes)('links are followed, also through several folders and to what does not exist yet', async () => {
  const at = await aFolder();
  await mkdir(at('real'));
  await writeFile(at('real/file'), 'old');
  await symlink('real/file', at('first'));
  await symlink(at('first'), at('second'));
  await symlink('real/new', at('dangling'));
  await writeFileAt(at('second'), 'new');
  await writeFileAt(at('dangling'), 'made', 0o600);
  expect([await readFile(at('real/file'), 'utf8'), await readFile(at('real/new'), 'utf8')]).toEqual(['new', 'made']);
  expect([await readlink(at('first')), await readlink(at('dangling'))]).toEqual(['real/file', 'real/new']);
  expect((await readdir(at('real'))).sort()).toEqual(['file', 'new']);
});

/** One of our own: whoever breaks what is tested here must not lose the machine's. */
test.skipIf(!isRoot)('a link to a device writes into the device, and both stay what they are', async (context) => {
  const at = await aFolder();
  const { code } = await inShell({ directory: at('.') }, 'mknod device c 1 3');
  if (code !== 0) return context.skip('devices cannot be made here');
  await symlink('device', at('link'));
  await writeFileAt(at('link'), 'gone');
  await writeFileAt(at('device'), 'gone');
  expect((await lstat(at('link'))).isSymbolicLink()).toBe(true);
  expect((await lstat(at('device'))).isCharacterDevice()).toBe(true);
});

test.skipIf(!hasModes)('a FIFO is written into, and stays one', async () => {
  const at = await aFolder();
  await inShell({ directory: at('.') }, 'mkfifo pipe');
  const reading = readFile(at('pipe'), 'utf8');
  await writeFileAt(at('pipe'), 'through');
  expect(await reading).toBe('through');
  expect((await lstat(at('pipe'))).isFIFO()).toBe(true);
});

test.skipIf(!hasModes)('/dev/stdout is where stdout goes, and what stands there already stays', async () => {
  const [cli, emulator] = await aPortal();
  const env = emulator.toEnv();
  // Through a link, so that nothing of the machine is at stake.
  await symlink('/dev/stdout', join(cli.directory, 'out'));
  const piped = await inShell(cli, '$b check --quiet --output json=out | cat', env);
  expect(JSON.parse(piped.out)).toMatchObject({ verdict: 'drift' });
  await inShell(cli, '(echo before; $b check --output json=out; echo after) >> log', env);
  expect(await cli.read('log')).toMatch(/^before\n.*Drift: 3 missing\.\n\{\n.*\}\nafter\n$/s);
});

test('what cannot be written is told with its path', async () => {
  const at = await aFolder();
  await mkdir(at('folder'));
  await expect(writeFileAt(at('folder'), 'x')).rejects.toMatchObject({
    code: 'unwritable-file',
    message: expect.stringMatching(/^cannot write '.*folder': E/) as string,
  });
  await expect(writeFileAt(at('missing/file'), 'x')).rejects.toMatchObject({ code: 'unwritable-file' });
  expect(await readdir(at('.'))).toEqual(['folder']);
  expect(await readdir(at('folder'))).toEqual([]);
});

test.skipIf(!hasModes)('a hard link to a file that is replaced keeps what it had', async () => {
  const at = await aFolder();
  await writeFile(at('file'), 'old');
  await link(at('file'), at('backup'));
  await writeFileAt(at('file'), 'new');
  expect([await readFile(at('file'), 'utf8'), await readFile(at('backup'), 'utf8')]).toEqual(['new', 'old']);
});

test.skipIf(!hasModes)('plan --out, --output and import --write go through links', async () => {
  const [cli] = await aPortal({}, manifestText([]));
  await mkdir(join(cli.directory, 'elsewhere'));
  for (const name of ['my.plan', 'result.json']) await symlink(`elsewhere/${name}`, join(cli.directory, name));
  expect((await cli.run('plan --out my.plan --output json=result.json')).code).toBe(0);
  expect((await readdir(join(cli.directory, 'elsewhere'))).sort()).toEqual(['my.plan', 'result.json']);
  expect(await modeOf(join(cli.directory, 'elsewhere/my.plan'))).toBe(0o600);
});
