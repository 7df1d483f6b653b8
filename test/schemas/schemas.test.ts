/** The published schemas: strict enough to notice a slip, explained for those who read them, and of one mind with each other. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { aPortal, document } from '../cli/cli.ts';
import { schemaNames, violations } from './schema.ts';

interface Schema {
  readonly $id?: string;
  readonly description?: string;
  readonly title?: string;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly type?: unknown;
  readonly $ref?: string;
}

const folder = new URL('../../schemas/', import.meta.url);
const files = readdirSync(folder);

function schemaOf(file: string): Schema {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Schema;
}

test('there is one for the manifest and one for each document that is printed', () => {
  expect(files).toEqual([...new Set(schemaNames)].map((name) => `${name}.schema.json`).sort());
});

test.for(files)('%s is a valid schema with a title', (file) => {
  const ajv = new Ajv({ allowUnionTypes: true, strictTypes: false });
  expect(ajv.validateSchema(schemaOf(file))).toBe(true);
  expect(() => ajv.compile(schemaOf(file))).not.toThrow();
  expect(schemaOf(file).title).toMatch(/^bitrix-events /);
  expect(schemaOf(file).$id).toBe(`https://unpkg.com/bitrix-events/schemas/${file}`);
});

test('what the schemas of the documents have in common is the same in all of them', () => {
  const documents = files.filter((file) => file !== 'manifest.schema.json').map(schemaOf);
  const shared = new Map<string, Schema>();
  for (const { definitions = {} } of documents) {
    for (const [name, definition] of Object.entries(definitions)) {
      expect(shared.get(name) ?? definition, name).toEqual(definition);
      shared.set(name, definition);
    }
  }
});

test.for(files)('%s: it, its definitions and every property in them are described in a sentence', (file) => {
  const schema = schemaOf(file);
  const found = new Map([['', schema], ...partsOf(schema)]);
  const silent = [...found].filter(
    ([, { $ref, description = '' }]) => $ref === undefined && !/^\S.{4,}\.$/.test(description),
  );
  expect(silent.map(([place]) => place)).toEqual([]);
  expect(found.size).toBeGreaterThan(5);
});

test('a gap is found wherever it is', () => {
  const described = { description: 'Something there.' };
  const places = [
    { properties: { a: described, b: {} } },
    { definitions: { b: { ...described, items: { oneOf: [{}, { properties: { c: {} } }] } } } },
    { additionalProperties: { anyOf: [{ properties: { d: { properties: { e: described } } } }] } },
  ];
  expect(places.map((schema) => [...partsOf(schema).keys()])).toEqual([
    ['/a', '/b'],
    ['/b', '/b/c'],
    ['/d', '/d/e'],
  ]);
});

/** Every definition and every property, however deep, by where it is. */
function partsOf(schema: Schema, place = ''): Map<string, Schema> {
  const { properties = {}, definitions = {}, items, additionalProperties, anyOf = [], oneOf = [], allOf = [] } = schema;
  const named = Object.entries({ ...definitions, ...properties });
  const nameless = [items, additionalProperties, ...anyOf, ...oneOf, ...allOf].filter(
    (part) => typeof part === 'object',
  );
  return new Map([
    ...named.flatMap(([name, part]) => [[`${place}/${name}`, part] as const, ...partsOf(part, `${place}/${name}`)]),
    ...nameless.flatMap((part) => [...partsOf(part, place)]),
  ]);
}

test('a document with a key more, a key less or a value of another kind does not pass', async () => {
  const [cli] = await aPortal();
  const good = document(await cli.run('plan --format json'));
  const less = { ...good, fingerprint: undefined };
  expect(violations('plan', JSON.stringify(good))).toEqual([]);
  for (const bad of [{ ...good, more: 1 }, less, { ...good, visibility: 'some' }, { ...good, changes: {} }, {}])
    expect(violations('plan', JSON.stringify(bad))).not.toEqual([]);
});
