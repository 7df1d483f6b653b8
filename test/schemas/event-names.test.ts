/** The events in the manifest's schema: those of the catalogue, for editors only, and free text as before. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { withEventNames } from '../../scripts/generate-event-names.mjs';
import { withoutNotes } from '../../scripts/generate-validators.mjs';
import { allEvents, findEvent } from '../../src/catalog/catalog.ts';

const text = readFileSync(new URL('../../schemas/manifest.schema.json', import.meta.url), 'utf8');
const schema = JSON.parse(text) as {
  readonly definitions: { readonly eventName: { readonly anyOf: readonly Alternative[] } };
};

interface Alternative {
  readonly const?: string;
  readonly pattern?: string;
  readonly description?: string;
}

function binding(event: unknown): object {
  return { version: 1, bindings: [{ event }] };
}

test('they are those of the catalogue; otherwise `npm run docs` brings them up to date', () => {
  expect(withEventNames(text, allEvents()) === text).toBe(true);
  const [first, ...others] = allEvents();
  expect(withEventNames(text, others)).not.toContain(`"${first?.name}"`);
  expect(withEventNames(withEventNames(text, others), allEvents()) === text).toBe(true);
});

test('what is proposed is an event of the catalogue, and is explained by the same words in every letter case', () => {
  const { anyOf } = schema.definitions.eventName;
  const proposed = anyOf.filter((one) => one.const !== undefined);
  expect(proposed).toHaveLength(allEvents().filter(({ regex }) => regex === undefined).length);
  for (const { const: name = '', description } of proposed) {
    expect(findEvent(name.toUpperCase()), name).toBeDefined();
    for (const spelt of [name, name.toUpperCase(), name.toLowerCase()]) {
      const explained = anyOf.filter(({ pattern }) => pattern !== undefined && new RegExp(pattern, 'u').test(spelt));
      expect(
        explained.map((one) => one.description),
        spelt,
      ).toEqual([description]);
    }
  }
});

test('what a validator is made of has none of them, and judges every event as the schema does', () => {
  const short = withoutNotes(schema);
  expect(JSON.stringify(short)).not.toMatch(/OnCrmDealAdd|description|\$comment/);
  const [whole, stripped] = [schema, short].map((one) => new Ajv({ strict: false }).compile(one));
  const names = allEvents().flatMap(({ code, name }) => [code, name, code.toLowerCase()]);
  const fine = [...names, names, 'OnMyModuleItemAdd', '${EVENT}', ['OnTaskAdd', 'OnMine']];
  const bad = ['', [], [''], [['OnTaskAdd']], null, [null], 1, [1], {}, [{}], true];
  for (const event of fine)
    expect([event, whole?.(binding(event)), stripped?.(binding(event))]).toEqual([event, true, true]);
  for (const event of bad)
    expect([event, whole?.(binding(event)), stripped?.(binding(event))]).toEqual([event, false, false]);
});
