/** The events in the manifest's schema: those of the catalogue, for editors only, and free text as before. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { withEventNames } from '../../scripts/generate-event-names.mjs';
import { withoutNotes } from '../../scripts/generate-validators.mjs';
import { allEvents } from '../../src/catalog/catalog.ts';

const text = readFileSync(new URL('../../schemas/manifest.schema.json', import.meta.url), 'utf8');
const schema = JSON.parse(text) as object;

function binding(event: unknown): object {
  return { version: 1, bindings: [{ event }] };
}

test('they are those of the catalogue; otherwise `npm run docs` brings them up to date', () => {
  expect(withEventNames(text, allEvents()) === text).toBe(true);
  const [first, ...others] = allEvents();
  expect(withEventNames(text, others)).not.toContain(`"${first?.name}"`);
  expect(withEventNames(withEventNames(text, others), allEvents()) === text).toBe(true);
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
