/** Form and query strings as PHP reads (`parse_str`) and writes (`http_build_query`) them. */
import { PhpArray } from './php-values.ts';
import type { PhpValue } from './php-values.ts';

/** PHP's `max_input_nesting_level`: a deeper name is dropped. */
const nestingLimit = 64;

/** `urldecode()`: `+` is a space, a malformed percent sign stays as it is. */
export function urlDecode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return decodeBytes(spaced);
  }
}

function decodeBytes(text: string): string {
  const source = Buffer.from(text);
  const target = Buffer.alloc(source.length);
  let length = 0;
  for (let at = 0; at < source.length; at += 1) {
    const byte = source[at] ?? 0;
    const pair = byte === 0x25 ? source.toString('latin1', at + 1, at + 3) : '';
    if (/^[0-9a-fA-F]{2}$/.test(pair)) {
      target[length] = Number.parseInt(pair, 16);
      at += 2;
    } else target[length] = byte;
    length += 1;
  }
  return target.toString('utf8', 0, length);
}

/** `parse_str()`, optionally onto an array that already holds variables. */
export function parseStr(text: string, into: PhpArray = new PhpArray()): PhpArray {
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = urlDecode(equals === -1 ? pair : pair.slice(0, equals));
    registerVariable(into, name, equals === -1 ? '' : urlDecode(pair.slice(equals + 1)));
  }
  return into;
}

/** Puts one form field under its name, brackets nesting as PHP nests them. */
export function registerVariable(into: PhpArray, rawName: string, value: string): void {
  const nul = rawName.indexOf('\0');
  const name = (nul === -1 ? rawName : rawName.slice(0, nul)).replace(/^ +/, '');
  const bracket = name.indexOf('[');
  if (bracket === -1) {
    if (name !== '') into.set(plainName(name), value);
    return;
  }
  if (bracket === 0) return;
  const firstClose = closing(name, bracket);
  if (firstClose === -1) {
    into.set(`${plainName(name.slice(0, bracket))}_${name.slice(bracket + 1).replaceAll(/[ .[]/g, '_')}`, value);
    return;
  }
  let map = into;
  let index: string | undefined = plainName(name.slice(0, bracket));
  let open = bracket;
  for (let level = 1; name[open] === '['; level += 1) {
    if (level > nestingLimit) return;
    const close = closing(name, open);
    if (close === -1) break;
    map = descend(map, index);
    const inner = name.slice(open + 1, close);
    index = inner === '' || /^[ \t\n\r\v\f]$/.test(inner) ? undefined : inner;
    open = close + 1;
  }
  if (index === undefined) map.push(value);
  else map.set(index, value);
}

function plainName(name: string): string {
  return name.replaceAll(/[ .]/g, '_');
}

function closing(name: string, open: number): number {
  return name.indexOf(']', open + 1);
}

function descend(map: PhpArray, index: string | undefined): PhpArray {
  const found = index === undefined ? undefined : map.get(index);
  if (found instanceof PhpArray) return found;
  const child = new PhpArray();
  if (index === undefined) map.push(child);
  else map.set(index, child);
  return child;
}

/** `http_build_query()`: nulls and empty arrays vanish, booleans become 1 and 0, spaces become `+`. */
export function buildQuery(map: PhpArray): string {
  const parts: string[] = [];
  for (const [key, value] of map) appendPart(parts, urlEncode(key), value);
  return parts.join('&');
}

function appendPart(parts: string[], name: string, value: PhpValue): void {
  if (value === null) return;
  if (value instanceof PhpArray) {
    for (const [key, item] of value) appendPart(parts, `${name}%5B${urlEncode(key)}%5D`, item);
    return;
  }
  if (typeof value === 'boolean') parts.push(`${name}=${value ? '1' : '0'}`);
  else parts.push(`${name}=${urlEncode(typeof value === 'object' ? String(value.value) : String(value))}`);
}

function urlEncode(text: string): string {
  // Through a buffer: half a surrogate pair would make encodeURIComponent throw.
  return encodeURIComponent(Buffer.from(text).toString())
    .replaceAll(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
