/** Two handlers that differ are told apart, also where what differs is not shown. */
import { expect, it } from 'vitest';
import { urlNames } from '../../src/core/display.ts';
import { A, offline, online } from '../support/build.ts';

it('numbers those that differ only in what is not shown, and no others', () => {
  const bindings = [`${A}?k=1`, `${A}?k=2`, A, `${A}/b?k=1`, `${A}?k=1`].map((url) => online('ONTASKADD', url));
  const name = urlNames([...bindings, offline('ONTASKADD')]);
  expect([`${A}?k=1`, `${A}?k=2`, A, `${A}/b?k=1`].map(name)).toEqual([`${A}?… (1)`, `${A}?… (2)`, A, `${A}/b?…`]);
});

it('tells one that was not among them from those that were', () => {
  const name = urlNames([online('ONTASKADD', `${A}?k=1`), online('ONTASKADD', `${A}?k=2`)]);
  expect(name(`${A}?k=3`)).toBe(`${A}?… (?)`);
});
