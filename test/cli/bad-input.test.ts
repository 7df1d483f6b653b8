/** Manifests nobody should write: each gets a clear message with its place and a cure, and nothing is asked of the portal. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { violations } from '../schemas/schema.ts';
import { aPortal, document } from './cli.ts';

const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefghi'
    .split('')
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`),
].join('\n');

const fiveMistakes = `version: 2
handlers:
  crm: app.example.com/b24
bindings:
  - { event: OnCrmDealAdd, handler: cmr }
  - { event: OnCrmLeadAdd, handler: crm, evnt_type: online }
  - { event: OnCrmLeadUpdate, handler: crm, auth_type: one }
`;

test.for<readonly [title: string, content: string | Uint8Array, lines: string]>([
  [
    'malformed YAML',
    'version: 1\nbindings: [\n',
    `bitrix-events.yaml:3:1  flow sequence in block collection must be sufficiently indented and end with a ]  [yaml-syntax]
  Compare the indentation of this line with the lines above it
`,
  ],
  [
    'a duplicate key',
    'version: 1\nbindings: []\nversion: 1\n',
    "bitrix-events.yaml:3:1  key 'version' is given twice; the first is at 1:1  [duplicate-key]\n",
  ],
  [
    'an alias bomb',
    `version: 1\nbindings: []\n${bomb}\n`,
    `bitrix-events.yaml:8:8  aliases make more than 100000 values  [alias-bomb]
  Write the repeated parts out
`,
  ],
  [
    'five mistakes',
    fiveMistakes,
    `bitrix-events.yaml:1:10  version 2 of the manifest format is not known  [unsupported-version]
  Write 'version: 1'
bitrix-events.yaml:3:8  handler 'app.example.com/b24' has no scheme  [bad-handler-url]
  Begin it with https://
bitrix-events.yaml:5:37  handler 'cmr' is neither a name under 'handlers' nor a URL  [unknown-handler]
  Add it under 'handlers', or write an absolute URL
bitrix-events.yaml:6:42  unknown key 'evnt_type' in a binding  [unknown-key]
  Did you mean 'event_type'?
bitrix-events.yaml:7:56  'auth_type' is the text 'one', expected a whole number  [wrong-type]
`,
  ],
  [
    'an empty file',
    '',
    `bitrix-events.yaml:1:1  the manifest is empty  [empty-manifest]
  Write at least 'version: 1' and 'bindings: []'
`,
  ],
  [
    'only a comment',
    '# soon\n',
    `bitrix-events.yaml:1:1  the manifest is empty  [empty-manifest]
  Write at least 'version: 1' and 'bindings: []'
`,
  ],
  [
    'a binary file',
    new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]),
    `bitrix-events.yaml:1:5  the file holds a NUL character  [binary-file]
  Name a YAML or JSON text file
`,
  ],
  [
    'UTF-16',
    new Uint8Array([0xff, 0xfe, 0x76, 0]),
    `bitrix-events.yaml:1:1  the manifest is UTF-16, not UTF-8  [not-utf8]
  Save it as UTF-8
`,
  ],
  [
    'Latin-1',
    new Uint8Array([0x61, 0x3a, 0x20, 0xe4, 0x0a]),
    `bitrix-events.yaml:1:4  the manifest is not UTF-8  [not-utf8]
  Save it as UTF-8
`,
  ],
  [
    'a missing variable',
    `version: 1\nbindings:\n  - { event: OnCrmDealAdd, handler: "\${HOST_OF_APP}/x" }\n`,
    `bitrix-events.yaml:3:38  the environment variable 'HOST_OF_APP' is not set  [missing-variable]
  Set it, put it into .env beside the manifest, or write \${HOST_OF_APP:-default}
`,
  ],
  [
    'more than 1 MiB',
    `version: 1\nbindings: []\n#${'x'.repeat(1024 * 1024)}\n`,
    `bitrix-events.yaml  the manifest is larger than 1 MiB  [too-large]
  Split it into several manifests
`,
  ],
  [
    'no bindings key',
    'version: 1\n',
    `bitrix-events.yaml:1:1  key 'bindings' is missing in the manifest  [missing-key]
  Write 'bindings: []' for none
`,
  ],
])('%s: every command says where and what, with exit code 1', async ([, content, lines]) => {
  const [cli, emulator] = await aPortal();
  await cli.write('bitrix-events.yaml', content);

  const plan = await cli.run('plan');
  expect(plan).toEqual({ code: 1, out: '', err: lines });
  expect(await cli.run('validate')).toEqual(plan);
  expect(await cli.run('check')).toEqual(plan);
  expect(await cli.run('apply --yes --prune all')).toEqual(plan);
  expect((await cli.run('import --write')).code).toBe(1);

  const json = await cli.run('plan --format json');
  expect(violations('plan', json.out)).toEqual([]);
  expect(document(json)).toMatchObject({ error: { code: 'invalid-manifest' } });
  expect(emulator.requests).toEqual([]);
});

test('a directory in place of a manifest is no manifest', async () => {
  const [cli, emulator] = await aPortal();
  await mkdir(join(cli.directory, 'folder'));
  const ran = await cli.run('plan --manifest folder');
  expect(ran).toEqual({
    code: 1,
    out: '',
    err: "folder  'folder' is a directory  [is-directory]\n  Name the file in it\n",
  });
  expect(emulator.requests).toEqual([]);
});

test('a portal that answers nonsense changes nothing, and what was bound stays bound', async () => {
  const runs = (['html', 'truncated', 'empty', 'reset'] as const).map(async (kind) => {
    const [cli, emulator] = await aPortal();
    await cli.run('apply --yes');
    emulator.fault({ kind, times: Number.POSITIVE_INFINITY });
    const { length } = emulator.history;

    const ran = await cli.run('apply --yes --prune all -m -', { stdin: 'version: 1\nbindings: []\n' });

    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toMatch(/^Error: portal '.*' gave no usable answer: .* {2}\[no-answer\]\n {2}Run again; .*\n$/);
    expect(emulator.history).toHaveLength(length);
  });
  await Promise.all(runs);
});
