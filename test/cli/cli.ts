/** Runs the command line inside the test: a temporary directory, an emulated portal, and everything written, as values. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';
import type { World } from '../../src/cli/world.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/index.ts';

type Env = Readonly<Record<string, string>>;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Env;
  readonly stdin?: string | Uint8Array;
  /** Makes it a terminal on which this is typed. */
  readonly answer?: string;
  readonly world?: Partial<World>;
}

export interface Cli {
  readonly directory: string;
  run(argv: string | readonly string[], options?: RunOptions): Promise<Ran>;
  write(file: string, text: string | Uint8Array): Promise<void>;
  read(file: string): Promise<string>;
}

/** A directory of its own, and no credentials but the given ones. */
export async function aCli(env: Env = {}): Promise<Cli> {
  const directory = await mkdtemp(join(tmpdir(), 'bitrix-events-cli-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return {
    directory,
    run: (argv, options = {}) => run(directory, env, typeof argv === 'string' ? words(argv) : argv, options),
    async write(file, text) {
      const path = join(directory, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    },
    read: (file) => readFile(join(directory, file), 'utf8'),
  };
}

function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

async function run(cwd: string, env: Env, argv: readonly string[], options: RunOptions): Promise<Ran> {
  let out = '';
  let err = '';
  const { stdin = '', answer } = options;
  const world: World = {
    argv,
    env: { ...env, ...options.env },
    cwd,
    isOutTerminal: false,
    isErrTerminal: false,
    columns: 80,
    isInTerminal: answer !== undefined,
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    drained: () => Promise.resolve(undefined),
    readStdin: () => Promise.resolve(typeof stdin === 'string' ? new TextEncoder().encode(stdin) : stdin),
    ask: (question) => {
      err += question;
      return Promise.resolve(answer ?? '');
    },
    onInterrupt: () => () => {},
    ...options.world,
  };
  const code = await runCli(world);
  return { code, out, err };
}

export async function anEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator(options);
  // Tests send more requests than people do, and pacing is tested elsewhere.
  emulator.setSwitches({ leakyBucket: false });
  onTestFinished(() => emulator.close());
  return emulator;
}

/** A portal, the credentials for it, and a manifest in the directory. */
export async function aPortal(options: EmulatorOptions = {}, manifest = manifestText()): Promise<[Cli, Emulator]> {
  const emulator = await anEmulator(options);
  const cli = await aCli(emulator.toEnv());
  await cli.write('bitrix-events.yaml', manifest);
  return [cli, emulator];
}

export const handler = 'https://app.example.com/b24';

/** Three bindings unless others are given. */
export function manifestText(
  events: readonly string[] = ['OnCrmDealAdd', 'OnCrmLeadAdd', 'OnTaskAdd'],
  more = '',
): string {
  const bindings = events.map((event) => `\n  - { event: ${event}, handler: "${handler}" }`).join('');
  return `version: 1\n${more}bindings:${bindings === '' ? ' []' : bindings}\n`;
}

/** What the portal changed its mind about, in order. */
export function writesTo(emulator: Emulator): readonly string[] {
  const names = (request: Emulator['requests'][number]): readonly string[] =>
    request.commands?.map(({ method }) => method) ?? [request.method];
  return emulator.requests.flatMap(names).filter((method) => /^event\.(un)?bind$|option\.set$/.test(method));
}

/** The one JSON document that stdout may hold. */
export function document(ran: Ran): Record<string, unknown> {
  return JSON.parse(ran.out) as Record<string, unknown>;
}
