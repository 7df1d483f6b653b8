/** Writing a manifest in an editor: what yaml-language-server proposes, explains and objects to, with the schema that a file names. */
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { allEvents } from '../../src/catalog/catalog.ts';
import { aCli, aPortal } from '../cli/cli.ts';
import { type LanguageServer, type Position, startLanguageServer } from './language-server.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('bitrix-events.yaml') && !path.includes('node_modules'))
  .map((path) => join('examples', path))
  .sort();

let server: LanguageServer;
beforeAll(async () => {
  server = await startLanguageServer();
});
afterAll(() => server.stop());

const minimal = join(root, 'examples/minimal/bitrix-events.yaml');
const comment = '# yaml-language-server: $schema=../../schemas/manifest.schema.json\n';

/** What an editor shows of a text with the cursor where `|` stands. */
async function shown(text: string, path = minimal): Promise<{ at: Position; messages: readonly string[] }> {
  const before = text.slice(0, text.indexOf('|')).split('\n');
  const at = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  const findings = await server.diagnostics(path, text.replace('|', ''));
  return { at, messages: findings.map(({ message }) => message) };
}

async function proposed(body: string): Promise<ReadonlyMap<string, unknown>> {
  const { at } = await shown(`${comment}version: 1\n${body}\n`);
  const items = await server.completions(minimal, at);
  return new Map(items.map(({ label, documentation }) => [label, documentation]));
}

async function explained(body: string): Promise<string> {
  const { at } = await shown(`${comment}version: 1\n${body}\n`);
  return server.hover(minimal, at);
}

test.for([...examples, 'bitrix-events.yaml'])(
  '%s: the schema is found where the file says, and objects to nothing',
  async (file) => {
    const path = join(root, file);
    const text = await readFile(path, 'utf8');
    expect((await shown(text, path)).messages).toEqual([]);
    // Only who has the schema knows this.
    expect((await shown(text.replace('version: 1\n', 'version: 1\nbindigs: []\n'), path)).messages).toContain(
      'Property bindigs is not allowed.',
    );
  },
);

test('keys are proposed with what they mean', async () => {
  const keys = await proposed('bindings: []\n|');
  const known = [
    'name',
    'portal',
    'scope',
    'events',
    'handlers',
    'prune',
    'owns',
    'ignore',
    'max_unbind',
    'environments',
  ];
  expect([...keys.keys()].filter((key) => known.includes(key))).toEqual(known);
  expect(keys.get('max_unbind')).toBe('The most bindings a plan may remove before a guard objects.');
  const inBinding = await proposed('bindings:\n  - event: OnCrmDealAdd\n    |');
  expect([...inBinding.keys()]).toEqual(['handler', 'auth_type', 'event_type', 'auth_connector', 'options']);
});

/** As they are proposed. */
const names = allEvents()
  .filter(({ regex }) => regex === undefined)
  .map(({ code, name }) => (name.toUpperCase() === code ? name.slice(0, 1).toUpperCase() + name.slice(1) : code));

test.for([
  'bindings:\n  - event: |',
  'bindings:\n  - {event: |}',
  'bindings:\n  - event: [|]',
  'bindings:\n  - event: [OnCrmDealAdd, OnCrmD|]',
  'bindings:\n  - event:\n      - |',
  'bindings:\n  - event:\n      - OnCrmDealAdd\n      - |',
])('every event is proposed with its summary in %j', async (body) => {
  const events = await proposed(body);
  expect(names.filter((name) => !events.has(name))).toEqual([]);
  expect(events.get('OnCrmDealAdd')).toBe('Deal was created. Scope: crm.');
  expect(events.get('OnOfflineEvent')).toContain('Cannot be bound offline.');
});

test('the beginning of a name is enough to be proposed the rest', async () => {
  for (const body of [
    'bindings:\n  - event: OnCrmDealU|',
    'bindings:\n  - event: [OnCrmDealU|]',
    'bindings:\n  - event:\n      - OnCrmDealU|',
  ])
    expect([...(await proposed(body)).keys()], body).toContain('OnCrmDealUpdate');
});

