/** The table of codes in the README holds every code there is in the source, and no other. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { manifestCodes } from '../../src/manifest/codes.ts';

const root = new URL('../../', import.meta.url);

/** Their codes are those of a portal and of its events. */
const others = /^(catalog|emulator)\/|\.generated\./;

/** A code as a property, or as the first argument of the functions that make an error of it. */
const inSource = /\bcode: '([a-z][a-z0-9-]+)'|\b(?:fatal|single|refused|problem)\(\s*'([a-z][a-z0-9-]+)'/g;

function codesInSource(): ReadonlySet<string> {
  const source = new URL('src/', root);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !others.test(file),
  );
  const found = files.flatMap((file) =>
    [...readFileSync(new URL(file, source), 'utf8').matchAll(inSource)].map(
      ([, property, argument]) => property ?? argument ?? '',
    ),
  );
  return new Set([...found, ...Object.keys(manifestCodes)]);
}

function rowsInReadme(): readonly string[] {
  const readme = readFileSync(new URL('README.md', root), 'utf8');
  const tables = [...readme.matchAll(/<!-- codes:start -->(.*?)<!-- codes:end -->/gs)].map(([, table = '']) => table);
  return tables
    .join('\n')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
}

const codes = rowsInReadme().map((row) => /^\| `([a-z0-9-]+)` \|/.exec(row)?.[1] ?? row);

test('every code in the source is in the README, and every code in the README is in the source', () => {
  expect([...codes].sort()).toEqual([...codesInSource()].sort());
});

test('each row says what a code means and what to do, in alphabetical order', () => {
  expect(codes).toEqual([...new Set(codes)].sort());
  for (const row of rowsInReadme()) expect(row).toMatch(/^\| `[a-z0-9-]+` \| [^|]{8,} \| [^|]{4,} \|$/);
});

test('every code a manifest can get is one that some rule gives', () => {
  const text = readdirSync(new URL('src/manifest/', root), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'codes.ts')
    .map((file) => readFileSync(new URL(`src/manifest/${file}`, root), 'utf8'))
    .join('\n');
  expect(Object.keys(manifestCodes).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
});
