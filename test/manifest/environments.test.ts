import { expect, test } from 'vitest';
import { parseManifest } from '../../src/manifest/parse-manifest.ts';
import { defaults, digest, problemsIn } from './support.ts';

const text = `version: 1
name: crm-sync
portal: Acme.Bitrix24.com
scope: [CRM, task]
handlers:
  crm: https://app.example.com/crm
  tasks: \${TASKS}
bindings:
  - event: [OnCrmDealAdd, OnTaskAdd]
    handler: crm
  - event: OnTaskUpdate
    handler: tasks
    auth_type: 15
  - event: OnCrmContactUpdate
    event_type: offline
    auth_connector: erp
  - event: OnOfflineEvent
    handler: crm
    options: { minTimeout: 5 }
prune: none
owns: [https://app.example.com/]
ignore: [{ event: OnImBot*, auth_type: 3 }]
max_unbind: 7
environments:
  staging:
    portal: [test.bitrix24.com, 0f1e]
    handlers: { tasks: https://staging.example.com/tasks }
    prune: all
    owns: ["\${STAGING}"]
    max_unbind: 0
  empty: {}
`;

test('without an environment the top level counts, and what environments need is not asked for', () => {
  const { manifest } = parseManifest(text, { ...defaults, env: { TASKS: 'https://app.example.com/tasks' } });
  const at = (line: number, column: number): object => ({ file: 'm.yaml', line, column });
  expect(manifest).toEqual({
    name: 'crm-sync',
    portals: ['acme.bitrix24.com'],
    scope: ['crm', 'task'],
    bindings: [
      { eventType: 'online', event: 'ONCRMDEALADD', handler: 'https://app.example.com/crm', position: at(9, 13) },
      { eventType: 'online', event: 'ONTASKADD', handler: 'https://app.example.com/crm', position: at(9, 27) },
      {
        eventType: 'online',
        event: 'ONTASKUPDATE',
        handler: 'https://app.example.com/tasks',
        authType: 15,
        position: at(11, 12),
      },
      { eventType: 'offline', event: 'ONCRMCONTACTUPDATE', authConnector: 'erp', position: at(14, 12) },
      {
        eventType: 'online',
        event: 'ONOFFLINEEVENT',
        handler: 'https://app.example.com/crm',
        options: { minTimeout: 5 },
        position: at(17, 12),
      },
    ],
    prune: 'none',
    owns: ['https://app.example.com/'],
    ignore: [{ event: 'ONIMBOT*', auth_type: 3 }],
    maxUnbind: 7,
    fingerprint: manifest?.fingerprint,
    file: 'm.yaml',
    diagnostics: [],
  });
});

test('an environment overrides what it names, and what it overrides needs no variable', () => {
  const { manifest } = parseManifest(text, {
    ...defaults,
    environment: 'staging',
    env: { STAGING: 'https://staging.example.com/' },
  });
  expect(manifest).toMatchObject({
    environment: 'staging',
    portals: ['test.bitrix24.com', '0f1e'],
    prune: 'all',
    owns: ['https://staging.example.com/'],
    maxUnbind: 0,
  });
  expect(manifest?.bindings.map((binding) => binding.eventType === 'online' && binding.handler)).toEqual([
    'https://app.example.com/crm',
    'https://app.example.com/crm',
    'https://staging.example.com/tasks',
    false,
    'https://app.example.com/crm',
  ]);
});

test('an environment without a value for it leaves the top level as it is', () => {
  const env = { TASKS: 'https://app.example.com/tasks' };
  const plain = parseManifest(text, { ...defaults, env }).manifest;
  const chosen = parseManifest(text, { ...defaults, env, environment: 'empty' }).manifest;
  expect(chosen).toEqual({ ...plain, environment: 'empty', fingerprint: chosen?.fingerprint });
});

test('what is wrong in an environment is reported there', () => {
  const broken = text.replace('https://staging.example.com/tasks', 'https://staging/tasks');
  expect(problemsIn(broken, { environment: 'staging', env: {} })).toEqual([
    "27:24 error bad-handler-url | handler 'https://staging/tasks' has the host 'staging', without a dot | The portal wants a host such as app.example.com",
    "29:13 error missing-variable | the environment variable 'STAGING' is not set | Set it, put it into .env beside the manifest, or write ${STAGING:-default}",
  ]);
});

test('an unknown environment is reported with the nearest one', () => {
  const env = { TASKS: 'https://app.example.com/tasks' };
  expect(problemsIn(text, { env, environment: 'stagin' })).toEqual([
    "24:1 error unknown-environment | environment 'stagin' is not in the manifest | Did you mean 'staging'?",
  ]);
  expect(problemsIn(text, { env, environment: 'production' })).toEqual([
    "24:1 error unknown-environment | environment 'production' is not in the manifest | Possible are staging and empty",
  ]);
  expect(problemsIn('version: 1\nbindings: []\n', { environment: 'a' })).toEqual([
    "1:1 error unknown-environment | environment 'a' is not in the manifest | The manifest has no 'environments'",
  ]);
});

const fingerprint = (manifest: string): string | undefined =>
  parseManifest(manifest, { ...defaults, digest }).manifest?.fingerprint;
const small =
  'version: 1\nscope: [crm, task]\nbindings:\n  - { event: [OnTaskAdd, OnTaskUpdate], handler: https://a.b/ }\n';

test.each([
  ['comments and layout', `# hi\n\n${small}`],
  [
    'the order of lists',
    small.replace('OnTaskAdd, OnTaskUpdate', 'OnTaskUpdate, OnTaskAdd').replace('crm, task', 'task, crm'),
  ],
  ['letter case', small.replace('OnTaskAdd', 'ONTASKADD')],
  [
    'a name for the URL',
    small.replace('https://a.b/', 'x').replace('bindings', 'handlers: { x: https://a.b/ }\nbindings'),
  ],
  ['empty options', small.replace('https://a.b/', 'https://a.b/, options: {}')],
  ['defaults written out', `${small}name: default\nprune: managed\nmax_unbind: 5\nowns: []\nignore: []\n`],
])('%s leaves the fingerprint as it is', (_what, changed) => {
  expect(fingerprint(small)).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprint(changed)).toBe(fingerprint(small));
});

test.each([
  ['a binding less', small.replace(', OnTaskUpdate', '')],
  ['another URL', small.replace('https://a.b/', 'https://a.b/x')],
  ['an explicit auth_type', small.replace('https://a.b/', 'https://a.b/, auth_type: 0')],
  ['another name', `${small}name: other\n`],
  ['a pin', `${small}portal: a.b\n`],
  ['another limit', `${small}max_unbind: 4\n`],
  ['an ignore rule', `${small}ignore: [{ event: X }]\n`],
])('%s changes the fingerprint', (_what, changed) => {
  expect(fingerprint(changed)).toBeDefined();
  expect(fingerprint(changed)).not.toBe(fingerprint(small));
});
