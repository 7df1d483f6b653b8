/** The built command as a process of its own, on an emulator of its own, in a directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stderr holds the text; at the latest when the process has ended. */
  readonly says: (text: string) => Promise<void>;
}

export function start(cwd: string, env: Readonly<Record<string, string>>, ...argv: readonly string[]): Running {
  const child = spawn(process.execPath, [program, ...argv], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  const says = (text: string): Promise<void> => {
    const said = new Promise<void>((resolve) => {
      const listen = (): void => {
        if (err.includes(text)) resolve();
      };
      listeners.add(listen);
      listen();
    });
    return Promise.race([said, ended.then(() => undefined)]);
  };
  return { child, ended, says };
}

/** @returns the directory, and how to remove it */
export async function aDirectory(manifest: string): Promise<readonly [string, () => Promise<void>]> {
  const directory = await mkdtemp(join(tmpdir(), 'bitrix-events-process-'));
  await writeFile(join(directory, 'bitrix-events.yaml'), manifest);
  return [directory, () => rm(directory, { recursive: true, force: true })];
}

/** Runs the work for each item, a few at a time: processes wait for one another more than they compute. */
export async function eachOf<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
