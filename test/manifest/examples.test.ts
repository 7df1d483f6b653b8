import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { inspectManifest } from '../../src/manifest/load-manifest.ts';
import { diagnosticLine } from './support.ts';

const root = new URL('../../', import.meta.url);
const schema = JSON.parse(await readFile(new URL('schemas/manifest.schema.json', root), 'utf8')) as object;
const isValid = new Ajv({ strict: false }).compile(schema);
const examples = ['', 'examples/minimal/', 'examples/environments/', 'examples/offline-queue/', 'examples/per-user/'];

test.each(examples)('%sbitrix-events.yaml is a valid manifest without any variable set', async (folder) => {
  const url = new URL(`${folder}bitrix-events.yaml`, root);
  const source: unknown = parse(await readFile(url, 'utf8'));
  const environments =
    typeof source === 'object' && source !== null && 'environments' in source
      ? Object.keys(source.environments ?? {})
      : [];
  for (const environment of [undefined, ...environments]) {
    const { manifest, diagnostics } = await inspectManifest({
      cwd: fileURLToPath(new URL('.', url)),
      env: {},
      environment,
    });
    expect(diagnostics.filter(({ code }) => code !== 'insecure-handler').map(diagnosticLine)).toEqual([]);
    expect(manifest?.file).toBe('bitrix-events.yaml');
  }
  expect(isValid(source)).toBe(true);
});

test.each(examples)('%sbitrix-events.yaml names the schema where it is', async (folder) => {
  const url = new URL(`${folder}bitrix-events.yaml`, root);
  const [, path = ''] = /^# yaml-language-server: \$schema=(.+)\n/.exec(await readFile(url, 'utf8')) ?? [];
  expect(new URL(path, url).href).toBe(new URL('schemas/manifest.schema.json', root).href);
});

test('every property of the schema is described and has an example that fits it', () => {
  const ajv = new Ajv({ strict: false }).addSchema(schema, 'manifest');
  let checked = 0;
  const visit = (node: unknown, pointer: string): void => {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    for (const [key, part] of Object.entries(node)) {
      if (key !== 'properties' && key !== 'definitions') {
        if (key === 'items' || key === 'additionalProperties') visit(part, `${pointer}/${key}`);
        continue;
      }
      for (const [name, property] of Object.entries(part)) {
        visit(property, `${pointer}/${key}/${name}`);
        if (typeof property !== 'object' || property === null || '$ref' in property) continue;
        const at = `${pointer}/${key}/${name}`;
        expect(property, at).toMatchObject({ description: expect.stringMatching(/\.$/) });
        const found: unknown = 'examples' in property ? property.examples : undefined;
        if (!Array.isArray(found)) throw new Error(`${at} has no examples`);
        for (const example of found) {
          checked += 1;
          expect(ajv.validate({ $ref: `manifest#${at}` }, example), `${at} ${JSON.stringify(example)}`).toBe(true);
        }
      }
    }
  };
  visit(schema, '');
  expect(checked).toBeGreaterThan(25);
});
