import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ManifestError, UsageError } from '../../src/core/errors.ts';
import { inspectManifest, loadManifest } from '../../src/manifest/load-manifest.ts';
import type { LoadOptions } from '../../src/manifest/load-options.ts';
import { diagnosticLine } from './support.ts';

const directories: string[] = [];

async function directoryWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'manifest-')));
  directories.push(root);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

afterEach(async () => {
  await Promise.all(directories.splice(0).map((path) => rm(path, { recursive: true })));
});

const named = (name: string): string => `version: 1\nname: ${name}\nbindings: []\n`;
const json = (name: string): string => JSON.stringify({ version: 1, name, bindings: [] });
const load = (cwd: string, options: Partial<LoadOptions> = {}) => loadManifest({ cwd, env: {}, ...options });

test.each([
  ['bitrix-events.yaml', named('x')],
  ['bitrix-events.yml', named('x')],
  ['bitrix-events.json', json('x')],
  ['.bitrix-eventsrc', named('x')],
  ['.bitrix-eventsrc.yaml', named('x')],
  ['.bitrix-eventsrc.yml', named('x')],
  ['.bitrix-eventsrc.json', json('x')],
  ['package.json', `{ "name": "app", "bitrix-events": ${json('x')} }`],
])('%s is found', async (file, text) => {
  const cwd = await directoryWith({ [file]: text });
  expect(await load(cwd)).toMatchObject({ name: 'x', file });
});

test('the nearest manifest upward is taken, and named as seen from the working directory', async () => {
  const root = await directoryWith({
    'bitrix-events.yaml': named('far'),
    'a/bitrix-events.yml': named('near'),
    'a/b/package.json': '{ "name": "app" }',
    'a/b/c/package.json': 'no JSON',
    'a/b/c/d/package.json': '',
  });
  expect(await load(join(root, 'a/b/c/d'))).toMatchObject({ name: 'near', file: '../../../bitrix-events.yml' });
});

test('a package.json without our key hides nothing beside it', async () => {
  const cwd = await directoryWith({ 'package.json': '{}', '.bitrix-eventsrc': named('x') });
  expect(await load(cwd)).toMatchObject({ file: '.bitrix-eventsrc' });
});

test('problems in package.json have their places in it', async () => {
  const cwd = await directoryWith({
    'package.json': '{\n  "bitrix-events": {\n    "version": 1,\n    "bindngs": []\n  }\n}\n',
  });
  const { diagnostics } = await inspectManifest({ cwd, env: {} });
  expect(diagnostics.map(diagnosticLine)).toEqual([
    "4:5 error unknown-key | unknown key 'bindngs' in the manifest | Did you mean 'bindings'?",
  ]);
});

test('an empty manifest is found and reported, not passed over', async () => {
  const cwd = await directoryWith({ 'bitrix-events.yaml': '', 'package.json': '{}' });
  const { diagnostics } = await inspectManifest({ cwd, env: {} });
  expect(diagnostics.map(({ code }) => code)).toEqual(['empty-manifest']);
});

test('nothing found is the fault of the caller', async () => {
  const cwd = await directoryWith({ 'package.json': '{}' });
  const error = await load(cwd).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UsageError);
  expect(error).toMatchObject({ code: 'no-manifest', message: `no bitrix-events.yaml in '${cwd}' or above` });
});

test.each([
  ['nothing', '{}'],
  ['a place to look', '{ "cosmiconfig": { "searchPlaces": [".bitrix-eventsrc.js"] } }'],
])('no script is run while searching, with %s in package.json for the search library', async (_what, settings) => {
  const script = "require('node:fs').writeFileSync(require('node:path').join(__dirname, 'was-run'), '');";
  const places = [
    '.config/config',
    '.config/bitrix-eventsrc',
    'bitrix-events.config',
    '.bitrix-eventsrc',
    'bitrix-events',
  ];
  const scripts = places.flatMap((place) =>
    ['js', 'cjs', 'ts', 'mjs'].map((extension) => [`${place}.${extension}`, script]),
  );
  const cwd = await directoryWith({
    ...Object.fromEntries(scripts),
    'package.json': settings,
    'sub/package.json': '{}',
  });
  // The search library itself looks for its settings in the working directory of the process.
  const before = process.cwd();
  process.chdir(cwd);
  try {
    await expect(load(join(cwd, 'sub'))).rejects.toMatchObject({ code: 'no-manifest' });
  } finally {
    process.chdir(before);
  }
  expect((await readdir(cwd, { recursive: true })).filter((file) => file.includes('was-run'))).toEqual([]);
});

