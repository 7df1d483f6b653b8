/** The files that pipelines are made of, read as their servers read them, and their scripts run as they stand. */
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { version } from '../../src/version.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export type Env = Readonly<Record<string, string>>;

export function fileOf(path: string): Promise<string> {
  return readFile(join(root, path), 'utf8');
}

/** @throws for YAML that is none, or that warns */
export async function yamlOf<T>(path: string): Promise<T> {
  return parse(await fileOf(path), { strict: true, uniqueKeys: true }) as T;
}

export async function documentsOf(path: string): Promise<readonly unknown[]> {
  const documents = parseAllDocuments(await fileOf(path), { strict: true, uniqueKeys: true });
  return [...documents].map((document) => {
    if (document.errors.length + document.warnings.length > 0)
      throw new Error(`${path}: ${document.errors.join(', ')}`);
    return document.toJS() as unknown;
  });
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Machine {
  /** The checked-out repository. */
  readonly folder: string;
  /** Elsewhere, for what is no part of it. */
  readonly temporary: string;
  /** Each call of npx as it came, one array of words a call. */
  calls(): Promise<readonly (readonly string[])[]>;
  write(file: string, text: string): Promise<void>;
  read(file: string): Promise<string>;
  /** A script in bash as GitHub starts it, in the folder. */
  bash(script: string, env?: Env, cwd?: string): Promise<Ran>;
  /** Puts a program in front of the others. */
  install(name: string, script: string): Promise<void>;
}

const program = join(root, 'dist', 'cli.js');

/** What npm would have fetched is what was built: npx runs it, and nothing of another name or version. */
const npx = `#!/usr/bin/env bash
printf '%s\\0' "$@" >>"$CALLS"; printf '\\n' >>"$CALLS"
if [[ "$1" != --yes || "$2" != bitrix-events@${version} ]]; then echo "npx: there is no $2" >&2; exit 1; fi
shift 2
exec "${process.execPath}" "${program}" "$@"
`;

const direct = `#!/usr/bin/env bash
exec "${process.execPath}" "${program}" "$@"
`;

/** A machine that a pipeline runs on: a folder, a temporary one, npx and an installed bitrix-events. */
export async function aMachine(): Promise<Machine> {
  const directory = await mkdtemp(join(tmpdir(), 'bitrix-events-pipeline-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const [folder, temporary, bin] = ['repository', 'temporary', 'bin'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  await Promise.all([folder, temporary, bin].map((path) => mkdir(path)));
  const calls = join(directory, 'calls');
  await writeFile(calls, '');
  const install = async (name: string, script: string) => {
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
  };
  await install('npx', npx);
  await install('bitrix-events', direct);
  const own = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: directory, CALLS: calls, TMPDIR: temporary };
  return {
    folder,
    temporary,
    install,
    write: (file, content) => writeFile(join(folder, file), content),
    read: (file) => readFile(join(folder, file), 'utf8'),
    calls: async () =>
      (await readFile(calls, 'utf8'))
        .split('\0\n')
        .slice(0, -1)
        .map((call) => call.split('\0')),
    async bash(script, env = {}, cwd = folder) {
      const file = join(directory, 'script.sh');
      await writeFile(file, script);
      const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], { cwd, env: { ...own, ...env } });
      child.stdin.end();
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { code: await ended, out, err };
    },
  };
}
