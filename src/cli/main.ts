#!/usr/bin/env node
/** The one file that touches the process: arguments, environment, streams, signals, exit code. */
import { version } from '../version.ts';
import { exitCode } from './endings.ts';
import { nodeProblem } from './node-version.ts';
import type { World } from './world.ts';

/** Why stdout takes nothing any more; a reader that went away, such as `head`, is no problem of anybody. */
let outProblem: string | undefined;

/** Its window was closed, or the connection to it lost. */
let hasLostTerminal = false;

const world: World = {
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  isOutTerminal: process.stdout.isTTY === true,
  isErrTerminal: process.stderr.isTTY === true,
  columns: process.stdout.columns || 80,
  // Opening standard input takes time, and few commands ask anything.
  get isInTerminal() {
    return process.stdin.isTTY === true && process.stderr.isTTY === true;
  },
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  drained: () =>
    new Promise((resolve) => {
      // Called back in any case, after whatever was written before; what went wrong is told right after that.
      process.stdout.write('', () => setImmediate(() => resolve(outProblem)));
    }),
  readStdin: async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  },
  ask: async (question, signal) => {
    const { createInterface } = await import('node:readline');
    // Line by line, as the terminal gives them, so that Ctrl+C, Ctrl+Z and `fg` are its business: in raw mode a program that was
    // stopped and goes on is left without input, and ends in the middle of its question.
    const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
    process.stdin.on('error', ignored);
    try {
      return await new Promise<string>((resolve) => {
        const end = (): void => {
          process.stderr.write('\n');
          resolve('');
        };
        if (signal.aborted) return end();
        signal.addEventListener('abort', end, { once: true });
        lines.once('close', end);
        lines.question(question, (answer) => {
          lines.off('close', end);
          signal.removeEventListener('abort', end);
          resolve(answer);
        });
      });
    } finally {
      lines.removeAllListeners('close').close();
    }
  },
  onInterrupt: (listener) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const stop = (): void => {
      for (const signal of signals) process.off(signal, once);
    };
    const once = (): void => {
      stop();
      listener();
    };
    for (const signal of signals) process.on(signal, once);
    return stop;
  },
};

async function main(): Promise<void> {
  const problem = nodeProblem(process.versions.node);
  if (problem !== undefined) {
    process.exitCode = exitCode('failed');
    return world.err(`${problem}\n`);
  }
  const [only, ...others] = world.argv;
  // Asked for by scripts and shells all the time: answered without loading anything.
  if (others.length === 0 && (only === '--version' || only === '-V')) return world.out(`${version}\n`);
  const { enableCompileCache } = process.getBuiltinModule('node:module') as { enableCompileCache?: () => unknown };
  enableCompileCache?.();
  if (Number(process.versions.node.split('.')[0]) < 22) speedUpFirstRequest();
  // Asked by a shell at every Tab: answered without what reads and runs a command line.
  if (only === 'complete') {
    const { complete } = await import('./completion/complete.ts');
    return world.out(await complete(others, world));
  }
  const { runCli } = await import('./run-cli.ts');
  process.exitCode = await runCli(world);
}

/**
 * Before 22, V8 optimises undici's WebAssembly at its first use, which costs more than it ever gains here. Not before there is
 * something to connect to: at any change of a flag V8 gives up the code it has kept of Node.js' own modules.
 */
function speedUpFirstRequest(): void {
  const { subscribe, unsubscribe } = process.getBuiltinModule('node:diagnostics_channel');
  const channel = 'undici:client:beforeConnect';
  const onConnect = (): void => {
    unsubscribe(channel, onConnect);
    process.getBuiltinModule('node:v8').setFlagsFromString('--liftoff-only');
  };
  subscribe(channel, onConnect);
}

function ignored(): void {}

process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code !== 'EPIPE') outProblem ??= code ?? message;
  hasLostTerminal ||= world.isOutTerminal && code === 'EIO';
});
process.stderr.on('error', ({ code }: NodeJS.ErrnoException) => {
  hasLostTerminal ||= world.isErrTerminal && code === 'EIO';
});

/** Left to itself, Node.js would print a line of the bundle, and nothing of whose bug it is. */
async function endOfBug(bug: unknown): Promise<void> {
  // What would tell it may be what is broken, and must not be told of in its turn, over and over.
  const text = await import('./run-cli.ts').then(
    ({ bugText }) => bugText(world, bug),
    () => `${String(bug)}\n`,
  );
  world.err(text);
  process.exit(exitCode('failed'));
}

process.on('uncaughtException', (error) => void endOfBug(error));

await main();
// Node.js sets the terminal back at its end, and aborts, with a dump, when that is gone: being hung up is the better end.
if (hasLostTerminal) process.kill(process.pid, 'SIGHUP');