test('a file can be named, against the working directory', async () => {
  const cwd = await directoryWith({ 'a/other.yaml': named('x') });
  expect(await load(cwd, { file: 'a/other.yaml' })).toMatchObject({ name: 'x', file: 'a/other.yaml' });
});

test('a file that is not there is the fault of the caller', async () => {
  const cwd = await directoryWith({});
  await expect(load(cwd, { file: 'x.yaml' })).rejects.toMatchObject({
    name: 'UsageError',
    code: 'unreadable-manifest',
    message: "cannot read 'x.yaml': there is no such file",
  });
});

test.each([
  ['as text', named('x')],
  ['as bytes', async () => new TextEncoder().encode(named('x'))],
])('standard input is read %s', async (_how, stdin) => {
  expect(await load('/', { file: '-', stdin })).toMatchObject({ name: 'x', file: '<stdin>' });
});

const bytes = (...parts: (string | number)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));

test.each([
  [
    'binary',
    bytes('version: 1\nab', 0, 'c'),
    ['2:3 error binary-file | the file holds a NUL character | Name a YAML or JSON text file'],
  ],
  [
    'Latin-1',
    bytes('# caf\u00e9\nname: caf', 0xe9, '\n'),
    ['2:10 error not-utf8 | the manifest is not UTF-8 | Save it as UTF-8'],
  ],
  [
    'UTF-16',
    Buffer.from('\u{feff}version: 1', 'utf16le'),
    ['1:1 error not-utf8 | the manifest is UTF-16, not UTF-8 | Save it as UTF-8'],
  ],
  [
    'too large',
    bytes(`version: 1\nbindings: []\n#${'x'.repeat(1024 * 1024)}`),
    ['- error too-large | the manifest is larger than 1 MiB | Split it into several manifests'],
  ],
])('a %s file is reported', async (_what, content, problems) => {
  const cwd = await directoryWith({ 'bitrix-events.yaml': content });
  const { manifest, diagnostics } = await inspectManifest({ cwd, env: {} });
  expect(manifest).toBeUndefined();
  expect(diagnostics.map(diagnosticLine)).toEqual(problems);
  await expect(load(cwd)).rejects.toBeInstanceOf(ManifestError);
});

test('a directory is reported', async () => {
  const cwd = await directoryWith({ 'manifests/x.yaml': '' });
  const { diagnostics } = await inspectManifest({ cwd, env: {}, file: 'manifests' });
  expect(diagnostics.map(diagnosticLine)).toEqual([
    "- error is-directory | 'manifests' is a directory | Name the file in it",
  ]);
});

test('variables come from .env beside the manifest, and the real environment wins', async () => {
  const root = await directoryWith({
    '.env': 'A=outer\n',
    'app/.env': 'A=from-file\nB="also from-file"\n',
    'app/bitrix-events.yaml': 'version: 1\nbindings: []\nowns: ["https://a.b/${A}/${B}/${C:-none}"]\n',
  });
  const owns = async (env: LoadOptions['env']) => (await load(root, { file: 'app/bitrix-events.yaml', env })).owns;
  expect(await owns({})).toEqual(['https://a.b/from-file/also from-file/none']);
  expect(await owns({ A: 'real', B: undefined, C: '' })).toEqual(['https://a.b/real/also from-file/none']);
});

test('a .env that cannot be read is reported', async () => {
  const cwd = await directoryWith({ 'bitrix-events.yaml': named('x'), '.env/x': '' });
  const { diagnostics } = await inspectManifest({ cwd, env: {} });
  expect(diagnostics.map(({ code, position }) => [code, position])).toEqual([['env-file', { file: '.env' }]]);
});

test('the error carries every problem, warnings included', async () => {
  const text = 'version: 1\nbindings: [{ event: Nothing, handler: x }]\n';
  const error = await load('/', { file: '-', stdin: text }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ManifestError);
  if (!(error instanceof ManifestError)) return;
  expect(error.code).toBe('invalid-manifest');
  expect(error.diagnostics.map(({ severity, code }) => [severity, code])).toEqual([
    ['warning', 'unknown-event'],
    ['error', 'unknown-handler'],
  ]);
});
