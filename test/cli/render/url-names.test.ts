/** Two handlers that differ never look alike, however little of them is shown. */
import fc from 'fast-check';
import widthOf from 'fast-string-width';
import { expect, it } from 'vitest';
import { online } from '../../support/build.ts';
import { shortNames } from '../../../src/cli/render/url-names.ts';

const namesOf = (urls: readonly string[]) => shortNames(urls.map((url) => online('ONTASKADD', url)));

it('what differs only in what is masked is numbered in order of appearance', () => {
  const names = namesOf(['https://a.b/x?key=2', 'https://a.b/x?key=1', 'https://a.b/y', 'https://a.b/x?key=2']);
  expect(names.of('https://a.b/x?key=2', 80)).toBe('https://a.b/x?… (1)');
  expect(names.of('https://a.b/x?key=1', 80)).toBe('https://a.b/x?… (2)');
  expect(names.of('https://a.b/y', 80)).toBe('https://a.b/y');
});

it('a long one loses its middle, and what would look alike then is numbered too', () => {
  const url = (middle: string) => `https://app.example.com/${middle}/${'z'.repeat(40)}`;
  const names = namesOf([url('aaa'), url('bbb')]);
  expect(names.of(url('aaa'), 40)).toBe('https://app.exampl…zzzzzzzzzzzzzzzzz (1)');
  expect(names.of(url('bbb'), 40)).toBe('https://app.exampl…zzzzzzzzzzzzzzzzz (2)');
  expect(namesOf([url('aaa')]).of(url('aaa'), 40)).toBe('https://app.example.…zzzzzzzzzzzzzzzzzzz');
});

it('a name that nobody announced is masked and shortened all the same', () => {
  expect(namesOf([]).of('https://u:pw@a.b/x?key=1', 80)).toBe('https://…@a.b/x?…');
});

const part = fc.stringMatching(/^[a-z./]{0,30}$/);
const url = fc.tuple(part, part, part).map(([a, b, c]) => `https://${a}x/${b}?${c}`);

it('different URLs have different names, and each fits', () => {
  fc.assert(
    fc.property(fc.uniqueArray(url, { maxLength: 30 }), fc.integer({ min: 30, max: 100 }), (urls, columns) => {
      const names = urls.map((each) => namesOf(urls).of(each, columns));
      expect(new Set(names).size).toBe(urls.length);
      expect(names.filter((name) => widthOf(name) > columns)).toEqual([]);
    }),
  );
});
