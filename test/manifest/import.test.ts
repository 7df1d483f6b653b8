import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Binding, keyOf, type OfflineBinding, type OnlineBinding } from '../../src/core/binding.ts';
import { ManifestError } from '../../src/core/errors.ts';
import type { Caller } from '../../src/manifest/binding-text.ts';
import { parseManifest } from '../../src/manifest/parse-manifest.ts';
import { renderManifest } from '../../src/manifest/render-manifest.ts';
import { updateManifestText } from '../../src/manifest/update-manifest.ts';
import { version } from '../../src/version.ts';
import { defaults, problemsIn } from './support.ts';
import { runs } from '../support/sample.ts';

const admin: Caller = { isAdmin: true, userId: 1 };

function online(event: string, handler: string, authType = 0): OnlineBinding {
  return { eventType: 'online', event, handler, authType };
}

function offline(event: string, authConnector = ''): OfflineBinding {
  return { eventType: 'offline', event, authConnector };
}

function keysIn(text: string, caller: Caller, env: Record<string, string> = {}): readonly string[] {
  const { manifest, diagnostics } = parseManifest(text, { ...defaults, env });
  if (manifest === undefined) throw new Error(`${JSON.stringify(diagnostics)}\n${text}`);
  return manifest.bindings
    .map((binding) =>
      binding.eventType === 'offline'
        ? offline(binding.event, binding.authConnector)
        : online(binding.event, binding.handler, binding.authType ?? (caller.isAdmin ? 0 : caller.userId)),
    )
    .map(keyOf)
    .sort();
}

const keys = (bindings: readonly Binding[]): readonly string[] => [...new Set(bindings.map(keyOf))].sort();

const crm = 'https://app.example.com/b24/crm';

test('a new manifest reads well', () => {
  const live = [
    online('ONTASKADD', 'https://app.example.com/b24/tasks'),
    online('ONCRMDEALUPDATE', crm),
    online('ONCRMDEALADD', crm),
    online('ONCRMDEALADD', crm),
    online('ONCRMDEALADD', crm, 15),
    online('ONCRMDYNAMICITEMADD_147', 'https://app.example.com/?x=${y}#z'),
    online('ONAPPINSTALL', 'https://app.example.com/install'),
    online('ONIMBOTV2DELETE', 'https://bot.example.com/'),
    offline('ONCRMCONTACTADD'),
    offline('ONCRMCONTACTUPDATE'),
    offline('ONCRMCONTACTUPDATE', 'erp'),
  ];
  expect(
    renderManifest(live, { ...admin, name: 'crm-sync' }),
  ).toBe(`# yaml-language-server: $schema=https://unpkg.com/bitrix-events@${version}/schemas/manifest.schema.json
version: 1
name: crm-sync
handlers:
  crm: https://app.example.com/b24/crm
bindings:
  - event: [OnCrmContactAdd, OnCrmContactUpdate]
    event_type: offline
  - event: OnCrmContactUpdate
    event_type: offline
    auth_connector: erp
  - event: [OnCrmDealAdd, OnCrmDealUpdate]
    handler: crm
  - event: OnCrmDealAdd
    handler: crm
    auth_type: 15
  - event: ONCRMDYNAMICITEMADD_147
    handler: "https://app.example.com/?x=$\${y}#z"
  - event: OnTaskAdd
    handler: https://app.example.com/b24/tasks
`);
});

test('a portal without bindings gives a manifest that asks for none', () => {
  expect(renderManifest([], { ...admin, schema: './s.json' })).toBe(
    '# yaml-language-server: $schema=./s.json\nversion: 1\nbindings: []\n',
  );
});

test('for an ordinary user their own id is written down: without it, an administrator would bind something else', () => {
  const text = renderManifest([online('ONTASKADD', crm, 7)], { isAdmin: false, userId: 7 });
  expect(text).toContain('  - event: OnTaskAdd\n    handler: https://app.example.com/b24/crm\n    auth_type: 7\n');
});

test('comments on lines of their own stay in a flow list of which nothing else does', () => {
  const text = `version: 1\nbindings: [\n  # why we need them\n  { event: OnTaskAdd, handler: "https://a.b/old" }, # gone with it\n]\n# the end\n`;
  const updated = updateManifestText(text, [online('ONTASKADD', crm)], { ...defaults, caller: admin });
  expect(updated).toBe(
    `version: 1\nbindings:\n  # why we need them\n  - event: OnTaskAdd\n    handler: ${crm}\n# the end\n`,
  );
});

