/** import: the live set as a manifest that plans to nothing, and an existing file brought up to date with its comments kept. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SeedRow } from '../../src/emulator/options.ts';
import { aCli, anEmulator, aPortal, document, handler, manifestText, writesTo } from './cli.ts';
import { runs } from '../support/sample.ts';

/** What a portal can hold: it would never have taken a URL without a dot in its host or with a scheme in upper case. */
const liveRow: fc.Arbitrary<SeedRow> = fc.oneof(
  fc.record({
    event: fc.constantFrom(
      'ONCRMDEALADD',
      'ONTASKADD',
      'ONIMBOTMESSAGEADD',
      'ONAPPINSTALL',
      'ONCRMDYNAMICITEMADD_147',
      'ONNEWEVENT',
    ),
    handler: fc.constantFrom(
      handler,
      `${handler}?key=1&x=%20y`,
      `${handler}/ü'"#frag`,
      'https://user:pw@app.example.com/$result[x]',
      `https://app.example.com/\${NAME}`,
      'http://app.example.com/plain: #1',
    ),
    auth_type: fc.constantFrom(0, 1, 15),
    // Kept by the portal and shown to nobody: rows that differ in it look the same.
    auth_connector: fc.constantFrom('', 'hidden'),
  }),
  fc.record({
    event: fc.constantFrom('ONCRMDEALADD', 'ONTASKADD', 'ONAPPUNINSTALL'),
    event_type: fc.constant('offline' as const),
    auth_connector: fc.constantFrom('', 'erp', 'null', "it's: #1"),
  }),
);

test('importing any live set plans to nothing, for an administrator and for anybody else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(liveRow, { maxLength: 8, selector: (row) => JSON.stringify(row) }),
      fc.constantFrom(1, 15),
      async (rows, userId) => {
        const [cli] = await aPortal({ portal: { rows, userId, crmTypeIds: [147] } }, '');
        const imported = await cli.run('import');
        expect(imported, imported.err).toMatchObject({ code: 0 });
        const planned = await cli.run('plan -m - --prune all --format json --detailed-exitcode', {
          stdin: imported.out,
        });
        expect(planned, imported.out + planned.err).toMatchObject({ code: 0 });
        expect(document(planned)).toMatchObject({ changes: [], blocked: [] });
      },
    ),
    { numRuns: runs(25) },
  );
});

const portal = {
  rows: [
    { event: 'ONCRMDEALADD', handler },
    { event: 'ONTASKADD', handler: `${handler}?key=1` },
  ],
};

test('--write makes a first file, and the next one finds nothing to do', async () => {
  const [cli] = await aPortal({ portal }, '');
  const first = await cli.run('import --write --name mine -m new.yaml');
  expect(first).toEqual({ code: 0, out: 'new.yaml: written\n', err: '' });
  const text = await cli.read('new.yaml');
  expect(text).toContain('name: mine\n');
  expect(text).toContain(`${handler}?key=1`);
  expect((await cli.run('check -m new.yaml --fail-on missing,extra,changed,unmanaged')).code).toBe(0);
  expect((await cli.run('import --write -m new.yaml')).out).toBe('new.yaml: holds what is live already; not touched\n');
  expect(await cli.read('new.yaml')).toBe(text);
});

test('--write keeps the comments and the order of an existing file', async () => {
  const existing = `# Why this is here.
version: 1
handlers:
  crm: ${handler} # the one
bindings:
  # Leads are gone from the portal.
  - { event: OnCrmLeadAdd, handler: crm }
  # Deals stay.
  - event: OnCrmDealAdd # as ever
    handler: crm
`;
  const [cli] = await aPortal({ portal }, existing);
  expect((await cli.run('import --write --format json')).out).toBe(
    `${JSON.stringify({ format: 1, file: 'bitrix-events.yaml', written: true }, undefined, 2)}\n`,
  );
  const text = await cli.read('bitrix-events.yaml');
  expect(text).toMatch(/^# Why this is here\.\nversion: 1\nhandlers:\n {2}crm: \S+ # the one\nbindings:\n/);
  expect(text).toContain('  # Deals stay.\n  - event: OnCrmDealAdd # as ever\n    handler: crm\n');
  expect(text).not.toContain('OnCrmLeadAdd');
  expect((await cli.run('plan --detailed-exitcode')).out).toContain('In sync: nothing to change, 2 kept.');
});

test('what cannot be written is left alone', async () => {
  const [cli, emulator] = await aPortal({ portal }, manifestText(undefined, 'portal: acme.bitrix24.com\n'));
  expect((await cli.run('import --write')).code).toBe(4);
  expect(await cli.read('bitrix-events.yaml')).toBe(manifestText(undefined, 'portal: acme.bitrix24.com\n'));
  expect((await cli.run('import --write -m -')).err).toContain('[cannot-write-stdin]');
  expect((await cli.run('import --write -m missing/x.yaml')).err).toContain('[unwritable-file]');
  expect(writesTo(emulator)).toEqual([]);
});

test('with JSON it prints the manifest as a JSON document, which plans to nothing as well', async () => {
  const [cli] = await aPortal({ portal }, '');
  const { out } = await cli.run('import --format json');
  expect(JSON.parse(out)).toMatchObject({ version: 1, bindings: [{ event: expect.any(String) as string }, {}] });
  expect((await cli.run('plan -m - --detailed-exitcode', { stdin: out })).code).toBe(0);
});

test('what plan would refuse is never written', async () => {
  const rows = [
    { event: 'ONTASKADD', handler: 'https://app.example.com/B24' },
    { event: 'ONTASKADD', handler: 'https://app.example.com/b24', userId: 15 },
    { event: 'ONTASKADD', handler: 'https://app.example.com/b24' },
  ];
  const emulator = await anEmulator({ portal: { rows, switches: { caseInsensitiveHandlers: false } } });
  const cli = await aCli(emulator.toEnv());
  const ran = await cli.run('import --write');
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('[cannot-import]');
  expect(ran.err).toContain('[similar-handlers]');
  await expect(cli.read('bitrix-events.yaml')).rejects.toThrow('ENOENT');
  expect((await cli.run('import')).out).toContain('https://app.example.com/B24');
});
