/** The package as somebody has it who installed it: packed, and installed into an application that has nothing else. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { writeDeclarations } from '../../scripts/declarations.mjs';
import { root } from '../house/sources.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Application {
  readonly folder: string;
  /** The file that npm made of the package. */
  readonly tarball: string;
  /** Where the package is installed. */
  readonly installed: string;
  write(file: string, text: string): Promise<void>;
  /** Runs a program in the application's folder. */
  run(program: string, ...argv: string[]): Promise<Ran>;
  remove(): Promise<void>;
}

/** Packs `dist` as it is, with the types, which tests do not need and so do not build. */
export async function anApplication(): Promise<Application> {
  const folder = await mkdtemp(join(tmpdir(), 'bitrix-events-packed-'));
  const env = {
    ...process.env,
    npm_config_cache: join(folder, '.npm'),
    npm_config_offline: 'true',
    npm_config_audit: 'false',
  };
  const run = (program: string, ...argv: string[]) => runIn(folder, env, program, argv);
  writeDeclarations(join(root, 'dist'));
  insist(await run('npm', 'pack', root, '--ignore-scripts'));
  const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz')) ?? '';
  await writeFile(join(folder, 'package.json'), '{ "name": "application", "private": true }\n');
  insist(await run('npm', 'install', '--ignore-scripts', `./${tarball}`));
  // The types of Node.js are the application's own.
  await mkdir(join(folder, 'node_modules/@types'), { recursive: true });
  for (const name of ['@types/node', 'undici-types']) {
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
  return {
    folder,
    tarball: join(folder, tarball),
    installed: join(folder, 'node_modules/bitrix-events'),
    async write(file, text) {
      const path = join(folder, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    },
    run,
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

async function runIn(cwd: string, env: NodeJS.ProcessEnv, program: string, argv: readonly string[]): Promise<Ran> {
  try {
    // A shell finds what is a batch file on Windows.
    const { stdout, stderr } = await promisify(execFile)(program, argv, {
      cwd,
      env,
      shell: process.platform === 'win32',
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

function insist({ code, out, err }: Ran): void {
  if (code !== 0) throw new Error(`npm ended with ${code}\n${out}${err}`);
}