const eventCode = fc.constantFrom(
  'ONTASKADD',
  'ONTASKUPDATE',
  'ONCRMDEALADD',
  'ONCRMDYNAMICITEMADD_147',
  'ONUSERADD',
  'ONSOMETHINGNEW',
  'CATALOG.PRODUCT.ON.ADD',
);
const path = fc.oneof(
  fc.constantFrom(
    '',
    '/',
    '/b24/crm',
    '/b24/tasks',
    '/crm?a=1&b=2',
    '/x:',
    '/true',
    '/$result[x]',
    '/${X}',
    '/$${X}',
    '/a#b',
    '/a b',
    "/it's",
    '/"q"',
  ),
  fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .filter((text) => !/[@:]/.test(text))
    .map((text) => `/${text}`),
);
const url = fc
  .tuple(fc.constantFrom('https://a.b', 'http://127.0.0.1:80', 'https://u:p@a.b'), path)
  .map((parts) => parts.join(''));
const binding: fc.Arbitrary<Binding> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ event: eventCode, url, authType: fc.constantFrom(0, 0, 1, 15) })
      .map((row) => online(row.event, row.url, row.authType)),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ event: eventCode, connector: fc.constantFrom('', 'erp', 'true', 'a: b', '${X}') })
      .map((row) => offline(row.event, row.connector)),
  },
);
/** As on a portal: URLs that differ in letter case only are one. */
const liveSet = fc.uniqueArray(binding, { maxLength: 12, selector: (row) => keyOf(row).toLowerCase() });

test('a manifest made of any live set asks for exactly that set', () => {
  fc.assert(
    fc.property(liveSet, (live) => {
      expect(keysIn(renderManifest(live, admin), admin)).toEqual(keys(live));
    }),
    { numRuns: runs(200) },
  );
});

const original = `# Kept by hand.
version: 1
handlers:
  crm: \${BASE:-https://app.example.com}/b24/crm   # the CRM
  other: https://app.example.com/other
bindings:
  # Deals
  - event: [OnCrmDealAdd,  ONCRMDEALUPDATE]  # both
    handler:   crm

  # Tasks
  - handler: 'https://app.example.com/b24/tasks'
    event:
      - OnTaskAdd # new
      # changed
      - OnTaskUpdate
      - OnTaskDelete
    auth_type: 15   # the robot
  - event: OnOfflineEvent
    handler: crm
    options:
      minTimeout: 5
  # Contacts
  - { event: OnCrmContactUpdate, event_type: offline }
# After them.
prune: none
`;

const originalLive = [
  online('ONCRMDEALADD', crm),
  online('ONCRMDEALUPDATE', crm),
  online('ONTASKADD', 'https://app.example.com/b24/tasks', 15),
  online('ONTASKUPDATE', 'https://app.example.com/b24/tasks', 15),
  online('ONTASKDELETE', 'https://app.example.com/b24/tasks', 15),
  online('ONOFFLINEEVENT', crm),
  offline('ONCRMCONTACTUPDATE'),
];
const update = (text: string, live: readonly Binding[], caller = admin): string =>
  updateManifestText(text, live, { ...defaults, caller });

test('a manifest that says what is live stays as it is, byte for byte', () => {
  expect(update(original, originalLive)).toBe(original);
  const other = `\u{feff}${original.replaceAll('\n', '\r\n')}`;
  expect(update(other, originalLive)).toBe(other);
});

test('what is gone goes, what is new comes at the end, the rest stays as written', () => {
  const live = [
    online('ONCRMDEALUPDATE', crm),
    online('ONTASKADD', 'https://app.example.com/b24/tasks', 15),
    online('ONTASKDELETE', 'https://app.example.com/b24/tasks', 15),
    offline('ONCRMCONTACTUPDATE'),
    online('ONCRMLEADADD', crm),
    online('ONCRMLEADUPDATE', crm),
    online('ONUSERADD', 'https://new.example.com/', 3),
    online('ONAPPINSTALL', 'https://new.example.com/'),
  ];
  expect(update(original, live)).toBe(`# Kept by hand.
version: 1
handlers:
  crm: \${BASE:-https://app.example.com}/b24/crm   # the CRM
  other: https://app.example.com/other
bindings:
  # Deals
  - event: [ONCRMDEALUPDATE]  # both
    handler:   crm

  # Tasks
  - handler: 'https://app.example.com/b24/tasks'
    event:
      - OnTaskAdd # new
      # changed
      - OnTaskDelete
    auth_type: 15   # the robot
  # Contacts
  - { event: OnCrmContactUpdate, event_type: offline }
  - event: [OnCrmLeadAdd, OnCrmLeadUpdate]
    handler: crm
  - event: OnUserAdd
    handler: https://new.example.com/
    auth_type: 3
# After them.
prune: none
`);
});

