/** Words in lines and columns. */
import { expect, it } from 'vitest';
import { inColumns, wrapped } from '../../../src/cli/render/layout.ts';
import { padded, shortened, widest } from '../../../src/cli/render/widest.ts';

it('a sentence is wrapped at its spaces, with an indent and more of it below', () => {
  expect(wrapped('one two three four five', 12)).toBe('one two\nthree four\nfive');
  expect(wrapped('one two three four five', 14, 2, 2)).toBe('  one two\n    three four\n    five');
});

it('a word that is wider than the line is broken', () => {
  expect(wrapped(`a ${'x'.repeat(25)} b`, 10)).toBe(`a\n${'x'.repeat(10)}\n${'x'.repeat(10)}\nxxxxx b`);
});

it('words stand in as many columns as fit, and a wide one takes two', () => {
  expect(inColumns(['aa', 'bb', 'cc', 'dd'], 14, 2)).toBe('  aa  bb  cc\n  dd');
  const words = ['aa', 'wide-one', 'bb', 'cc', 'dd', 'ee', 'ff', 'gg'];
  expect(inColumns(words, 18, 2)).toBe('  aa  wide-one\n  bb  cc  dd  ee\n  ff  gg');
});

it('characters that take two columns count as two', () => {
  expect(widest(['取引', 'abc'])).toBe(4);
  expect(padded('取引', 6)).toBe('取引  ');
  expect(shortened('取引取引取引', 7)).toBe('取…引');
  expect(shortened('取引', 4)).toBe('取引');
});
