import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/generate-validators.mjs', import.meta.url));
const generate = async () => promisify(execFile)(process.execPath, [script]);

const files = ['validate.generated.js', 'validate.generated.d.ts'].map(
  (name) => new URL(`../../src/manifest/${name}`, import.meta.url),
);

test('what would stay the same is not written again', async () => {
  await generate();
  const times = async () => Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  const before = await times();
  await generate();
  expect(await times()).toEqual(before);
});

test('the generated validator needs nothing at run time', async () => {
  const [code] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  expect(code).not.toMatch(/\brequire\s*\(|^import\b/m);
});
