/** The first minutes: a manifest from answers or from the portal, what git ignores, and the pipeline. */
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { version } from '../../src/version.ts';
import { aCli, anEmulator, type Cli, document } from './cli.ts';

const schema = `https://unpkg.com/bitrix-events@${version}/schemas/manifest.schema.json`;
const head = `# yaml-language-server: $schema=${schema}\nversion: 1\n`;
const handler = 'https://app.example.com/b24';

/** A terminal on which these lines are typed, one a question. */
function typing(lines: readonly string[]) {
  const left = [...lines];
  const asked: string[] = [];
  const ask = (question: string) => {
    asked.push(question.trim());
    return Promise.resolve(left.shift() ?? '');
  };
  return { asked, options: { answer: '', world: { ask } } };
}

function gitIn(cli: Cli) {
  return mkdir(join(cli.directory, '.git'), { recursive: true });
}

test('without a terminal it asks nothing, and writes a manifest that asks for nothing yet', async () => {
  const cli = await aCli();
  const ran = await cli.run('init');
  expect(ran).toMatchObject({ code: 0, err: '' });
  const name = basename(cli.directory);
  expect(await cli.read('bitrix-events.yaml')).toBe(
    `${head}name: ${name}\n# For example:\n#   - event: [OnCrmDealAdd, OnCrmDealUpdate]\n#     handler: https://app.example.com/b24/crm\nbindings: []\n`,
  );
  expect(ran.out).toBe(
    'written   bitrix-events.yaml  0 bindings\n\nNext:\n' +
      '  bitrix-events doctor  says what is missing before a portal can be asked\n' +
      '  bitrix-events plan    shows what would change\n' +
      '  bitrix-events apply   changes it\n',
  );
  expect(await cli.run('validate')).toMatchObject({ code: 0, err: '' });
});

test('each answer is an option', async () => {
  const cli = await aCli();
  const { asked, options } = typing([]);
  const line = `init --name crm-sync --handler ${handler} --event OnCrmDealAdd --event OnTaskAdd --ci gitlab`;
  expect((await cli.run(line, options)).code).toBe(0);
  expect(asked).toEqual([]);
  expect(await cli.read('bitrix-events.yaml')).toBe(
    `${head}name: crm-sync\nhandlers:\n  app: ${handler}\nbindings:\n  - event: OnCrmDealAdd\n    handler: app\n  - event: OnTaskAdd\n    handler: app\n`,
  );
  expect(await cli.read('.gitlab-ci.yml')).toContain('bitrix-events-check:');
});

test('on a terminal what no option says is asked, and an empty answer takes what is proposed', async () => {
  const cli = await aCli();
  await cli.write('package.json', '{ "name": "@acme/crm sync" }');
  const { asked, options } = typing(['', handler, 'OnCrmDealAdd, OnTaskAdd', 'none']);
  expect((await cli.run('init', options)).code).toBe(0);
  expect(asked).toEqual([
    'Name of the manifest? [crm-sync]',
    'URL of the handler, where events go? [none yet]',
    'Events, such as OnCrmDealAdd? [none yet]',
    'Write the pipeline for github or gitlab? [none]',
  ]);
  expect(await cli.read('bitrix-events.yaml')).toMatch(/^name: crm-sync$.*event: OnTaskAdd$/ms);
});

test('with credentials it writes what is bound, with a name always, and planning it changes nothing', async () => {
  const emulator = await anEmulator({ portal: { rows: [{ event: 'ONTASKADD', handler }] } });
  const cli = await aCli(emulator.toEnv());
  expect(await cli.run('init --name default')).toMatchObject({ code: 0, err: '' });
  expect(await cli.read('bitrix-events.yaml')).toBe(
    `${head}name: default\nbindings:\n  - event: OnTaskAdd\n    handler: ${handler}\n`,
  );
  expect((await cli.run('plan --detailed-exitcode')).code).toBe(0);

  const before = emulator.requests.length;
  expect((await cli.run('init --force --no-import')).code).toBe(0);
  expect(await cli.read('bitrix-events.yaml')).toContain('bindings: []');
  expect((await cli.run(`init --force --handler ${handler} --event OnCrmDealAdd`)).code).toBe(0);
  expect(emulator.requests).toHaveLength(before);
});

test('tokens in the store are credentials too', async () => {
  const emulator = await anEmulator({ portal: { rows: [{ event: 'ONTASKADD', handler }] } });
  const cli = await aCli();
  await cli.run('events deal', { env: emulator.toEnv() });
  const { BITRIX24_CLIENT_ID, BITRIX24_CLIENT_SECRET, BITRIX24_OAUTH_URL } = emulator.toEnv();
  const env = { BITRIX24_CLIENT_ID, BITRIX24_CLIENT_SECRET, BITRIX24_OAUTH_URL } as Record<string, string>;
  expect((await cli.run('init', { env })).out).toContain('1 binding\n');
});

test('a portal where nothing is bound yet leads to the questions', async () => {
  const cli = await aCli((await anEmulator()).toEnv());
  const { asked, options } = typing(['crm', handler, 'OnCrmDealAdd']);
  const ran = await cli.run('init', options);
  expect(ran).toMatchObject({ code: 0, err: 'Nothing is bound on the portal yet.\n' });
  expect(asked).toHaveLength(4);
  expect(await cli.read('bitrix-events.yaml')).toContain('event: OnCrmDealAdd');
});

