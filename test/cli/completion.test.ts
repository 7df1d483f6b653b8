/** Command lines completed: what may come, in the words that scripts of shells read, and in a real bash. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { allEvents } from '../../src/catalog/catalog.ts';
import { commands } from '../../src/cli/commands.ts';
import { complete } from '../../src/cli/completion/complete.ts';
import { argumentSources, optionSources } from '../../src/cli/completion/sources.ts';
import { optionsOf } from '../../src/cli/program.ts';
import { aCli, aPortal, type Cli, document } from './cli.ts';

const cliFile = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** The values without their descriptions, and what the shell is told last. */
async function answerTo(cli: Cli, ...words: readonly string[]): Promise<readonly string[]> {
  const text = await complete(['--', ...words], {
    argv: [],
    env: {},
    cwd: cli.directory,
    isOutTerminal: false,
    isErrTerminal: false,
    columns: 80,
    isInTerminal: false,
    out: () => {},
    err: () => {},
    drained: () => Promise.resolve(undefined),
    readStdin: () => Promise.resolve(new Uint8Array()),
    ask: () => Promise.resolve(''),
    onInterrupt: () => () => {},
  });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '');
}

test.for<readonly [string, readonly string[], readonly string[]]>([
  ['a command', ['val'], ['validate', ':4']],
  ['a command below another', ['store', ''], ['list', 'remove', 'reencrypt', 'copy', ':4']],
  ['a word that no command begins with', ['xyz'], [':4']],
  ['an option', ['plan', '--det'], ['--detailed-exitcode', ':4']],
  ['a short option, whose value comes next', ['plan', '-e', ''], ['staging', 'live', ':4']],
  ['an option of a command below another', ['store', 'remove', '--y'], ['--yes', ':4']],
  ['an option without a command', ['--v'], ['--version', ':4']],
  ['a value behind a space', ['plan', '--prune', ''], ['managed', 'all', 'none', ':4']],
  ['a value behind =', ['plan', '--prune=m'], ['managed', ':4']],
  ['a format', ['events', 'deal', '--format', 'j'], ['json', ':4']],
  ['a format with its file to come', ['plan', '--output', 'js'], ['json=', ':6']],
  ['its file behind two =', ['plan', '--output=json=x'], [':0']],
  [
    'a format that the command has',
    ['validate', '--output', ''],
    ['text=', 'json=', 'markdown=', 'github=', 'sarif=', 'gitlab=', ':6'],
  ],
  ['that file', ['plan', '--output', 'json=x'], [':0']],
  ['a file', ['plan', '--manifest', ''], [':0']],
  ['a file behind =', ['plan', '--out=p'], [':0']],
  ['a saved plan', ['apply', ''], [':0']],
  ['a kind of drift after others', ['check', '--fail-on', 'missing,ex'], ['missing,extra', ':4']],
  ['an environment of the manifest', ['plan', '--environment=s'], ['staging', ':4']],
  ['an environment of a manifest that is named', ['plan', '-m', 'other.yaml', '-e', ''], ['else', ':4']],
  ['an event in any letter case', ['plan', '--rebind', 'ONCRMDEALADD'], ['onCrmDealAdd', ':4']],
  ['a code', ['explain', 'too-many'], ['too-many-unbinds', ':4']],
  ['a shell', ['completion', 'z'], ['zsh', ':4']],
  ['a command to be helped with', ['help', 'valid'], ['validate', ':4']],
  ['a pipeline', ['init', '--ci', ''], ['github', 'gitlab', ':4']],
])('%s', async ([_what, words, expected]) => {
  const cli = await aCli();
  await cli.write(
    'bitrix-events.yaml',
    'version: 1\nbindings: []\nenvironments: { staging: {}, live: {}, "$(touch x)": {}, "a b": {} }\n',
  );
  await cli.write('other.yaml', 'version: 1\nbindings: []\nenvironments: { else: {} }\n');
  expect(await answerTo(cli, ...words)).toEqual(expected);
});

test('portals of the store are proposed by their domains, also of the store that is named', async () => {
  const [cli, emulator] = await aPortal();
  await cli.run('plan');
  await cli.run('plan --store file:other');
  const domain = new URL(emulator.url).host;
  for (const words of [
    ['plan', '--portal', ''],
    ['store', 'remove', domain.slice(0, 5)],
    ['plan', '--store', 'file:other', `--portal=${domain.slice(0, 10)}`],
  ])
    expect(await answerTo(cli, ...words)).toEqual([domain, ':4']);
  expect(await answerTo(cli, 'plan', '--store', 'file:nothing', '--portal', '')).toEqual([':4']);
});

