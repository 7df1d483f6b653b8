/** The way back from a binding to its line. */
import { expect, it } from 'vitest';
import { keyOf } from '../../src/core/binding.ts';
import type { DesiredBinding } from '../../src/core/manifest.ts';
import { placesOf } from '../../src/core/places.ts';
import { A, administrator, B, offline, online, ordinaryUser } from '../support/build.ts';

function at(line: number) {
  return { file: 'm.yaml', line, column: 5 };
}

const unsaid: DesiredBinding = { eventType: 'online', event: 'ONTASKADD', handler: A, position: at(3) };
const bindings: readonly DesiredBinding[] = [
  unsaid,
  { ...online('ONTASKADD', A, 7), position: at(4) },
  { ...offline('ONTASKADD', 'erp'), position: at(5) },
];

it('knows each binding as the caller would make it: what is said of no user is for all, or for an ordinary caller alone', () => {
  expect([...placesOf({ bindings }, administrator)]).toEqual([
    [keyOf(online('ONTASKADD', A, 0)), at(3)],
    [keyOf(online('ONTASKADD', A, 7)), at(4)],
    [keyOf(offline('ONTASKADD', 'erp')), at(5)],
  ]);
  expect([...placesOf({ bindings }, ordinaryUser)]).toEqual([
    [keyOf(online('ONTASKADD', A, 7)), at(3)],
    [keyOf(offline('ONTASKADD', 'erp')), at(5)],
  ]);
});

it('knows nothing of what the manifest does not ask for', () => {
  expect(placesOf({ bindings }, administrator).get(keyOf(online('ONTASKADD', B)))).toBeUndefined();
});
