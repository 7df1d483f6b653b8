/** The edges of the manifest: placeholders, numbers, what overrides nothing, URLs with what nobody sees, boundaries, custom events. */
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { inspectManifest } from '../../src/manifest/load-manifest.ts';
import { parseManifest } from '../../src/manifest/parse-manifest.ts';
import { defaults, diagnosticLine, problemsIn, withBindings } from './support.ts';

const one = (...lines: readonly string[]) =>
  withBindings('  - event: OnTaskAdd', ...lines.map((line) => `    ${line}`));
const handler = 'handler: https://a.b/x';

describe('a placeholder', () => {
  it('with :? is an error that says what for, also when the variable is set to nothing', () => {
    const text = one('handler: ${BASE:?the address of the staging server}/x');
    const said = "the environment variable 'BASE' is not set: the address of the staging server";
    expect(problemsIn(text).map((line) => line.split(' | ')[1])).toEqual([said]);
    expect(parseManifest(text, { ...defaults, env: { BASE: '' } }).diagnostics).toMatchObject([{ message: said }]);
    expect(parseManifest(text, { ...defaults, env: { BASE: 'https://a.b' } }).diagnostics).toEqual([]);
    expect(parseManifest(text, { ...defaults, allowMissingEnv: true }).diagnostics).toEqual([]);
  });

  it.each(['${A:-${B}}', '${A:-x{y}'])('whose default has a brace in it is an error: %s', (placeholder) => {
    const [line = '', ...others] = problemsIn(one(`handler: "https://a.b/${placeholder}"`));
    expect(others).toEqual([]);
    expect(line).toContain('bad-placeholder');
    expect(line).toContain('has a { in it, and ends at the first }');
  });

  it.each([
    ['auth_type', (value: string) => one(handler, `auth_type: ${value}`)],
    ['max_unbind', (value: string) => `${one(handler)}max_unbind: ${value}\n`],
    [
      'an option',
      (value: string) =>
        withBindings('  - event: OnOfflineEvent', `    ${handler}`, `    options: { minTimeout: "${value}" }`),
    ],
  ])('is read as a number where one belongs: %s', (_what, text) => {
    expect(parseManifest(text('${N}'), { ...defaults, env: { N: '15' } }).diagnostics).toEqual([]);
    expect(parseManifest(text('${N:-7}'), defaults).diagnostics).toEqual([]);
    expect(parseManifest(text('${N}'), { ...defaults, env: { N: 'many' } }).diagnostics).toHaveLength(1);
    expect(parseManifest(text('${N}'), { ...defaults, allowMissingEnv: true }).diagnostics).toEqual([]);
    expect(parseManifest(text('${N}'), defaults).diagnostics.map(({ code }) => code)).toEqual(['missing-variable']);
  });

  it('is no number beside other text, and a quoted number is none', () => {
    const problems = problemsIn(one(handler, 'auth_type: "1${A:-5}"'));
    expect(problems).toEqual([
      "5:16 error wrong-type | 'auth_type' is the text '15', expected a whole number | Leave the quotes away",
    ]);
  });
});

test.each([
  ['.inf', '.inf'],
  ['-.inf', '-.inf'],
  ['.nan', '.nan'],
])('%s is said as what it is', (written, shown) => {
  expect(problemsIn(one(handler, `auth_type: ${written}`)).join()).toContain(`'auth_type' is ${shown}`);
});

test('an override that overrides nothing is a warning with what was meant', () => {
  const text = `${one(handler)}handlers: { crm: https://a.b/crm }\nenvironments:\n  staging: { handlers: { crn: https://a.b/s } }\n`;
  expect(problemsIn(text)).toEqual([
    "7:26 warning stray-override | handler 'crn' of environment 'staging' overrides nothing: the manifest has no handler of that name | Did you mean 'crm'?",
  ]);
});

test('an environment may have a name of its own', () => {
  const text = `${one(handler)}name: app\nenvironments:\n  staging: { name: app-staging }\n`;
  const nameIn = (environment?: string) => parseManifest(text, { ...defaults, environment }).manifest?.name;
  expect([nameIn(), nameIn('staging')]).toEqual(['app', 'app-staging']);
});

describe('a handler', () => {
  it('with white space at its end is a warning, and an error when it came out of a variable', () => {
    expect(problemsIn(one('handler: "https://a.b/x "'))).toEqual([
      "4:14 warning handler-characters | handler 'https://a.b/x ' has white space at its beginning or end | The portal would keep it as a part of the URL; take it out",
    ]);
    const { diagnostics } = parseManifest(one('handler: ${URL}'), { ...defaults, env: { URL: 'https://a.b/x\r' } });
    expect(diagnostics).toMatchObject([{ severity: 'error', code: 'handler-characters' }]);
    expect(diagnostics[0]?.message).toContain('came out of a variable');
  });

  it('with a control character is an error, and does not reach the terminal', () => {
    const [line = ''] = problemsIn(one('handler: "https://a.b/\\u001b[31mx"'));
    expect(line).toContain('error handler-characters');
    expect(line).not.toContain('\u001b');
  });
});

describe('an event that the catalogue does not know', () => {
  const text = (scope: string, more = '') =>
    `version: 1\nscope: [${scope}]\n${more}bindings:\n  - { event: OnMyThing, handler: https://a.b/x }\n`;

  it('is an error where the catalogue knows every scope, and a warning where a module of its own may bring it', () => {
    expect(problemsIn(text('crm')).join()).toContain('error unknown-event');
    expect(problemsIn(text('crm, mymodule')).join()).toContain('warning unknown-event');
  });

  it('can be declared', () => {
    expect(problemsIn(text('crm', 'events: [onMyThing]\n'))).toEqual([]);
  });
});

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bitrix-events-edges-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test('two files that could be the manifest draw a warning, which says which one is used', async () => {
  const cwd = await folder();
  for (const name of ['bitrix-events.yaml', 'bitrix-events.yml', '.bitrix-eventsrc']) {
    await writeFile(join(cwd, name), 'version: 1\nbindings: []\n');
  }
  const { diagnostics, manifest } = await inspectManifest({ cwd, env: {} });
  expect(diagnostics.map(diagnosticLine)).toEqual([
    "- warning several-manifests | 'bitrix-events.yml' beside it could be the manifest as well, and is not used | Remove or rename 'bitrix-events.yml', or name one of them with --manifest",
    "- warning several-manifests | '.bitrix-eventsrc' beside it could be the manifest as well, and is not used | Remove or rename '.bitrix-eventsrc', or name one of them with --manifest",
  ]);
  expect(manifest?.diagnostics).toEqual(diagnostics);
  expect((await inspectManifest({ cwd, env: {}, file: 'bitrix-events.yml' })).diagnostics).toEqual([]);
});

test('a link that leads nowhere is not passed over for a manifest above', async () => {
  const cwd = await folder();
  await symlink('gone.yaml', join(cwd, 'bitrix-events.yaml'));
  await expect(inspectManifest({ cwd, env: {} })).rejects.toMatchObject({
    code: 'unreadable-manifest',
    message: "cannot read 'bitrix-events.yaml': it is a link to 'gone.yaml', and there is no such file",
  });
});
