/** `bitrix-events emulator`: runs a local Bitrix24 portal until it is told to stop. */
import { resolve } from 'node:path';
import { UsageError } from '../../core/errors.ts';
import { type Emulator, startEmulator } from '../../emulator/index.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../result.ts';
import { writeFileAt } from '../write-file.ts';

export interface EmulatorCommandOptions {
  readonly port: number;
  readonly json?: boolean;
  readonly deliver?: boolean;
  readonly writeEnv?: string;
  readonly envFile?: string;
}

export async function emulator(context: Context, options: EmulatorCommandOptions): Promise<Outcome> {
  const { world } = context;
  const stopped = new Promise<void>((resolveStopped) => {
    world.onInterrupt(resolveStopped);
  });
  const running = await start(options);
  try {
    const envFile = options.writeEnv ?? options.envFile;
    if (envFile !== undefined) await writeFileAt(resolve(world.cwd, envFile), envText(running), 0o600);
    if (options.json === true || context.options.format === 'json') world.out(`${running.toReadyLine()}\n`);
    else context.print(readyText(running, envFile));
    await stopped;
    return { result: { kind: 'stopped' }, ending: 'done' };
  } finally {
    await running.close();
  }
}

async function start({ port, deliver }: EmulatorCommandOptions): Promise<Emulator> {
  try {
    return await startEmulator({ port, outbound: deliver === true ? 'send' : 'capture' });
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    throw new UsageError({
      code: 'port-unavailable',
      message: `cannot listen on port ${port}: ${String(cause.code)}`,
      hint: 'Leave --port out to get a free one',
      cause,
    });
  }
}

function envText(running: Emulator): string {
  return Object.entries(running.toEnv())
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function readyText(running: Emulator, envFile: string | undefined): string {
  const credentials =
    envFile === undefined
      ? `Its credentials, to be set in another terminal:\n\n${envText(running)
          .replaceAll(/^/gm, 'export ')
          .replace(/export $/, '')}`
      : `Its credentials are in ${envFile}.\n`;
  return `A local Bitrix24 portal listens on ${running.url}. Ctrl+C ends it.\n\n${credentials}\nInspect it: ${running.url}/_emulator/state\n`;
}
