import { expect, test } from 'vitest';
import { parseManifest } from '../../src/manifest/parse-manifest.ts';
import { defaults, problemsIn } from './support.ts';

const indentation = 'Compare the indentation of this line with the lines above it';
const empty = "1:1 error empty-manifest | the manifest is empty | Write at least 'version: 1' and 'bindings: []'";
const letters = 'abcdefg'.split('');
const bomb = letters
  .map((letter, index) => {
    const item = index === 0 ? 'x' : `*${letters[index - 1]}`;
    return `${letter}: &${letter} [${Array.from({ length: 10 }, () => item).join(', ')}]\n`;
  })
  .join('');

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const optionsOf = (depth: number) =>
  `version: 1\nbindings:\n  - { event: OnTaskAdd, handler: https://a.b/, options: { a: ${nested(depth)} } }\n`;
const choiceOf = (depth: number) => `version: 1\nbindings: []\nprune: ${nested(depth)}\n`;
const tooDeep = 'error yaml-syntax | the file is nested too deeply';

// How deep the parser goes before it runs out of stack is the machine's affair, and so is the place that is told.
test.each([500, 1_000, 3_000, 10_000, 100_000])('%i levels are too deep wherever they stand', (depth) => {
  for (const text of [optionsOf(depth), choiceOf(depth)]) {
    expect(problemsIn(text)).toEqual([
      expect.stringMatching(/^\d+:\d+ error yaml-syntax \| the file is nested too deeply$/),
    ]);
  }
});

test.each([
  ['an empty file', '', [empty]],
  ['white space', ' \n\n', [empty]],
  ['a comment', '# nothing yet\n', [empty]],
  [
    'a tab as indentation',
    'version: 1\nbindings:\n\t- event: x\n',
    ['3:1 error yaml-syntax | tabs are not allowed as indentation | Indent with spaces; YAML allows no tabs there'],
  ],
  [
    'bad indentation',
    'version: 1\nbindings:\n  - event: A\n   handler: b\n',
    [`4:1 error yaml-syntax | sequence item without - indicator | ${indentation}`],
  ],
  ['an open quote', 'version: 1\nname: "abc\nbindings: []\n', ['4:1 error yaml-syntax | missing closing "quote']],
  [
    'a placeholder in flow style',
    'version: 1\nbindings: []\nenvironments: { a: { portal: ${X} } }\n',
    [
      '3:31 error yaml-syntax | unexpected flow-map-start at node end | Within { } and [ ], put a text that holds ${…} into quotes',
    ],
  ],
  [
    'two documents',
    'version: 1\nbindings: []\n---\nversion: 1\n',
    [
      "3:1 error several-documents | the file holds several YAML documents | Remove the '---' and what follows it, or make it a file of its own",
    ],
  ],
  [
    'a key given twice',
    'version: 1\nbindings: []\nversion: 1\n',
    ["3:1 error duplicate-key | key 'version' is given twice; the first is at 1:1"],
  ],
  [
    'a tag',
    'version: 1\nname: !Ref x\nbindings: []\n',
    ['2:7 error unknown-tag | unresolved tag: !Ref | Remove the tag'],
  ],
  [
    'an alias to nothing',
    'version: 1\nname: *x\nbindings: []\n',
    ["2:7 error yaml-syntax | alias '*x' has no anchor before it"],
  ],
  [
    'an alias to itself',
    'version: 1\nhandlers: &a { b: *a }\nbindings: []\n',
    ["2:19 error alias-bomb | alias '*a' contains itself | Write the repeated parts out"],
  ],
  [
    'an alias bomb',
    bomb,
    ['5:36 error alias-bomb | aliases make more than 100000 values | Write the repeated parts out'],
  ],
  [
    'half a character',
    'version: 1\nname: a\nbindings: [{ event: OnCrmDealAdd, handler: "https://a.example/\\ud800" }]',
    ['3:44 error yaml-syntax | half a character, an unpaired surrogate, is in this text'],
  ],
  ['very deep nesting', '['.repeat(100_000), ['1:1 error yaml-syntax | the file is nested too deeply']],
  ['options 200 levels deep', optionsOf(200), [`3:158 ${tooDeep}`]],
  ['a choice 200 levels deep', choiceOf(200), [`3:107 ${tooDeep}`]],
])('%s is reported at its place', (_what, text, problems) => {
  expect(problemsIn(text)).toEqual(problems);
});

const bound = (text: string): readonly unknown[] | undefined => {
  const { manifest } = parseManifest(text, defaults);
  return manifest?.bindings.map(({ event, position: { line, column } }) => [event, line, column]);
};

test('JSON with tabs has places too', () => {
  const text = '{\n\t"version": 1,\n\t"bindings": [\n\t\t{"event": "OnTaskAdd", "handler": "https://a.b/"}\n\t]\n}\n';
  expect(bound(text)).toEqual([['ONTASKADD', 4, 13]]);
});

test('a byte order mark and line ends of two characters move no place', () => {
  const text =
    '\u{feff}version: 1\r\nbindings:\r\n  - event: [OnTaskAdd, OnTaskUpdate]\r\n    handler: https://a.b/\r\n';
  expect(bound(text)).toEqual([
    ['ONTASKADD', 3, 13],
    ['ONTASKUPDATE', 3, 24],
  ]);
  expect(problemsIn('\u{feff}verson: 1\nbindings: []\n')).toEqual([
    "1:1 error unknown-key | unknown key 'verson' in the manifest | Did you mean 'version'?",
  ]);
});

test('aliases may be used a thousand times', () => {
  const entry = (index: number): string => `  - { event: OnTaskAdd, handler: *url, auth_type: ${index} }\n`;
  const text = `version: 1\nhandlers: { url: &url https://a.b/ }\nbindings:\n${Array.from({ length: 1000 }, (_, index) => entry(index)).join('')}`;
  expect(bound(text)).toHaveLength(1000);
});

test('a date or a yes of YAML 1.1 is a text', () => {
  expect(parseManifest('%YAML 1.1\n---\nversion: 1\nname: 2020-01-01\nbindings: []\n', defaults).manifest?.name).toBe(
    '2020-01-01',
  );
  expect(parseManifest('version: 1\nname: yes\nbindings: []\n', defaults).manifest?.name).toBe('yes');
});
