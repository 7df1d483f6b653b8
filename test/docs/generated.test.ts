/** The pages that come from the sources are as `npm run docs` writes them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedPages } from '../../scripts/generate-docs.mjs';
import { commands } from '../../src/cli/commands.ts';
import { optionGroups } from '../../src/cli/options.ts';
import { codes } from '../../src/core/codes.ts';
import * as library from '../../src/index.ts';
import * as emulator from '../../src/emulator/index.ts';
import { names } from '../schemas/schema.ts';
import { pageAt, root } from './pages.ts';

const pages = generatedPages({ codes, commands, optionGroups });

test.for(Object.entries(pages))('%s is up to date', ([path, text]) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(text);
});

test('a code, a command and an option of their own would be in them', () => {
  const [first] = commands;
  const changed = generatedPages({
    codes: { 'no-such': { meaning: 'nothing is', cure: 'do nothing' } },
    commands: first === undefined ? [] : [{ ...first, options: [{ flags: '--no-such', summary: 'nothing' }] }],
    optionGroups,
  });
  expect(changed['docs/errors.md']).toContain('## `no-such`\n\nNothing is.\n\nWhat to do: do nothing.\n');
  expect(changed['docs/commands.md']).toContain('| `--no-such` | nothing |');
  expect(changed['docs/commands.md']).not.toContain('### plan');
  expect(changed['docs/library.md']).toBe(pages['docs/library.md']);
});

test('a command that nobody has said the document of is an error', () => {
  const unknown = commands.map((spec) => ({ ...spec, name: `no-such ${spec.name}` }));
  expect(() => generatedPages({ codes, commands: unknown, optionGroups })).toThrow("'no-such init'");
});

test('every command has the schema that its documents are held against', () => {
  const rows = pages['docs/json.md']?.split('\n') ?? [];
  const missing = Object.entries(names).filter(([printed, schema]) => {
    const [command = ''] = printed.split(' --');
    const isOfMany = command === 'fleet' || command === 'results';
    const row = rows.find((line) => line.startsWith(`| \`${isOfMany ? 'plan' : command}\` |`));
    return row?.includes(`(../schemas/${schema}.schema.json)`) !== true;
  });
  expect(missing).toEqual([]);
});

test('every value the library and the emulator export has a section', () => {
  const { anchors } = pageAt('docs/library.md');
  const values = [...Object.keys(library), ...Object.keys(emulator)];
  expect(values.length).toBeGreaterThan(20);
  expect(values.filter((name) => !anchors.has(name.toLowerCase()))).toEqual([]);
});

test('every export says what it is before it shows what it looks like', () => {
  const sections = (pages['docs/library.md'] ?? '').split(/^#{3,4} /m).slice(1);
  expect(sections.length).toBeGreaterThan(100);
  const silent = sections.filter((section) => /^`\w+`\n+(?:```|Throws )/.test(section));
  expect(silent.map((section) => section.split('\n')[0])).toEqual([]);
});
