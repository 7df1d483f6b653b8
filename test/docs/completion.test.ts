/** The lines of docs/commands.md that complete command lines, each in the shell that it is for. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { shells } from '../../src/cli/completion/shells.ts';
import { pageAt } from './pages.ts';
import { aReader, removePackage } from './reader.ts';
import { has } from './terminal.ts';

afterAll(removePackage);

const blocks = pageAt('docs/commands.md').blocks.filter(({ language }) => language === 'sh');

/** By shell: the line without the file that it is for, and where it stands. */
const documented = new Map(
  blocks.flatMap(({ page, line, text }) =>
    text
      .trimEnd()
      .split('\n')
      .map((command, index) => {
        const place = `${page}:${line + 1 + index}`;
        return [/ completion (\w+)/.exec(command)?.[1], { place, command: command.replace(/ +# .*$/, '') }] as const;
      }),
  ),
);

test('there is one line for each shell', () => {
  expect([...documented.keys()]).toEqual([...shells]);
});

/** How the shell is asked what it knows once the line was read. */
const asking: Readonly<Record<'bash' | 'zsh' | 'fish', readonly [ask: (line: string) => string, answer: RegExp]>> = {
  bash: [(line) => `${line}; complete -p bitrix-events`, /^complete .*-F \w+ bitrix-events\n$/],
  zsh: [
    // What `after compinit` asks for.
    (line) => `zsh -fc 'autoload -Uz compinit; compinit -u -D; ${line}; print -r -- $_comps[bitrix-events]'`,
    /^_bitrix-events\n$/,
  ],
  fish: [(line) => `fish --no-config -c '${line}; complete -C "bitrix-events vali"'`, /^validate\t/],
};

test.for(['bash', 'zsh', 'fish'] as const)('the line for %s completes the command there', async (shell, { skip }) => {
  skip(!has(shell), `there is no ${shell} on this machine`);
  const reader = await aReader({ installed: true });
  // fish wants a place for what it remembers.
  await mkdir(join(dirname(reader.folder), '.config/fish'), { recursive: true });
  const [ask, answer] = asking[shell];
  const { place, command } = documented.get(shell) ?? { place: shell, command: '' };
  const ran = await reader.bash(ask(command));
  expect(ran, place).toMatchObject({ code: 0, err: '', shown: expect.stringMatching(answer) as string });
});
