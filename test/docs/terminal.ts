/** The terminals of a reader: one where commands end, and another for each server that is left running. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';

export interface Ran {
  readonly code: number | null;
  /** Both streams as they came. */
  readonly shown: string;
  readonly err: string;
}

type Env = Readonly<Record<string, string>>;

/** What stays until Ctrl+C, whatever is set before it on its line. */
const server =
  /^(?:\w+=\S* )*(?:npx |\S*\/)?(?:bitrix-events (?:emulator|serve|worker)|(?:node server|bun app)\.mjs)\b/;

/** What each says once others can use it. */
const ready = /Ctrl\+C ends it\.|http:\/\/(?:127\.0\.0\.1|localhost):\d+/;

interface Part {
  readonly script: string;
  readonly stays: boolean;
}

/** Where a reader needs another terminal: what stays is the last line of its own. */
export function partsOf(script: string): readonly Part[] {
  const parts: Part[] = [];
  let lines: string[] = [];
  for (const line of script.trimEnd().split('\n')) {
    lines.push(line);
    if (!server.test(line)) continue;
    parts.push({ script: lines.join('\n'), stays: true });
    lines = [];
  }
  return lines.length === 0 ? parts : [...parts, { script: lines.join('\n'), stays: false }];
}

export async function run(cwd: string, script: string, env: Env): Promise<Ran> {
  const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', script], { cwd, env: environment(cwd, env) });
  child.stdin.end();
  let [shown, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => ((shown += text), (err += text)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, shown, err };
}

/**
 * In a group of processes of its own: npx does not pass on that it is to end.
 *
 * @param place which block of which document it is
 * @returns what it has shown by the time it is ready
 */
export async function startServer(cwd: string, script: string, env: Env, place: string): Promise<string> {
  const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
    cwd,
    env: environment(cwd, env),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.pid === undefined) return;
    const ended = once(child, 'close');
    process.kill(-child.pid, 'SIGTERM');
    await ended;
  });
  let shown = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (shown += text));
  const [, file] = /--write-env (\S+)/.exec(script) ?? [];
  const isReady = async (): Promise<boolean> =>
    ready.test(shown) && (file === undefined || (await sizeOf(join(cwd, file))) > 0);
  await expect
    .poll(async () => child.exitCode !== null || (await isReady()), { timeout: 60_000, interval: 100, message: place })
    .toBe(true);
  expect(child.exitCode, `${place} has ended\n${shown}`).toBe(null);
  return shown;
}

/** Whether a command that not every machine has is on this one. */
export function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** The folder above is the reader's home, where what is installed globally goes too. */
function environment(cwd: string, env: Env): NodeJS.ProcessEnv {
  const home = dirname(cwd);
  const path = [join(cwd, 'node_modules/.bin'), join(home, 'bin'), process.env['PATH']].join(':');
  return { PATH: path, HOME: home, npm_config_prefix: home, npm_config_update_notifier: 'false', ...env };
}
