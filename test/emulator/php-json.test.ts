/** JSON as PHP writes and reads it. */
import { describe, expect, test } from 'vitest';
import { decodeJson, encodeJson } from '../../src/emulator/php-json.ts';
import { PhpArray, PhpFloat, intval, toPlain, truthy } from '../../src/emulator/php-values.ts';
import { parseUrl } from '../../src/emulator/php-url.ts';

function entries(...keys: string[]): Map<string, number> {
  return new Map(keys.map((key) => [key, 1]));
}

describe('json_encode', () => {
  test('every empty array is a list', () => {
    expect(encodeJson({ a: {}, b: [], c: new Map() })).toBe('{"a":[],"b":[],"c":[]}');
  });

  test('slashes and letters beyond ASCII are escaped', () => {
    expect(encodeJson({ 'ключ/': 'é/😀"' })).toBe('{"\\u043a\\u043b\\u044e\\u0447\\/":"\\u00e9\\/\\ud83d\\ude00\\""}');
  });

  test('a map with the keys 0, 1, 2 in this order is a list, any other is an object', () => {
    expect(encodeJson([entries('0', '1'), entries('0', '2'), entries('1', '0'), entries('a')])).toBe(
      '[[1,1],{"0":1,"2":1},{"1":1,"0":1},{"a":1}]',
    );
  });
});

describe('json_decode', () => {
  test('keeps the order of digit keys and own __proto__ keys', () => {
    const decoded = decodeJson('{"10":1,"2":{"__proto__":[]},"a":null}');
    expect(decoded instanceof PhpArray ? [...decoded.keys()] : []).toEqual(['10', '2', 'a']);
    expect(JSON.stringify(toPlain(decoded ?? null))).toBe('{"2":{"__proto__":[]},"10":1,"a":null}');
  });

  test('tells a float from an integer', () => {
    const decoded = decodeJson('[15, 15.0, 1e2]');
    expect(decoded instanceof PhpArray ? [...decoded.values()] : []).toEqual([15, new PhpFloat(15), new PhpFloat(100)]);
  });

  test.each(['', '{', '{"a":}', '[1,]', "{'a':1}", '{"a":1} x', 'nul', '"\n"', '01', '{"a" 1}', '['.repeat(600)])(
    'refuses %j',
    (text) => {
      expect(decodeJson(text)).toBeUndefined();
    },
  );

  test('reads escapes', () => {
    expect(decodeJson('"a\\"\\\\\\u00e9\\n"')).toBe('a"\\é\n');
  });
});

test('intval reads as much of a number as there is', () => {
  const values = ['15abc', 'abc', '', ' 7', '-3', '1e2', '1.9', true, null, 2.5, new PhpArray(), new PhpFloat(3.7)];
  expect(values.map((value) => intval(value))).toEqual([15, 0, 0, 7, -3, 100, 1, 1, 0, 2, 0, 3]);
});

test('only empty strings, "0", zero, null, false and empty arrays are falsy', () => {
  const values = ['', '0', 0, null, false, new PhpArray(), undefined, 'false', 'N', '0.0', ' ', 1];
  expect(values.map((value) => truthy(value))).toEqual([
    ...Array<boolean>(7).fill(false),
    ...Array<boolean>(5).fill(true),
  ]);
});

test.each([
  ['https://a.b:8443/x?y=1#z', { scheme: 'https', host: 'a.b', path: '/x', query: 'y=1' }],
  ['HTTPS://u:p@a.b/', { scheme: 'HTTPS', host: 'a.b', path: '/' }],
  ['//a.b/', { host: 'a.b', path: '/' }],
  ['a.b/path', { path: 'a.b/path' }],
  ['a.b:80/path', { host: 'a.b', path: '/path' }],
  ['http://[::1]:80/x', { scheme: 'http', host: '[::1]', path: '/x' }],
  ['mailto:a@b.c', { scheme: 'mailto', path: 'a@b.c' }],
  ['event.bind?a=https://x/#y', { path: 'event.bind', query: 'a=https://x/' }],
  ['/event.get', { path: '/event.get' }],
  ['', {}],
])('parse_url splits %s', (url, parts) => {
  expect(parseUrl(url)).toEqual(parts);
});

test.each(['http:///x', 'http://a.b:99999/', 'http://:80', '//'])('parse_url fails on %s', (url) => {
  expect(parseUrl(url)).toBeUndefined();
});