test('a portal that cannot be asked is an error that names the way without it, and nothing is written', async () => {
  const cli = await aCli((await anEmulator()).toEnv());
  const ran = await cli.run('init', { env: { BITRIX24_ACCESS_TOKEN: 'x', BITRIX24_REFRESH_TOKEN: 'x' } });
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('--no-import');
  await expect(cli.read('bitrix-events.yaml')).rejects.toThrow('ENOENT');
});

test('a manifest that is there is never written over without --force', async () => {
  const cli = await aCli();
  await cli.write('bitrix-events.yaml', 'mine');
  for (const world of [{}, { cwd: join(cli.directory, 'below') }]) {
    await mkdir(join(cli.directory, 'below'), { recursive: true });
    const ran = await cli.run('init', { world });
    expect(ran).toMatchObject({ code: 4, out: '' });
    expect(ran.err).toContain('[manifest-exists]');
  }
  expect(await cli.read('bitrix-events.yaml')).toBe('mine');
  expect((await cli.run('init --manifest other.yaml')).code).toBe(0);
  expect(await cli.read('other.yaml')).toContain('bindings: []');
  expect((await cli.run('init --force')).code).toBe(0);
  expect(await cli.read('bitrix-events.yaml')).toContain('bindings: []');
});

test('with --ci a manifest that is there is kept, and the pipeline is written at the root of the repository', async () => {
  const cli = await aCli();
  await gitIn(cli);
  await cli.write('.gitignore', 'node_modules\n**/.env\n.bitrix-events');
  await cli.write('apps/crm/bitrix-events.yaml', 'version: 1\nbindings: []\n');
  const ran = await cli.run('init --ci github --format json', { world: { cwd: join(cli.directory, 'apps/crm') } });
  expect(document(ran)).toMatchObject({
    files: [
      { file: 'bitrix-events.yaml', action: 'kept' },
      { file: '../../.github/workflows/bitrix-events.yml', action: 'written' },
    ],
    snippet: null,
  });
  expect(await cli.read('.github/workflows/bitrix-events.yml')).toContain('--manifest apps/crm/bitrix-events.yaml');
  expect(await cli.read('apps/crm/bitrix-events.yaml')).toBe('version: 1\nbindings: []\n');
});

test('a pipeline that somebody keeps is not touched: what was to go into it is shown', async () => {
  const cli = await aCli();
  await cli.write('.gitlab-ci.yml', 'mine: {}\n');
  const ran = await cli.run('init --ci gitlab');
  expect(ran.code).toBe(0);
  expect(ran.out).toContain('.gitlab-ci.yml was there already. What was to go into it:\n\n#');
  expect(ran.out).toContain('bitrix-events-check:');
  expect(await cli.read('.gitlab-ci.yml')).toBe('mine: {}\n');
});

test('inside a repository git is told to ignore what holds tokens, once', async () => {
  const cli = await aCli();
  await gitIn(cli);
  await cli.write('.gitignore', 'node_modules');
  expect((await cli.run('init')).out).toContain('extended  .gitignore          .bitrix-events/ and .env hold tokens\n');
  expect(await cli.read('.gitignore')).toBe('node_modules\n.bitrix-events/\n.env\n');
  expect((await cli.run('init --force')).out).not.toContain('.gitignore');
});

test('outside of one there is nothing to ignore', async () => {
  const cli = await aCli();
  await cli.run('init');
  await expect(cli.read('.gitignore')).rejects.toThrow('ENOENT');
});

test.for([
  ['an event without a handler', 'init --event OnCrmDealAdd', '[handler-needed]'],
  ['a handler that the portal would refuse', `init --event OnCrmDealAdd --handler ftp://x/y`, '[bad-handler-url]'],
  ['a name that cannot be one', ['init', '--name', 'a b'], '[bad-name]'],
  ['standard input', 'init --manifest -', '[cannot-write-stdin]'],
  ['a service there is no pipeline for', 'init --ci jenkins', 'Allowed choices are github, gitlab'],
] as const)('%s is an error, and nothing is written', async ([_what, line, said]) => {
  const cli = await aCli();
  const ran = await cli.run(line);
  expect(ran).toMatchObject({ code: 1, out: '' });
  expect(ran.err).toContain(said);
  await expect(cli.read('bitrix-events.yaml')).rejects.toThrow('ENOENT');
});

test('an event that nobody knows draws a word with what was meant', async () => {
  const cli = await aCli();
  const ran = await cli.run(`init --handler ${handler} --event OnCrmDealAd`);
  expect(ran.code).toBe(0);
  expect(ran.err).toContain("Did you mean 'ONCRMDEALADD'?");
});

test('an interrupt at a question ends it, and nothing is written', async () => {
  const cli = await aCli();
  let interrupt = () => {};
  const ask = () => {
    interrupt();
    return Promise.resolve('');
  };
  const onInterrupt = (listener: () => void) => {
    interrupt = listener;
    return () => {};
  };
  const ran = await cli.run('init', { answer: '', world: { ask, onInterrupt } });
  expect(ran).toEqual({ code: 130, out: '', err: 'Error: interrupted; nothing was written  [interrupted]\n' });
  await expect(cli.read('bitrix-events.yaml')).rejects.toThrow('ENOENT');
});
