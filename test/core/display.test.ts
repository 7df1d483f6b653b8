/** Texts from outside, fit to be shown: nothing in them ends a line, steers a terminal, turns the writing round or is hidden. */
import { describe, expect, it } from 'vitest';
import { printable } from '../../src/core/display.ts';
import { sources } from '../house/sources.ts';

describe('a text from outside', () => {
  it.each([
    ['a line feed', '\n'],
    ['a carriage return', '\r'],
    ['a tab', '\t'],
    ['NUL', '\0'],
    ['ESC', '\u001b'],
    ['DEL', '\u007f'],
    ['the C1 form of ESC [', '\u009b'],
    ['next line', '\u0085'],
    ['a line separator', '\u2028'],
    ['a paragraph separator', '\u2029'],
    ['a right-to-left override', '\u202e'],
    ['an isolate', '\u2066'],
    ['the end of an isolate', '\u2069'],
    ['a mark of direction', '\u200f'],
    ['the Arabic one', '\u061c'],
    ['a zero-width space', '\u200b'],
    ['a zero-width joiner', '\u200d'],
    ['a word joiner', '\u2060'],
    ['a byte order mark', '\ufeff'],
    ['a soft hyphen', '\u00ad'],
    ['a tag', '\u{e0041}'],
    ['the first half of a pair', '\ud83d'],
    ['the second half of a pair', '\ude00'],
    ['a blank letter', '\u3164'],
  ])('loses %s, and shows that something was there', (_, sign) => {
    expect(printable(`a${sign}b`)).toBe('a\ufffdb');
  });

  it('keeps what can be read', () => {
    const text = 'Сделка «№ 7» — 交易 😀 é e\u0301 ?\'"<>&|`';
    expect(printable(text)).toBe(text);
  });
});

/** Look for such characters in what somebody wrote, and show it by that function. */
const judges = [
  'src/manifest/plain-values.ts',
  'src/manifest/portal-pin.ts',
  'src/manifest/rules/handler-rules.ts',
  'src/portal/binding-rows.ts',
];

it('one function knows which characters those are', () => {
  const pattern = /\\p\{C|\\u00(?:1f|7f|80|9f)|\\u20(?:2[89ae]|6[69])|\\x(?:00|1b|1f|7f)/i;
  const found = sources().filter(({ path, code }) => pattern.test(code) && !path.startsWith('src/emulator/'));
  expect(found.map(({ path }) => path)).toEqual(['src/core/display.ts', ...judges]);
});
