import { expect, test } from 'vitest';
import { problemsIn, withBindings } from './support.ts';

const rootKeys =
  'version, name, portal, scope, events, handlers, bindings, prune, owns, ignore, max_unbind and environments';

test.each([
  [
    'a misspelt key',
    'version: 1\nbindigs: []\n',
    ["2:1 error unknown-key | unknown key 'bindigs' in the manifest | Did you mean 'bindings'?"],
  ],
  [
    'a key that is like nothing',
    'version: 1\nbindings: []\nzzzzzzzzzz: 1\n',
    [`3:1 error unknown-key | unknown key 'zzzzzzzzzz' in the manifest | Possible keys are ${rootKeys}`],
  ],
  [
    'no bindings',
    'version: 1\n',
    ["1:1 error missing-key | key 'bindings' is missing in the manifest | Write 'bindings: []' for none"],
  ],
  [
    'no version',
    'bindings: []\n',
    ["1:1 error missing-key | key 'version' is missing in the manifest | Write 'version: 1'"],
  ],
  [
    'bindings without a value',
    'version: 1\nbindings:\n',
    ["2:1 error wrong-type | 'bindings' is empty, expected a list"],
  ],
  [
    'another version',
    'version: 2\nbindings: []\n',
    ["1:10 error unsupported-version | version 2 of the manifest format is not known | Write 'version: 1'"],
  ],
  [
    'a quoted version',
    'version: "1"\nbindings: []\n',
    ["1:10 error wrong-type | 'version' is the text '1', expected a whole number | Leave the quotes away"],
  ],
  [
    'a wrong choice',
    'version: 1\nbindings: []\nprune: mangaed\n',
    ["3:8 error unknown-value | 'prune' is 'mangaed', expected managed, all or none | Did you mean 'managed'?"],
  ],
  [
    'a choice of the wrong type',
    'version: 1\nbindings: []\nprune: 1\n',
    ["3:8 error unknown-value | 'prune' is 1, expected managed, all or none"],
  ],
  ['a list at the top', '- 1\n', ['1:1 error wrong-type | the manifest is a list, expected a map']],
  ['a text at the top', 'hello\n', ["1:1 error wrong-type | the manifest is the text 'hello', expected a map"]],
  [
    'a name with a space',
    'version: 1\nname: a b\nbindings: []\n',
    [
      "2:7 error bad-name | 'name' is 'a b', which is no name | Use letters, digits, '.', '_' and '-', beginning with a letter or digit; at most 50",
    ],
  ],
  [
    'a number as the name',
    'version: 1\nname: 7\nbindings: []\n',
    ["2:7 error wrong-type | 'name' is 7, expected a text | Put it into quotes"],
  ],
  [
    'a binding that is a text',
    withBindings('  - OnTaskAdd'),
    ["3:5 error wrong-type | a binding is the text 'OnTaskAdd', expected a map"],
  ],
  [
    'an event list without events',
    withBindings('  - event: []', '    handler: https://a.b/'),
    ["3:12 error empty-value | 'event' is empty"],
  ],
  [
    'an event that is a map, in a list',
    withBindings('  - event: [{}]', '    handler: https://a.b/'),
    ["3:13 error wrong-type | an item of 'event' is a map, expected a text"],
  ],
  [
    'no event',
    withBindings('  - handler: https://a.b/'),
    ["3:5 error missing-key | key 'event' is missing in a binding"],
  ],
  [
    'a misspelt key of a binding, and nothing else about it',
    withBindings('  - evnt: OnTaskAdd', '    handlr: https://a.b/'),
    [
      "3:5 error unknown-key | unknown key 'evnt' in a binding | Did you mean 'event'?",
      "4:5 error unknown-key | unknown key 'handlr' in a binding | Did you mean 'handler'?",
    ],
  ],
  [
    'a merge key',
    withBindings('  - &first { event: OnTaskAdd, handler: https://a.b/ }', '  - <<: *first'),
    ["4:5 error unknown-key | unknown key '<<' in a binding | YAML 1.2 has no merge keys; write the keys out"],
  ],
  [
    'a quoted and a negative auth_type',
    withBindings(
      '  - { event: OnTaskAdd, handler: https://a.b/, auth_type: "15" }',
      '  - { event: OnTaskAdd, handler: https://a.b/, auth_type: -1 }',
      '  - { event: OnTaskAdd, handler: https://a.b/, auth_type: 1.5 }',
    ),
    [
      "3:59 error wrong-type | 'auth_type' is the text '15', expected a whole number | Leave the quotes away",
      "4:59 error value-too-small | 'auth_type' is -1, the least is 0",
      "5:59 error wrong-type | 'auth_type' is 1.5, expected a whole number",
    ],
  ],
  [
    'an auth_type that no portal keeps',
    `${withBindings(
      '  - { event: OnTaskAdd, handler: https://a.b/, auth_type: 2147483647 }',
      '  - { event: OnTaskAdd, handler: https://a.b/, auth_type: 2147483648 }',
      '  - { event: OnTaskAdd, handler: https://a.b/, auth_type: 9007199254740993 }',
    )}ignore: [{ auth_type: 1e300 }]\n`,
    [
      "4:59 error value-too-large | 'auth_type' is 2147483648, the most is 2147483647",
      "5:59 error value-too-large | 'auth_type' is 9007199254740992, the most is 2147483647",
      "6:23 error value-too-large | 'auth_type' is 1e+300, the most is 2147483647",
    ],
  ],
  [
    'an ignore rule that fits everything',
    'version: 1\nbindings: []\nignore: [{}]\n',
    ['3:10 error empty-value | an ignore rule is empty'],
  ],
  [
    'a key an environment may not override',
    'version: 1\nbindings: []\nenvironments:\n  a:\n    scope: [crm]\n',
    [
      "5:5 error unknown-key | unknown key 'scope' in environment 'a' | Possible keys are name, portal, handlers, prune, owns and max_unbind",
    ],
  ],
  [
    'an option that is a list',
    withBindings('  - { event: OnOfflineEvent, handler: https://a.b/, options: { minTimeout: [] } }'),
    ["3:76 error wrong-type | 'minTimeout' is a list, expected a text, a number or true or false"],
  ],
  [
    'keys that every object has',
    'version: 1\nbindings: []\n__proto__: 1\nconstructor: 1\n',
    [
      `3:1 error unknown-key | unknown key '__proto__' in the manifest | Possible keys are ${rootKeys}`,
      `4:1 error unknown-key | unknown key 'constructor' in the manifest | Possible keys are ${rootKeys}`,
    ],
  ],
])('%s is reported once, at its place', (_what, text, problems) => {
  expect(problemsIn(text)).toEqual(problems);
});

test('five mistakes of different kinds are five lines', () => {
  const text = `version: 1
nam: x
scope: [crm]
handlers:
  crm: https://localhost/b24
bindings:
  - event: OnCrmDealAd
    handler: crm
  - event: OnCrmLeadAdd
    handler: \${BASE}/x
prune: mange
`;
  expect(problemsIn(text)).toEqual([
    "2:1 error unknown-key | unknown key 'nam' in the manifest | Did you mean 'name'?",
    "5:8 error bad-handler-url | handler 'https://localhost/b24' has the host 'localhost', without a dot | The portal wants a host such as app.example.com",
    "7:12 error unknown-event | event 'ONCRMDEALAD' is not in the catalogue | Did you mean 'ONCRMDEALADD'?",
    "10:14 error missing-variable | the environment variable 'BASE' is not set | Set it, put it into .env beside the manifest, or write ${BASE:-default}",
    "11:8 error unknown-value | 'prune' is 'mange', expected managed, all or none | Did you mean 'managed'?",
  ]);
});
