import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { manifestCodes } from '../../src/manifest/codes.ts';

const folder = fileURLToPath(new URL('../../src/manifest/', import.meta.url));

test('every code in the table is used somewhere, and every code that is used is in the table', async () => {
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.includes('generated') && file !== 'codes.ts',
  );
  const sources = (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n');
  const quoted = new Set([...sources.matchAll(/'([a-z0-9]+(?:-[a-z0-9]+)+)'/g)].map(([, code]) => code));
  expect(Object.keys(manifestCodes).filter((code) => !quoted.has(code))).toEqual([]);
  const given = [...sources.matchAll(/code: '([^']+)'/g)].map(([, code]) => code ?? '');
  expect(given.filter((code) => !Object.hasOwn(manifestCodes, code))).toEqual([]);
});

test('the table is in alphabetical order, one line of meaning and of cure each', () => {
  expect(Object.keys(manifestCodes)).toEqual(Object.keys(manifestCodes).sort());
  for (const { meaning, cure } of Object.values(manifestCodes)) expect(`${meaning}${cure}`).not.toMatch(/\n|\.$/);
});
