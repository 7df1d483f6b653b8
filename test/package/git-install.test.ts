/** An install from git instead of the registry, of what stands in the working tree. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { version } from '../../src/version.ts';
import { aCli } from '../cli/cli.ts';
import { startProcess } from '../cli/run-process.ts';
import { root } from '../house/sources.ts';

test('npm builds what it installs from git', async (context) => {
  if (!existsSync(join(root, '.git'))) return context.skip('this is no clone, so that nobody knows what belongs to it');
  const app = await aCli();
  const repository = join(app.directory, 'repository');
  copyTree(repository);
  const author = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@example.com'];
  for (const argv of [
    ['init', '--quiet'],
    ['add', '.'],
    [...author, 'commit', '--quiet', '-m', 'all of it'],
  ]) {
    execFileSync('git', argv, { cwd: repository });
  }
  await app.write('application/package.json', '{ "name": "application", "private": true }\n');
  const application = { directory: join(app.directory, 'application') };
  const run = (...argv: [string, ...string[]]) => startProcess(application, argv, { HOME: process.env['HOME'] }).ended;
  const installed = await run('npm', 'install', '--prefer-offline', `git+${pathToFileURL(repository).href}`);
  const missing = /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENOTCACHED)\b/.exec(installed.err);
  if (missing !== null) return context.skip(`npm cannot fetch the packages that build: ${missing[0]}`);
  expect(installed).toMatchObject({ code: 0 });
  expect(await run('npx', 'bitrix-events', '--version')).toMatchObject({ code: 0, out: `${version}\n` });
});

/** Whatever is not ignored, committed or not. */
function copyTree(target: string): void {
  mkdirSync(target);
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of listed
    .toString()
    .split('\0')
    .filter((name) => name !== '' && existsSync(join(root, name)))) {
    cpSync(join(root, file), join(target, file));
  }
}
