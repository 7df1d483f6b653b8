/** Help: an example for each command, and every option in it is tried by some other test. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { aCli } from './cli.ts';

const common = ['--format', '--output', '--timeout', '--color', '--no-color', '--verbose', '--quiet'];
const output = ['--store', ...common];
const shared = ['--manifest', '--environment', '--portal', ...output];
const reviewed = [...shared, '--max-length'];

/** Of verbs that take many portals. */
const sweep = ['--all', '--concurrency', '--auth-rate', '--results', '--resume', '--retry-dead'];

const watched = ['--log-format', '--metrics-port', '--metrics-host'] as const;

/** The commands and options there are meant to be; one that is added belongs here, and into a test. */
const table: Readonly<Record<string, readonly string[]>> = {
  init: [...shared, '--name', '--handler', '--event', '--ci', '--no-import', '--force'],
  doctor: [...shared, '--send'],
  'store remove': [...output, '--yes'],
  explain: common,
  completion: common,
  validate: [...reviewed, '--allow-missing-env'],
  plan: [...reviewed, ...sweep, '--prune', '--rebind', '--out', '--diff', '--detailed-exitcode'],
  apply: [
    ...reviewed,
    ...sweep,
    '--serial',
    '--canary',
    '--first',
    '--max-failures',
    '--failure-mode',
    '--bake',
    '--plan',
    '--fail-on',
    '--queue',
    '--wait',
    '--supersede',
    '--prune',
    '--rebind',
    '--yes',
    '--allow-unbind',
    '--allow-empty',
    '--allow-partial-view',
    '--allow-other-environment',
    '--lock-timeout',
  ],
  check: [...reviewed, ...sweep, '--fail-on'],
  show: [...common, '--max-length', '--diff'],
  import: [...shared, '--write', '--name'],
  events: [...shared, '--offline'],
  login: [...output, '--code'],
  serve: [
    '--manifest',
    '--environment',
    ...output,
    '--port',
    '--host',
    '--path',
    '--background',
    '--check-every',
    '--heal',
    '--json',
    ...watched,
  ],
  portals: [...reviewed, '--concurrency', '--auth-rate', '--detailed-exitcode'],
  worker: [...output, '--concurrency', '--auth-rate', '--check-every', '--heal', '--json', ...watched],
  'rollout list': [...output, '--sweeps'],
  'rollout status': [...output, '--max-length', '--watch'],
  'rollout pause': [...output, '--max-length'],
  'rollout resume': [...output, '--max-length'],
  'rollout cancel': [...output, '--max-length'],
  'rollout retry': [...output, '--max-length', '--dead'],
  'store list': output,
  'store reencrypt': output,
  'store copy': [...common, '--force'],
  emulator: [...common, '--port', '--json', '--deliver', '--write-env', '--env-file'],
};

const program = copyOf();

type Command = typeof program;

/** Commands that do something; the others only hold them. */
function leavesOf(command: Command, path: readonly string[] = []): readonly (readonly [string, readonly string[]])[] {
  if (command.commands.length === 0) return [[path.join(' '), command.options.map(({ long }) => long ?? '').sort()]];
  return command.commands.flatMap((child) => leavesOf(child, [...path, child.name()]));
}

const sorted = Object.fromEntries(Object.entries(table).map(([name, options]) => [name, [...options].sort()]));

test('the commands and options are those of the table, both ways', () => {
  expect(Object.fromEntries(leavesOf(program))).toEqual(sorted);
});

test.for(Object.entries(table))(
  '%s: its help has an example that can be parsed, and each option is in a test',
  async ([name, options]) => {
    const cli = await aCli();
    const { code, out, err } = await cli.run(`${name} --help`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`Usage: bitrix-events ${name} `);
    for (const option of options) expect(out).toContain(`${option} `);
    if (!name.includes(' ')) expect(await cli.run(`help ${name}`)).toEqual({ code, out, err });

    const example = /\nExample:\n {2}\$ (?:\w+=\S+ )?bitrix-events (.+)\n$/.exec(out)?.[1] ?? '';
    expect(example.startsWith(name)).toBe(true);
    await expect(copyOf().parseAsync(example.split(' '), { from: 'user' })).resolves.toBeDefined();

    // A word of a command line, not of a title.
    for (const option of options) expect(testTexts, option).toMatch(new RegExp(`[ '\`]${option}[ '\`=]`));
  },
);

const folder = new URL('../', import.meta.url);
const testTexts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.endsWith('cli/help.test.ts'))
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  .join('\n');

function copyOf(): ReturnType<typeof createProgram> {
  return createProgram(() => Promise.resolve(), [], { out: () => {}, err: () => {} });
}

test('--version says the version of the package', async () => {
  const cli = await aCli();
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(await cli.run('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  expect(await cli.run('-V')).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

test('the short forms of options are the long ones', async () => {
  const shorts = program.commands.flatMap(({ options }) => options.filter(({ short }) => short !== undefined));
  expect(new Set(shorts.map(({ flags }) => flags))).toEqual(
    new Set(['-m, --manifest <file>', '-e, --environment <name>', '-y, --yes']),
  );
  const cli = await aCli();
  expect((await cli.run('apply -y -m -', { stdin: 'version: 1\nbindings: []\n' })).err).toContain('[no-credentials]');
});