test.each([
  [
    'a block list that empties',
    'version: 1\nbindings: # all\n  # one\n  - event: OnTaskAdd\n    handler: https://a.b/\nprune: all\n',
    [],
    'version: 1\nbindings: [] # all\n  # one\nprune: all\n',
  ],
  [
    'an empty list that fills',
    'version: 1\nbindings: []  # none yet\nprune: all\n',
    [online('ONTASKADD', 'https://a.b/')],
    'version: 1\nbindings:  # none yet\n  - event: OnTaskAdd\n    handler: https://a.b/\nprune: all\n',
  ],
  [
    'a list at the end without a line break',
    'version: 1\nbindings:\n- event: OnTaskAdd\n  handler: https://a.b/',
    [online('ONTASKADD', 'https://a.b/'), offline('ONUSERADD')],
    'version: 1\nbindings:\n- event: OnTaskAdd\n  handler: https://a.b/\n- event: OnUserAdd\n  event_type: offline\n',
  ],
  [
    'a list in flow style',
    'version: 1\nbindings: [{ event: OnTaskAdd, handler: https://a.b/ }, { event: OnUserAdd, handler: https://a.b/ }]\n',
    [online('ONUSERADD', 'https://a.b/'), online('ONUSERADD', 'https://a.b/x')],
    'version: 1\nbindings: [{ event: OnUserAdd, handler: https://a.b/ }, { "event": "OnUserAdd", "handler": "https://a.b/x" }]\n',
  ],
  [
    'JSON',
    '{\n  "version": 1,\n  "bindings": [\n    { "event": ["OnTaskAdd", "OnTaskUpdate"], "handler": "https://a.b/" },\n    { "event": "OnUserAdd", "handler": "https://a.b/" }\n  ]\n}\n',
    [online('ONTASKADD', 'https://a.b/'), offline('ONUSERADD')],
    '{\n  "version": 1,\n  "bindings": [\n    { "event": ["OnTaskAdd"], "handler": "https://a.b/" },\n    { "event": "OnUserAdd", "event_type": "offline" }\n  ]\n}\n',
  ],
  [
    'JSON that empties',
    '{ "version": 1, "bindings": [{ "event": "OnUserAdd", "handler": "https://a.b/" }] }',
    [],
    '{ "version": 1, "bindings": [] }',
  ],
  [
    'JSON that fills',
    '{ "version": 1, "bindings": [] }',
    [offline('ONUSERADD')],
    '{ "version": 1, "bindings": [{ "event": "OnUserAdd", "event_type": "offline" }] }',
  ],
  [
    'an entry that ends in a folded text',
    'version: 1\nbindings:\n  - event: OnUserAdd\n    handler: >-\n      https://a.b/\n  - event: OnTaskAdd\n    handler: >-\n      https://c.d/\n\n# end\n',
    [online('ONTASKADD', 'https://c.d/'), offline('ONUSERADD')],
    'version: 1\nbindings:\n  - event: OnTaskAdd\n    handler: >-\n      https://c.d/\n  - event: OnUserAdd\n    event_type: offline\n\n# end\n',
  ],
])('%s is updated in its own style', (_what, text, live, expected) => {
  const updated = update(text, live);
  expect(updated).toBe(expected);
  expect(keysIn(updated, admin)).toEqual(keys(live));
});

test('what is ignored is not taken in', () => {
  const text = 'version: 1\nbindings: []\nignore: [{ handler: https://bots.example.com/* }]\n';
  expect(update(text, [online('ONTASKADD', 'https://bots.example.com/x')])).toBe(text);
});

