/** What the documentation says of the command line: every command and option that it names is there. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CommandSpec, commands, holders } from '../../src/cli/commands.ts';
import { optionsOf } from '../../src/cli/program.ts';

const root = new URL('../../', import.meta.url);
const files = ['README.md', 'README.ru.md', 'CONTRIBUTING.md', ...pagesIn('docs'), ...pagesIn('examples')];

/** Of other programs, of every command, or of what is not there yet. */
const foreign = new Set(['--help', '--version', '--global', '--now', '--results']);

/** With the lines that go on with its options. */
const commandOfOthers = /\b(?:curl|install) -[^\n]*(?:\n\s+--[^\n]*)*/g;

function pagesIn(folder: string): readonly string[] {
  const pages = readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' });
  return pages.filter((page) => page.endsWith('.md')).map((page) => `${folder}/${page}`);
}

function longNames(spec: CommandSpec): ReadonlySet<string> {
  return new Set(optionsOf(spec).map(({ flags }) => /--[\w-]+/.exec(flags)?.[0] ?? ''));
}

function specOf(words: readonly string[]): CommandSpec | undefined {
  const [first = '', second = ''] = words;
  return commands.find(({ name }) => name === `${first} ${second}`) ?? commands.find(({ name }) => name === first);
}

const everyOption = new Set(commands.flatMap((spec) => [...longNames(spec)]));

test.for(files)('%s: every option in it is one of some command', (file) => {
  const text = readFileSync(new URL(file, root), 'utf8');
  const code = [...text.matchAll(/```.*?```|`[^`\n]+`/gs)].map(([match]) => match).join('\n');
  const ours = code.replace(commandOfOthers, '');
  const named = [...ours.matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([option]) => option);
  expect(named.filter((option) => !everyOption.has(option) && !foreign.has(option))).toEqual([]);
});

test.for(files)('%s: every command line of ours in it can be run', (file) => {
  const text = readFileSync(new URL(file, root), 'utf8');
  const lines = [...text.matchAll(/(?<![\w/@.-])(?:bitrix-events|node dist\/cli\.js) ([a-z][^`\n#|]*)/g)].map(
    ([, line = '']) => line,
  );
  for (const line of lines.filter((found) => isCommandLine(found, text))) {
    const words = line.trim().split(/\s+/);
    const spec = specOf(words);
    const isHeld =
      spec !== undefined || words[0] === 'help' || words[0] === 'complete' || Object.hasOwn(holders, words[0] ?? '');
    expect(isHeld, line).toBe(true);
    const options = words.filter((word) => word.startsWith('--')).map((word) => word.replace(/=.*/, ''));
    for (const option of options) expect(spec === undefined || longNames(spec).has(option), line).toBe(true);
  }
});

/** In a sentence the name stands for the program. */
function isCommandLine(line: string, text: string): boolean {
  return (
    text.includes(`\`bitrix-events ${line}`) ||
    new RegExp(`^\\s*(?:[A-Z_]+=\\S+ )?(?:npx |\\$ )?(?:bitrix-events|node dist/cli\\.js) ${escaped(line)}`, 'm').test(
      text,
    )
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
