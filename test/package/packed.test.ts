/** What others do with the package once it is installed: compile against it, require it, import it, run it elsewhere. */
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { version } from '../../src/version.ts';
import { root } from '../house/sources.ts';
import { type Application, anApplication, type Ran } from './packed.ts';

let application: Application;

beforeAll(async () => {
  application = await anApplication();
});

afterAll(() => application.remove());

const usesBothEntries = `import { connect, createInstaller, plan, UsageError, version, type Code, type Manifest, type Store } from 'bitrix-events';
import { memoryStore, startEmulator, type Emulator } from 'bitrix-events/emulator';

export async function planned(manifest: Manifest, emulator: Emulator): Promise<number> {
  const portal = await connect({ credentials: emulator.credentials, store: 'file:.store' });
  const { plan: made } = await plan(manifest, portal);
  return made.changes.length;
}

export const store: Store = memoryStore();
export const codeOf = (error: UsageError): Code => error.code;
export const started: Promise<Emulator> = startEmulator();
export const text: string = version;
// @ts-expect-error Not any: there is no such code.
export const wrong: Code = 'no-such-code';
export const installer = createInstaller;
`;

const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  target: 'es2022',
  lib: ['es2023'],
  types: ['node'],
};

/** TypeScript 7 no longer has the resolution of Node.js 10; somebody else's dependency is a TypeScript that has. */
const typescript5 = createRequire(createRequire(import.meta.url).resolve('@arethetypeswrong/core')).resolve(
  'typescript/bin/tsc',
);
const typescript7 = join(root, 'node_modules/typescript/bin/tsc');

const resolutions = [
  { compiler: typescript5, name: 'TypeScript 5', moduleResolution: 'node10', module: 'commonjs' },
  { compiler: typescript5, name: 'TypeScript 5', moduleResolution: 'node16', module: 'node16' },
  { compiler: typescript5, name: 'TypeScript 5', moduleResolution: 'nodenext', module: 'nodenext' },
  { compiler: typescript5, name: 'TypeScript 5', moduleResolution: 'bundler', module: 'esnext' },
  { compiler: typescript7, name: 'TypeScript 7', moduleResolution: 'node16', module: 'node16' },
  { compiler: typescript7, name: 'TypeScript 7', moduleResolution: 'nodenext', module: 'nodenext' },
  { compiler: typescript7, name: 'TypeScript 7', moduleResolution: 'bundler', module: 'esnext' },
];

test.for(resolutions)(
  '$name compiles against it with the resolution $moduleResolution',
  async ({ name, compiler, moduleResolution, module }) => {
    const folder = `${name.replace(' ', '-')}-${moduleResolution}`;
    expect(await compiled(folder, 'module', compiler, { module, moduleResolution })).toEqual({
      code: 0,
      out: '',
      err: '',
    });
  },
);

test('TypeScript 7 compiles a CommonJS module against it', async () => {
  expect(await compiled('cjs', 'commonjs', typescript7, { module: 'nodenext' })).toEqual({ code: 0, out: '', err: '' });
});

async function compiled(folder: string, type: string, compiler: string, options: object): Promise<Ran> {
  await application.write(`${folder}/package.json`, JSON.stringify({ type }));
  await application.write(`${folder}/main.ts`, usesBothEntries);
  const compilerOptions = { ...strict, ...options };
  await application.write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  return application.run(process.execPath, compiler, '-p', folder);
}

const names = "[typeof all.connect, all.version, typeof emulator.startEmulator].join(' ')";

test('CommonJS requires it, without a warning', async () => {
  await application.write(
    'main.cjs',
    `const all = require('bitrix-events'); const emulator = require('bitrix-events/emulator'); console.log(${names});`,
  );
  expect(await application.run(process.execPath, 'main.cjs')).toEqual({
    code: 0,
    out: `function ${version} function\n`,
    err: '',
  });
});

test('an ES module imports it', async () => {
  await application.write(
    'main.mjs',
    `import * as all from 'bitrix-events'; import * as emulator from 'bitrix-events/emulator'; console.log(${names});`,
  );
  expect(await application.run(process.execPath, 'main.mjs')).toEqual({
    code: 0,
    out: `function ${version} function\n`,
    err: '',
  });
});

test('publint finds nothing', async () => {
  const { messages, pkg } = await publint({ pkgDir: application.installed, strict: true, pack: false });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('are-the-types-wrong finds nothing, but that it is an ES module for CommonJS too', async () => {
  const checked = await checkPackage(createPackageFromTarballData(await readFile(application.tarball)));
  const problems = 'problems' in checked ? checked.problems : [{ kind: 'no types' }];
  // Every Node.js it runs on can require one.
  expect(problems.filter(({ kind }) => kind !== 'CJSResolvesToESM')).toEqual([]);
});

const inDeno = `import { apply, connect, loadManifest, plan } from 'bitrix-events';
import { startEmulator } from 'bitrix-events/emulator';

const emulator = await startEmulator();
const manifest = await loadManifest({ cwd: Deno.cwd(), env: {}, file: 'bitrix-events.yaml' });
const portal = await connect({ credentials: emulator.credentials, store: 'file:.deno-store' });
const { report } = await apply(manifest, portal);
const again = await plan(manifest, portal);
console.log(report.verdict, again.plan.changes.length);
await portal.close();
await emulator.close();
// Deno waits for the timer of a time limit that was listened to, over or not.
Deno.exit();
`;

test('Deno type-checks, plans and applies with it, and runs the command', async (context) => {
  const deno = await denoCommand();
  if (deno === undefined) return context.skip('there is no Deno here, and npm could not bring one');
  const run = (...argv: string[]) =>
    application.run(deno[0], ...deno.slice(1), 'run', '--check', '-A', '--node-modules-dir=manual', ...argv);
  await application.write(
    'bitrix-events.yaml',
    'version: 1\nbindings:\n  - event: OnCrmDealAdd\n    handler: https://app.example/b24\n',
  );
  await application.write('main.ts', inDeno);
  expect(await run('main.ts')).toMatchObject({ code: 0, out: 'converged 0\n' });
  expect(await run('npm:bitrix-events', 'validate')).toMatchObject({
    code: 0,
    out: 'bitrix-events.yaml: valid, 1 binding\n',
  });
});

async function denoCommand(): Promise<readonly [string, ...string[]] | undefined> {
  const candidates = [['deno'], ['npx', '--yes', '--offline=false', 'deno@2.9.6']] as const;
  for (const candidate of candidates) {
    const [program, ...argv] = candidate;
    const { code } = await application.run(program, ...argv, '--version');
    if (code === 0) return candidate;
  }
  return undefined;
}
