/** Holds docs/portal-facts.md against the tests: every fact is shown by one test or listed with the reason why not. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const document = readFileSync(new URL('../../../docs/portal-facts.md', import.meta.url), 'utf8');
const testFiles = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));
const sources = testFiles.map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'));

const numbers = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => Number(match[1]));

const facts = numbers(document, /^- \*\*F(\d+)\*\* /gm);
const [, afterHeading = ''] = document.split('## Facts that no test can show\n');
const [untestable = ''] = afterHeading.split('\n## ');
const excused = numbers(untestable, /^- F(\d+): .{10,}$/gm);
const shown = sources.flatMap((source) => numbers(source, /^test\(\s*["'`]F(\d+) /gm));

const inOrder = (list: readonly number[]) => [...list].sort((one, other) => one - other);

test('the facts are numbered without gaps and each has its marks', () => {
  expect(inOrder(facts)).toEqual(facts.map((_, index) => index + 1));
  const marked = numbers(document, /^- \*\*F(\d+)\*\* (?:\[[CDOI]\])+ \S.*[.:]$/gm);
  expect(marked).toEqual(facts);
});

test('every fact is shown by exactly one test or excused, and no test shows a fact that is not there', () => {
  expect(inOrder([...shown, ...excused])).toEqual(inOrder(facts));
});

test('every excuse is an entry of the list', () => {
  expect(excused.length).toBe(untestable.trim().split('\n').length);
});

test('a fact that is referred to exists', () => {
  const cited = numbers(document.split('## Bind')[1] ?? '', /\bF(\d+)\b/g);
  expect(cited.filter((number) => !facts.includes(number))).toEqual([]);
});
