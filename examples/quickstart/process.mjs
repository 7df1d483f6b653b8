/** Child processes of the quick start, and what happens to them when it is interrupted. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const running = new Set();

/** Starts a child in the repository, without standard input; `endAll` ends it. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** Runs a child to its end and tells its exit code. */
export function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, options);
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
}

/** Ends every child that is left and waits until they are gone. */
export async function endAll() {
  await Promise.all([...running].map(end));
}

async function end(child) {
  const gone = new Promise((resolve) => child.once('close', resolve));
  const patience = setTimeout(() => child.kill('SIGKILL'), 5000);
  child.kill();
  await gone;
  clearTimeout(patience);
}

/** Rejects once somebody interrupts the quick start, with every child told to end. */
export function onceStopped() {
  const stopped = new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.once(signal, () => {
        for (const child of running) child.kill();
        reject(Object.assign(new Error('interrupted'), { exitCode: 130 }));
      });
    }
  });
  // It may happen while nobody waits for it yet, and must not end the process before the cleaning up.
  stopped.catch(() => {});
  return stopped;
}