test('an event is explained in any letter case, alone and in a list', async () => {
  for (const event of [
    'OnCrm|DealAdd',
    'onCrm|DealAdd',
    'ONCRM|DEALADD',
    '[OnTaskAdd, oncrm|dealadd]',
    '"OnCrm|DealAdd"',
  ])
    expect(await explained(`bindings:\n  - event: ${event}`), event).toContain('Deal was created. Scope: crm.');
  expect(await explained('bindings:\n  - event: OnCrmDynamicItemAdd|_147')).toContain(
    'Item of one smart process was created. Scope: crm.',
  );
  expect(await explained('bindings:\n  - event: OnMy|ModuleItemAdd')).toContain(
    "in any letter case. 'bitrix-events events' lists them.",
  );
  expect(await explained('bindings:\n  - ev|ent: [OnTaskAdd, OnMyModuleItemAdd]')).toContain('A list of events');
});

test('a key is explained, and its possible values', async () => {
  expect(await explained('bindings: []\npru|ne: all')).toContain(
    'managed: those this manifest made or owns are removed.',
  );
  expect(await explained('bindings: []\nmax_un|bind: 3')).toContain(
    'The most bindings a plan may remove before a guard objects.',
  );
});

test('slips are objected to, and an event that nobody knows is none', async () => {
  const at = async (body: string): Promise<readonly string[]> =>
    (await shown(`${comment}version: 1\n${body}\n|`)).messages;
  expect(await at('bindings:\n  - event: OnMyModuleItemAdd\n    handler: https://app.example.com/b24')).toEqual([]);
  expect(await at('bindings:\n  - event: ${EVENT}\n    handler: https://app.example.com/b24')).toEqual([]);
  expect(await at('bindings:\n  - event: OnCrmDealAdd\n    handlr: crm')).toEqual(['Property handlr is not allowed.']);
  expect(await at('bindings: []\nprune: everything')).toEqual([
    'Value is not accepted. Valid values: "managed", "all", "none".',
  ]);
  // And nothing of the two hundred events it could have been.
  expect(await at('bindings:\n  - event:\n    handler: crm')).toEqual([
    'Incorrect type. Expected one of string, array.',
    'Incorrect type. Expected "string | array".',
  ]);
});

test.for(['.', 'deploy/portal'])(
  'what init and import write in %s finds the schema of the installed package',
  async (folder) => {
    const project = await mkdtemp(join(tmpdir(), 'bitrix-events-editor-'));
    onTestFinished(() => rm(project, { recursive: true, force: true }));
    await mkdir(join(project, 'node_modules'));
    await symlink(root, join(project, 'node_modules/bitrix-events'), 'junction');
    const [cli] = await aPortal({ portal: { rows: [{ event: 'ONTASKADD', handler: 'https://app.example.com/x' }] } });
    const cwd = join(project, folder);
    await mkdir(cwd, { recursive: true });
    const path = join(cwd, 'bitrix-events.yaml');
    for (const line of ['init --no-import', 'init --force', 'import']) {
      const ran = await cli.run(line, { world: { cwd } });
      expect(ran.code, ran.err).toBe(0);
      if (line === 'import') await writeFile(path, ran.out);
      const text = await readFile(path, 'utf8');
      const steps = folder === '.' ? '.' : '../..';
      expect(text).toContain(`$schema=${steps}/node_modules/bitrix-events/schemas/manifest.schema.json\n`);
      expect((await shown(text, path)).messages, line).toEqual([]);
      expect((await shown(`${text}nme: x\n`, path)).messages, line).toEqual(['Property nme is not allowed.']);
    }
  },
);

test('where nothing is installed, init names the schema as it was published with this version', async () => {
  const { name, version, files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const cli = await aCli();
  await cli.run('init');
  const text = await cli.read('bitrix-events.yaml');
  expect(text).toContain(`$schema=https://unpkg.com/${name}@${version}/schemas/manifest.schema.json\n`);
  // What is at that address is what the package has at that path.
  expect(files).toContain('schemas');
});
