/** Names in the documents are those of the code: codes of errors, variables, exit codes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Ending, exitCode } from '../../src/cli/exit-code.ts';
import { codes } from '../../src/core/codes.ts';
import { allPages, root } from './pages.ts';

const pages = allPages();
const isKnown = (code: string): boolean => Object.hasOwn(codes, code);

test.for(pages.map(({ path, text }) => [path, text] as const))('%s: its codes and variables exist', ([, text]) => {
  // At the end of a message: `[unknown-event]`, which is no link.
  const ended = [...text.matchAll(/(?<![\w\]])\[([a-z]+(?:-[a-z]+)+)\](?![(\w])/g)].map(([, code = '']) => code);
  const explained = [...text.matchAll(/\bexplain ([a-z]+(?:-[a-z]+)+)/g)].map(([, code = '']) => code);
  expect([...ended, ...explained].filter((code) => !isKnown(code))).toEqual([]);
  const linked = [...text.matchAll(/\[`([\w-]+)`\]\((?:\.\.\/)?errors\.md#([\w-]+)\)/g)];
  expect(linked.filter(([, shown, anchor]) => shown !== anchor)).toEqual([]);
  const variables = [...text.matchAll(/\bBITRIX(?:24|_EVENTS)_[A-Z_]*[A-Z]\b/g)].map(([name]) => name);
  expect(variables.filter((name) => !known.has(name))).toEqual([]);
});

const sources = ['src/variables.ts', 'templates/bitrix-events.yml'].map((file) =>
  readFileSync(join(root, file), 'utf8'),
);
const known = new Set(sources.join('\n').match(/\bBITRIX(?:24|_EVENTS)_[A-Z_]*[A-Z]\b/g));

test('the page of variables has every one there is', () => {
  const page = readFileSync(join(root, 'docs/variables.md'), 'utf8');
  const own = new Set(sources[0]?.match(/\bBITRIX(?:24|_EVENTS)_[A-Z_]*[A-Z]\b/g));
  expect(own.size).toBeGreaterThan(9);
  expect([...own].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

/** In the order of their codes; one that is not here does not compile. */
const endings: Readonly<Record<Ending, true>> = {
  done: true,
  failed: true,
  changes: true,
  'half-way': true,
  refused: true,
  interrupted: true,
};

test('every exit code is in the table of the page of commands and of the guide to pipelines', () => {
  const numbers = (Object.keys(endings) as Ending[]).map((ending) => String(exitCode(ending)));
  for (const path of ['docs/commands.md', 'docs/ci.md']) {
    const rows = [...readFileSync(join(root, path), 'utf8').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => code);
    expect(rows, path).toEqual(numbers);
  }
});
