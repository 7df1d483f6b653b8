/** The public surface of the library: none of it changes without its report, and none of it is without words. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeDeclarations } from '../../scripts/declarations.mjs';

let folder: string;
let reports: ReturnType<typeof writeDeclarations>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitrix-events-api-'));
  reports = writeDeclarations(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const entries = ['index', 'emulator'] as const;

test.for(entries)('%s: what is public is what its report says; `npm run api` writes a new one', async (entry) => {
  const report = await readFile(new URL(`api/${entry}.api.md`, import.meta.url), 'utf8');
  expect(reports[entry]).toBe(report);
});

test.for(entries)('%s: everything public has documentation, each member too', (entry) => {
  const undocumented = [...reports[entry].matchAll(/\(undocumented\)\n *(.*)/g)];
  expect(undocumented.map(([, declaration]) => declaration)).toEqual([]);
});

test('what exports are made of can be named, but for the bases of others, lists of values and what `loadManifest` need not be given', () => {
  const unnamed = (entry: (typeof entries)[number]) =>
    [...reports[entry].matchAll(/^(?:interface|type|class|const) (\w+)/gm)].map(([, name]) => name);
  expect(unnamed('index')).toEqual([
    'ApplicationFacts',
    'Caller',
    'causes',
    'DesiredCommon',
    'driftKinds',
    'eventTypes',
    'Facts',
    'LockSettings',
    'LockSettings_2',
    'ManifestPlace',
    'Project',
  ]);
  expect(unnamed('emulator')).toEqual(['conditions', 'faultKinds', 'outbounds', 'requestLogs']);
});

test('the types need nothing but those of Node.js', async () => {
  for (const entry of entries) {
    const text = await readFile(join(folder, `${entry}.d.ts`), 'utf8');
    const sources = [...text.matchAll(/\bfrom '([^']+)'|import\('([^']+)'\)|<reference .*/g)].map(
      ([, from, lazily]) => from ?? lazily,
    );
    expect(sources.filter((source) => source?.startsWith('node:') !== true)).toEqual([]);
  }
});