test('every event can be proposed, and every command', async () => {
  const cli = await aCli();
  const plain = allEvents().filter(({ regex }) => regex === undefined);
  expect(await answerTo(cli, 'plan', '--rebind', '')).toHaveLength(new Set(plain.map(({ name }) => name)).size + 1);
  const firsts = new Set(['help', ...commands.map(({ name }) => name.split(' ')[0] ?? '')]);
  expect(new Set((await answerTo(cli, '')).slice(0, -1))).toEqual(firsts);
});

test('a manifest that cannot be read proposes nothing and breaks nothing', async () => {
  const cli = await aCli();
  await cli.write('bitrix-events.yaml', 'a: [b: ]: c');
  expect(await answerTo(cli, 'plan', '-e', '')).toEqual([':4']);
});

test('of every value it is known where it comes from', () => {
  const options = commands.flatMap(optionsOf);
  const open = options.filter(({ flags, choices }) => flags.includes('<') && choices === undefined);
  const names = open.map(({ flags }) => /--([\w-]+)/.exec(flags)?.[1] ?? '');
  expect(new Set(names)).toEqual(new Set(Object.keys(optionSources)));
  const taking = commands.filter(({ argument }) => argument !== undefined && argument.choices === undefined);
  expect(new Set([...taking.map(({ name }) => name), 'help'])).toEqual(new Set(Object.keys(argumentSources)));
});

test.for(['bash', 'zsh', 'fish', 'powershell'])('the script for %s asks the command', async (shell) => {
  const cli = await aCli();
  const ran = await cli.run(`completion ${shell} --quiet`);
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(ran.out).toMatch(/complete ['"]?--/);
  expect(document(await cli.run(`completion ${shell} --format json`))).toEqual({ format: 1, shell, script: ran.out });
});

test('another shell is an error that names those there are', async () => {
  const cli = await aCli();
  const ran = await cli.run('completion csh');
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('Allowed choices are bash, zsh, fish, powershell');
});

/** Whether there is a terminal to be had for bash. */
function hasTerminal(): boolean {
  try {
    return (
      execFileSync('script', ['-qec', 'bash -c "echo ${BASH_VERSINFO[0]}"', '/dev/null'], {
        encoding: 'utf8',
      }).trim() >= '4'
    );
  } catch {
    return false;
  }
}

test.skipIf(!hasTerminal())(
  'in a real interactive bash, behind a space and behind =',
  { timeout: 60_000 },
  async () => {
    const [cli, emulator] = await aPortal();
    await cli.run('plan');
    const bin = join(cli.directory, 'bin');
    await mkdir(bin);
    await chmod(cliFile, 0o755);
    await symlink(cliFile, join(bin, 'bitrix-events'));
    const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: cli.directory, TERM: 'dumb' };
    const bash = spawn('script', ['-qec', 'bash --norc --noprofile -i', '/dev/null'], { cwd: cli.directory, env });
    let screen = '';
    bash.stdout.on('data', (chunk: Buffer) => (screen += chunk.toString()));
    const shown = async (text: string) => {
      while (!screen.includes(text)) {
        await once(bash.stdout, 'data', { signal: AbortSignal.timeout(30_000) }).catch(() => {
          throw new Error(`${JSON.stringify(screen)} does not show ${JSON.stringify(text)}`);
        });
      }
    };
    bash.stdin.write(
      "stty cols 500; PS1=''; bind 'set enable-bracketed-paste off'; source <(bitrix-events completion bash); echo rea''dy\n",
    );
    await shown('ready');
    const { host } = new URL(emulator.url);
    const lines: readonly (readonly [typed: string, becomes: string])[] = [
      ['bitrix-events vali', 'bitrix-events validate '],
      ['bitrix-events store rem', 'bitrix-events store remove '],
      ['bitrix-events plan --format=js', 'bitrix-events plan --format=json '],
      ['bitrix-events plan --output js', 'bitrix-events plan --output json='],
      [`bitrix-events plan --portal ${host.slice(0, 4)}`, `bitrix-events plan --portal ${host} `],
      [`bitrix-events plan --portal=${host.slice(0, -2)}`, `bitrix-events plan --portal=${host} `],
      ['bitrix-events plan --manifest=bitr', 'bitrix-events plan --manifest=bitrix-events.yaml '],
      ['./bin/bitrix-events apply --rebind onCrmDealA', './bin/bitrix-events apply --rebind onCrmDealAdd '],
      // What was typed is no command yet.
      ['bitrix-events apply $(touch${IFS}evil) --ye', '$(touch${IFS}evil) --yes '],
    ];
    for (const [typed, becomes] of lines) {
      screen = '';
      bash.stdin.write(`${typed}\t`);
      await shown(becomes);
      bash.stdin.write('\u0015');
    }
    bash.stdin.write('exit\n');
    await once(bash, 'close');
    expect(await readdir(cli.directory)).not.toContain('evil');
  },
);
