/** The declarations that are published: a consumer compiles against them with nothing else of this project at hand. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { writeDeclarations } from '../../scripts/declarations.mjs';
import { allPages } from '../docs/pages.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const compiler = join(root, 'node_modules/typescript/bin/tsc');

const consumer = `
import { apply, check, connect, loadManifest, plan, openFileStore, BitrixEventsError, RefusedError } from 'bitrix-events';
import type { Change, CheckResult, Plan, Report, Store } from 'bitrix-events';
import { startEmulator, type Emulator } from 'bitrix-events/emulator';

export async function main(): Promise<Report> {
  const emulator: Emulator = await startEmulator();
  const manifest = await loadManifest({ cwd: '/app', env: { APP: 'https://app.example.com' } });
  const store: Store = openFileStore('/app/.bitrix-events');
  const connection = await connect({ credentials: { accessToken: emulator.accessToken }, store });
  const planned = await plan(manifest, connection, { prune: 'none', rebind: ['ONTASKADD'] });
  const value: Plan = planned.plan;
  const changes: readonly Change[] = value.changes;
  const result: CheckResult = await check(manifest, connection, { failOn: ['missing'] });
  try {
    const { report } = await apply(manifest, connection, { consent: { allowUnbind: changes.length } });
    return report;
  } catch (error) {
    if (error instanceof RefusedError) throw new Error(error.objections.map(({ hint }) => hint).join());
    if (error instanceof BitrixEventsError) throw new Error(error.code + result.verdict);
    throw error;
  } finally {
    await connection.close();
  }
}

// @ts-expect-error a plan is data that nobody changes
export const change = (planned: Plan): void => void (planned.changes = []);
// @ts-expect-error there is no such mode
export const prune: Parameters<typeof plan>[2] = { prune: 'some' };
// @ts-expect-error the environment is the caller's to give
export const bare = loadManifest({ cwd: '/app' });
`;

function compile(cwd: string, ...argv: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, ...argv], { cwd }, (error, out, err) =>
      resolve(error === null ? '' : out + err),
    );
  });
}

/** What the examples in the sources' documentation take for granted. */
const around = `
import { createServer } from 'node:http';
import { apply, connect, createInstaller, credentialsFromEnv, loadManifest } from 'bitrix-events';
import { toFastifyPlugin, toNodeHandler, type FastifyLike, type Installer, type NodeHandler } from 'bitrix-events';
import { startEmulator } from 'bitrix-events/emulator';
declare const installer: Installer;
declare const app: {
  use(path: string, handler: NodeHandler): void;
  register(plugin: (fastify: FastifyLike) => Promise<void>): Promise<void>;
};
`;

/** The code that the documents show of the library, to be compiled: as it stands, or, where it imports nothing, in the middle of a program. */
function documentSnippets(): readonly string[] {
  const blocks = allPages().flatMap((page) => page.blocks);
  const shown = blocks.filter(({ page, language, info }) => {
    const isOurs = language === 'js' || (language === 'ts' && (info === '' || info === 'example'));
    return isOurs && page !== 'docs/own-store.md';
  });
  return shown.map(({ text }) => (/^import /m.test(text) ? text : `${around}{\n${text}}\n`));
}

test('a consumer, and what the documents show of the library, compiles against the declarations', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'bitrix-events-types-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const installed = join(directory, 'node_modules/bitrix-events');
  const dist = join(installed, 'dist');
  await mkdir(join(directory, 'node_modules/@types'), { recursive: true });
  await mkdir(dist, { recursive: true });
  await cp(join(root, 'package.json'), join(installed, 'package.json'));
  await symlink(join(root, 'node_modules/@types/node'), join(directory, 'node_modules/@types/node'));
  await symlink(join(root, 'node_modules/undici-types'), join(directory, 'node_modules/undici-types'));
  writeDeclarations(dist);

  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  await writeFile(join(directory, 'consumer.ts'), consumer);
  const snippets = documentSnippets();
  expect(snippets.length).toBeGreaterThan(7);
  const files = snippets.map((_, index) => `document-${index + 1}.ts`);
  await Promise.all(files.map((file, index) => writeFile(join(directory, file), snippets[index] ?? '')));
  const options = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    noEmit: true,
    types: ['node'],
    exactOptionalPropertyTypes: true,
  };
  await writeFile(
    join(directory, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['consumer.ts', ...files] }),
  );

  expect(await compile(directory, '-p', '.')).toBe('');
});
