/** The table of codes: complete, loaded by nobody who does not show it, and each code met by a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { codes } from '../../src/core/codes.ts';
import { sources } from './sources.ts';

const root = new URL('../../', import.meta.url);
const table = 'src/core/codes.ts';

/** Their codes are those of a portal and of its events. */
const others = /^src\/(?:catalog|emulator)\//;

const ours = sources().filter(({ path }) => path !== table && !others.test(path));
const names = Object.keys(codes);

/** Quoted, or as texts for people have it: `error unknown-key |`, `[unknown-key]`. */
function missingFrom(texts: readonly string[]): readonly string[] {
  const text = texts.join('\n');
  return names.filter((code) => !new RegExp(`(?:['"\`[]|\\b(?:error|warning) )${code}(?:['"\`\\]]| \\|)`).test(text));
}

test('every code in the table is given by some source; that no other is, the compiler sees to', () => {
  expect(missingFrom(ours.map(({ code }) => code))).toEqual([]);
});

test('every code in the table is in some test', () => {
  const folder = new URL('test/', root);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  expect(missingFrom(files.map((file) => readFileSync(new URL(file, folder), 'utf8')))).toEqual([]);
});

test('each row says what a code means and what to do in one line, in alphabetical order', () => {
  expect(names).toEqual([...names].sort());
  for (const code of names) expect(code).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  for (const { meaning, cure } of Object.values(codes)) {
    expect(meaning).toMatch(/^[^|\n]{8,}[^|\n.]$/);
    expect(cure).toMatch(/^[^|\n]{4,}[^|\n.]$/);
  }
});

test('the table is loaded by nobody at start-up: only its types are', () => {
  const loaders = ours.filter(({ imports }) =>
    imports.some(({ target, isTypeOnly, isDynamic }) => target === table && !isTypeOnly && !isDynamic),
  );
  expect(loaders.map(({ path }) => path)).toEqual([]);
});
