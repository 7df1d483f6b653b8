/** The emulator's form parser against what PHP 8.2 itself made of the same strings. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildQuery, parseStr } from '../../src/emulator/php-form.ts';
import { PhpArray, fromPlain, setOwn } from '../../src/emulator/php-values.ts';
import type { PhpValue } from '../../src/emulator/php-values.ts';

interface Case {
  readonly input: string;
  readonly parsed: unknown;
}

const cases = JSON.parse(
  readFileSync(new URL('../fixtures/php-parse-str.json', import.meta.url), 'utf8'),
) as readonly Case[];

function asObjects(value: PhpValue): unknown {
  if (!(value instanceof PhpArray)) return value;
  const plain: Record<string, unknown> = {};
  for (const [key, item] of value) setOwn(plain, key, asObjects(item));
  return plain;
}

describe('parse_str', () => {
  test('there are enough recorded cases', () => {
    expect(cases.length).toBeGreaterThan(380);
  });

  test.each(cases)('reads $input as PHP does', ({ input, parsed }) => {
    // As JSON: a comparison of objects would not see an own __proto__ key.
    expect(JSON.stringify(asObjects(parseStr(input)))).toBe(JSON.stringify(parsed));
  });

  test('keeps the order in which integer keys came', () => {
    expect([...parseStr('b=1&10=x&2=y').keys()]).toEqual(['b', '10', '2']);
  });

  test('cuts a name at a zero byte and keeps it in a value', () => {
    expect(asObjects(parseStr('a%00b=1%002'))).toEqual({ a: '1\u00002' });
  });

  test('drops a name nested deeper than PHP allows', () => {
    expect(parseStr(`a${'[x]'.repeat(65)}=1&b=2`).get('b')).toBe('2');
  });
});

function query(value: unknown): string {
  const map = fromPlain(value);
  return map instanceof PhpArray ? buildQuery(map) : '';
}

describe('http_build_query', () => {
  test('nests with encoded brackets and writes booleans as 1 and 0', () => {
    expect(query({ a: { b: [1, 'x y'] }, t: true, f: false })).toBe('a%5Bb%5D%5B0%5D=1&a%5Bb%5D%5B1%5D=x+y&t=1&f=0');
  });

  test('leaves out nulls and empty arrays', () => {
    expect(query({ a: null, b: [], c: {}, d: '' })).toBe('d=');
  });

  test('survives half a surrogate pair', () => {
    expect(query({ a: '\ud800' })).toBe('a=%EF%BF%BD');
  });
});
