#!/usr/bin/env node
/** The one file that touches the process: arguments, environment, streams, signals, exit code. */
import { setFlagsFromString } from 'node:v8';
import * as nodeModule from 'node:module';
import { version } from '../version.ts';
import type { World } from './world.ts';

const world: World = {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  isOutTerminal: process.stdout.isTTY === true,
  isErrTerminal: process.stderr.isTTY === true,
  columns: process.stdout.columns ?? 80,
  isInTerminal: process.stdin.isTTY === true,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  readStdin: async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  },
  ask: async (question) => {
    const { createInterface } = await import('node:readline/promises');
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    // The terminal is in raw mode while a question is open: Ctrl+C arrives here as a key, and nobody sends a signal.
    lines.once('SIGINT', () => {
      lines.close();
      process.emit('SIGINT');
    });
    // Ctrl+C and Ctrl+D close it without an answer; node:readline then rejects or never settles.
    let isAnswered = false;
    const closed = new Promise<string>((resolve) => {
      lines.once('close', () => {
        if (!isAnswered) process.stderr.write('\n');
        resolve('');
      });
    });
    try {
      const answer = await Promise.race([lines.question(question).catch(() => closed), closed]);
      isAnswered = true;
      return answer;
    } finally {
      lines.close();
    }
  },
  onInterrupt: (listener) => {
    const stop = (): void => {
      process.off('SIGINT', once);
      process.off('SIGTERM', once);
    };
    const once = (): void => {
      stop();
      listener();
    };
    process.on('SIGINT', once);
    process.on('SIGTERM', once);
    return stop;
  },
};

async function main(): Promise<void> {
  const [only, ...others] = world.argv;
  // Asked for by scripts and shells all the time: answered without loading anything.
  if (others.length === 0 && (only === '--version' || only === '-V')) return world.out(`${version}\n`);
  if ('enableCompileCache' in nodeModule) (nodeModule.enableCompileCache as () => unknown)();
  // Before 22, V8 optimises undici's WebAssembly at its first use, which costs more than it ever gains here.
  if (Number(process.versions.node.split('.')[0]) < 22) setFlagsFromString('--liftoff-only');
  const { runCli } = await import('./run-cli.ts');
  process.exitCode = await runCli(world);
}

// A reader that went away, such as `head`, and a disk that is full: what is done, and how it ends, is not told by them alone.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
await main();