test('an ordinary user does not remove what they cannot see', () => {
  const caller = { isAdmin: false, userId: 7 };
  const text =
    'version: 1\nbindings:\n  - { event: OnTaskAdd, event_type: offline }\n  - { event: OnTaskAdd, handler: https://a.b/, auth_type: 0 }\n  - { event: OnTaskUpdate, handler: https://a.b/ }\n';
  expect(update(text, [], caller)).toBe(text.slice(0, text.indexOf('  - { event: OnTaskUpdate')));
});

test('a manifest whose parts hang together by aliases is refused, not damaged', () => {
  const text =
    'version: 1\nbindings:\n  - { event: &events [OnTaskAdd, OnTaskUpdate], handler: https://a.b/ }\n  - { event: *events, handler: https://c.d/ }\n';
  const live = [online('ONTASKADD', 'https://c.d/'), online('ONTASKUPDATE', 'https://c.d/')];
  expect(() => update(text, live)).toThrow(expect.objectContaining({ code: 'cannot-update' }));
});

test('a manifest with errors is refused', () => {
  expect(() => update('version: 1\nbindings: [{ event: OnTaskAdd, handler: ${NONE} }]\n', [])).toThrow(ManifestError);
});

/** An existing file of any layout: entries of random style with comments around them. */
const style = fc.record({
  isFlow: fc.boolean(),
  isList: fc.boolean(),
  isNamed: fc.boolean(),
  comment: fc.boolean(),
  blank: fc.boolean(),
});
const written = fc
  .tuple(fc.array(fc.tuple(binding, style), { maxLength: 6 }), fc.boolean(), fc.boolean())
  .map(([entries, isIndented, isWindows]) => {
    const indent = isIndented ? '  ' : '';
    const seen = new Set<string>();
    const lines: string[] = [];
    const comments: string[] = [];
    const names: string[] = [];
    const bindings: Binding[] = [];
    for (const [index, [row, { isFlow, isList, isNamed, comment, blank }]] of entries.entries()) {
      const identity = keyOf(row).toLowerCase();
      if (seen.has(identity)) continue;
      seen.add(identity);
      bindings.push(row);
      const quoted = (text: string): string => JSON.stringify(text.replaceAll('${', () => '$${'));
      const handler = row.eventType === 'online' ? quoted(row.handler) : '';
      if (isNamed && row.eventType === 'online') names.push(`  h${index}: ${handler}`);
      const rest =
        row.eventType === 'online'
          ? [
              `handler: ${isNamed ? `h${index}` : handler}`,
              ...(row.authType === 0 ? [] : [`auth_type: ${row.authType}`]),
            ]
          : ['event_type: offline', `auth_connector: ${quoted(row.authConnector)}`];
      const event = isList ? `event: [${row.event}]` : `event: ${row.event}`;
      if (blank) lines.push('');
      if (comment) {
        comments.push(`# about ${index}`);
        lines.push(`${indent}# about ${index}`);
      }
      if (isFlow) lines.push(`${indent}- { ${[event, ...rest].join(', ')} }`);
      else lines.push(`${indent}- ${event}`, ...rest.map((line) => `${indent}  ${line}`));
    }
    const handlers = names.length === 0 ? [] : ['handlers:', ...names];
    const list = bindings.length === 0 ? ['bindings: []'] : ['bindings:', ...lines];
    const text = ['# first', 'version: 1', ...handlers, ...list, '# last', 'prune: all', ''].join(
      isWindows ? '\r\n' : '\n',
    );
    return { text, comments: ['# first', '# last', ...comments], bindings };
  });

test('an updated manifest asks for what is live, keeps its comments, and a second update changes nothing', () => {
  fc.assert(
    fc.property(written, liveSet, fc.func(fc.boolean()), ({ text, comments, bindings }, extra, isKept) => {
      const kept = bindings.filter((row) => isKept(keyOf(row)));
      const taken = new Set(bindings.map((row) => keyOf(row).toLowerCase()));
      const live = [...kept, ...extra.filter((row) => !taken.has(keyOf(row).toLowerCase()))];
      const updated = update(text, live);
      expect(keysIn(updated, admin)).toEqual(keys(live));
      expect(comments.filter((comment) => !updated.includes(comment))).toEqual([]);
      expect(update(updated, live)).toBe(updated);
      expect(problemsIn(updated).filter((line) => line.includes(' error '))).toEqual([]);
    }),
    { numRuns: runs(300) },
  );
});
