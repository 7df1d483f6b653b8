/** What is in `dist`: code that can be read, and a true account of whose it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { expect, test } from 'vitest';
import { root } from '../house/sources.ts';

const dist = join(root, 'dist');
const scripts = readdirSync(dist, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.js'))
  .map((file) => ({ file, text: readFileSync(join(dist, file), 'utf8') }));

interface Component {
  readonly name: string;
  readonly group?: string;
  readonly version?: string;
  readonly purl?: string;
  readonly licenses?: readonly unknown[];
  readonly externalReferences?: readonly {
    readonly type: string;
    readonly hashes?: readonly { readonly alg: string }[];
  }[];
  readonly components?: readonly Component[];
}

const sbomText = readFileSync(join(dist, 'sbom.cdx.json'), 'utf8');
const sbom = JSON.parse(sbomText) as { readonly components: readonly Component[] };

const nameOf = ({ group, name }: Component): string => (group === undefined ? name : `${group}/${name}`);

test('no line is too long to be printed with an error, but those that hold the parser of HTTP', () => {
  const long = scripts.flatMap(({ text }) => text.split('\n').filter((line) => line.length > 2_500));
  expect(long.map((line) => line.trim().slice(0, 20))).toEqual(['const wasmBase64 = "', 'const wasmBase64 = "']);
});

test('a command reads no more files than it needs', () => {
  expect(readBy('cli.js')).toEqual(['cli.js', 'start']);
  expect(readBy(chunk('command-line'))).toEqual(['base', 'command-line', 'start']);
  // Nothing else is read to judge a manifest: opening a file takes longer than running it.
  expect(readBy(chunk('manifest'))).toEqual(['base', 'manifest']);
});

test('no file only passes on what is in another', () => {
  const passing = scripts.filter(({ text }) => /^(?:import .*\n)*export \{[^}]*\} from "[^"]*";\s*$/.test(text));
  expect(passing.map(({ file }) => file)).toEqual(['emulator.js']);
});

test('what every command reads is held by V8 at a byte a character', () => {
  for (const name of ['start', 'base', 'command-line', 'manifest']) {
    const file = chunk(name);
    expect(scripts.find((script) => script.file === file)?.text, name).toMatch(/^\p{ASCII}+$/u);
  }
});

test('the library reads nothing of the command line', () => {
  const read = readBy('index.js');
  expect(read).toContain('manifest');
  expect(read).not.toContain('command-line');
  expect(read).not.toContain('commands');
});

/** The names of all files that are read with one, itself included. */
function readBy(start: string): readonly string[] {
  const found = new Set([start]);
  for (const file of found) {
    const text = scripts.find((script) => script.file === file)?.text ?? '';
    for (const [, path = ''] of text.matchAll(/^(?:import|export) (?:.* from )?"(\.[^"]+)";$/gm))
      found.add(join(dirname(file), path));
  }
  return [...found].map(nameOfChunk).sort();
}

function chunk(name: string): string {
  return scripts.find(({ file }) => nameOfChunk(file) === name)?.file ?? '';
}

/** Without its hash, which changes with its contents. */
function nameOfChunk(file: string): string {
  return basename(file).replace(/-[\w-]{8}\.js$/, '');
}

test('the list of what is bundled keeps to the schema of CycloneDX', async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  expect(await validator.validate(sbomText)).toBeNull();
});

test('it lists the packages whose modules are in the code, each with its version, licence and digest', () => {
  const named = scripts.flatMap(({ text }) =>
    [...text.matchAll(/^\s*\/\/(?:#region)? ?node_modules\/(?:.*node_modules\/)?((?:@[^/]+\/)?[^/\s]+)\//gm)].map(
      ([, name]) => name,
    ),
  );
  expect(named.length).toBeGreaterThan(100);
  // What the bundler adds, and what it inlines where it is used, stand there without a name.
  const expected = new Set([...named, 'rolldown', 'fastest-levenshtein']);
  expect(new Set(sbom.components.map(nameOf))).toEqual(expected);
  for (const component of sbom.components) {
    const manifest: unknown = JSON.parse(
      readFileSync(join(root, 'node_modules', nameOf(component), 'package.json'), 'utf8'),
    );
    expect(manifest).toMatchObject({ version: component.version });
    expect(component.purl).toBe(`pkg:npm/${nameOf(component).replace('@', '%40')}@${component.version}`);
    expect(component.licenses, component.name).toHaveLength(1);
    const distribution = component.externalReferences?.find(({ type }) => type === 'distribution');
    expect(
      distribution?.hashes?.map(({ alg }) => alg),
      component.name,
    ).toEqual(['SHA-512']);
  }
});

test('it lists what undici carries in itself', () => {
  const undici = sbom.components.find(({ name }) => name === 'undici');
  expect(undici?.components).toMatchObject([
    { name: 'llhttp', version: '9.3.0', purl: 'pkg:github/nodejs/llhttp@v9.3.0' },
    { name: 'ws' },
  ]);
});

test('the notices have the licence of each', () => {
  const notices = readFileSync(join(dist, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const component of sbom.components) {
    expect(notices).toContain(`${nameOf(component)} ${component.version} (`);
    for (const part of component.components ?? []) expect(notices).toContain(`Contains code of ${part.name}`);
  }
});
