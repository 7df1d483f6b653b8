import { expect, test } from 'vitest';
import { parseManifest } from '../../src/manifest/parse-manifest.ts';
import { defaults, problemsIn, withBindings } from './support.ts';

const handlerWith = (handler: string, env: Record<string, string | undefined> = {}): string | undefined => {
  const text = withBindings('  - event: OnTaskAdd', `    handler: ${handler}`);
  const [binding] = parseManifest(text, { ...defaults, env }).manifest?.bindings ?? [];
  return binding?.eventType === 'online' ? binding.handler : undefined;
};

test.each([
  ['${BASE}/x', { BASE: 'https://a.b' }, 'https://a.b/x'],
  ['${BASE:-https://c.d}/x', { BASE: 'https://a.b' }, 'https://a.b/x'],
  ['${BASE:-https://c.d}/x', {}, 'https://c.d/x'],
  ['${BASE:-https://c.d}/x', { BASE: '' }, 'https://c.d/x'],
  ['https://a.b/${EMPTY}x', { EMPTY: '' }, 'https://a.b/x'],
  ['https://a.b/${A}${B:-}', { A: '1' }, 'https://a.b/1'],
  ['https://a.b/$${A}', { A: '1' }, 'https://a.b/${A}'],
  ['https://a.b/$$${A}', { A: '1' }, 'https://a.b/$${A}'],
  ['https://a.b/$A$', { A: '1' }, 'https://a.b/$A$'],
  ['https://a.b/${A}', { A: '${B}', B: '2' }, 'https://a.b/${B}'],
  ['https://a.b/${A}', { A: '$& $1 "- x: *y' }, 'https://a.b/$& $1 "- x: *y'],
  ['https://a.b/$result[x]', {}, 'https://a.b/$result[x]'],
])('%s with %j is %s', (written, env, url) => {
  expect(handlerWith(written, env)).toBe(url);
});

const missing = (name: string): string =>
  `the environment variable '${name}' is not set | Set it, put it into .env beside the manifest, or write \${${name}:-default}`;
const form = 'Write ${NAME}, ${NAME:-default} or ${NAME:?message}, or $${ for a literal ${';

test('every missing variable is reported where its placeholder stands', () => {
  const text = `version: 1
# \${COMMENT} is none
handlers:
  plain: https://a.b/\${ONE}/\${TWO:-x}/\${THREE}
  double: "\\t\${FOUR}"
  single: '''\${FIVE}'
  folded: >-
    \${SIX}
    \${SEVEN}
bindings: []
`;
  expect(problemsIn(text)).toEqual([
    `4:22 error missing-variable | ${missing('ONE')}`,
    `4:39 error missing-variable | ${missing('THREE')}`,
    `5:14 error missing-variable | ${missing('FOUR')}`,
    `6:14 error missing-variable | ${missing('FIVE')}`,
    `8:5 error missing-variable | ${missing('SIX')}`,
    `9:5 error missing-variable | ${missing('SEVEN')}`,
  ]);
});

test('what only looks like a placeholder is reported', () => {
  const text =
    'version: 1\nowns:\n  - https://a.b/${1X}\n  - https://a.b/${}\n  - https://a.b/${X\n  - https://a.b/${X-y}\nbindings: []\n';
  expect(problemsIn(text, { env: { X: '1' } })).toEqual([
    `3:17 error bad-placeholder | '\${1X}' is no placeholder | ${form}`,
    `4:17 error bad-placeholder | '\${}' is no placeholder | ${form}`,
    `5:17 error bad-placeholder | '\${' is not closed | ${form}`,
    `6:17 error bad-placeholder | '\${X-y}' is no placeholder | ${form}`,
  ]);
});

test('keys are left as they are', () => {
  expect(problemsIn('version: 1\nbindings: []\nhandlers:\n  ${X}: https://a.b/\n', { env: { X: 'x' } })).toEqual([
    "4:3 error bad-name | '${X}' cannot name a handler | Use letters, digits, '.', '_' and '-', beginning with a letter or digit; at most 50",
  ]);
});

test('a value that comes from a variable is judged like any other', () => {
  expect(problemsIn('version: 1\nbindings: []\nprune: ${P}\n', { env: { P: 'some' } })).toEqual([
    "3:8 error unknown-value | 'prune' is 'some', expected managed, all or none",
  ]);
  expect(
    parseManifest('version: 1\nbindings: []\nprune: ${P}\n', { ...defaults, env: { P: 'all' } }).manifest?.prune,
  ).toBe('all');
});

const manyPlaceholders = `version: 1
portal: \${P}
scope: ["\${S}"]
handlers: { crm: "\${BASE}/crm" }
owns: ["\${BASE}/"]
prune: \${PRUNE}
bindings:
  - { event: "\${E}", handler: crm }
  - { event: OnTaskAdd, handler: "\${NAME}" }
  - { event: OnTaskAdd, handler: "\${BASE}/x" }
  - { event: OnTaskAdd, handler: "http://localhost/" }
`;

test('missing variables can be put up with, and only what depends on them goes unjudged', () => {
  expect(problemsIn(manyPlaceholders, { allowMissingEnv: true })).toEqual([
    "11:34 error bad-handler-url | handler 'http://localhost/' has the host 'localhost', without a dot | The portal wants a host such as app.example.com",
    "11:34 warning insecure-handler | handler 'http://localhost/' is plain http, so tokens travel unencrypted | Use https",
  ]);
  expect(problemsIn(manyPlaceholders).filter((line) => line.includes('missing-variable'))).toHaveLength(8);
});

test('a manifest that is one placeholder is no map, whatever the variable will be', () => {
  expect(problemsIn('${LATER}', { allowMissingEnv: true })).toEqual([
    "1:1 error wrong-type | the manifest is the text '${LATER}', expected a map",
  ]);
});
