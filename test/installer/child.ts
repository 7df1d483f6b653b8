/** An installer in a process of its own, with the standard streams that processes have: what it says is what was written to them. */
import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { temporaryDirectory } from './world.ts';

export interface Child {
  readonly url: string;
  readonly directory: string;
  readonly process: ChildProcess;
  /** Ends it, and tells all that stands on its standard error. */
  stop(): Promise<string>;
}

export interface ChildOptions {
  readonly manifest: string;
  readonly directory?: string;
  /** More properties of the options, as source text. */
  readonly more?: string;
  /** What the process does before it listens, as source text. */
  readonly before?: string;
  readonly stdout?: 'ignore' | 'pipe' | number;
  readonly stderr?: 'pipe' | number;
}

const library = new URL('../../dist/index.js', import.meta.url).href;

/** With no options but those that are required and a store, unless there are more. */
export async function aChild(emulator: Emulator, options: ChildOptions): Promise<Child> {
  const { more = '', before = '', stdout = 'ignore', stderr = 'pipe' } = options;
  const directory = options.directory ?? (await temporaryDirectory());
  await writeFile(join(directory, 'bitrix-events.yaml'), options.manifest);
  const { clientId, clientSecret, oauthUrl } = emulator;
  const source = `
    import { createServer } from 'node:http';
    import { createInstaller, toNodeHandler } from ${JSON.stringify(library)};
    ${before}
    const installer = createInstaller({
      manifest: 'bitrix-events.yaml',
      application: ${JSON.stringify({ clientId, clientSecret, oauthUrl })},
      store: 'file:.bitrix-events',
      ${more}
    });
    const server = createServer(toNodeHandler(installer));
    server.listen(0, '127.0.0.1', () => process.send(server.address().port));
    process.once('SIGTERM', () => server.close(() => installer.close()));
  `;
  const stdio: StdioOptions = ['ignore', stdout, stderr, 'ipc'];
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { cwd: directory, env: {}, stdio });
  onTestFinished(() => void child.kill('SIGKILL'));
  let err = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => void (err += text));
  const ended = once(child, 'close');
  const [port] = (await Promise.race([
    once(child, 'message'),
    ended.then(() => {
      throw new Error(`ended: ${err}`);
    }),
  ])) as [number];
  return {
    url: `http://127.0.0.1:${port}/`,
    directory,
    process: child,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      return err;
    },
  };
}
