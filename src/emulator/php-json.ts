/** JSON as PHP writes it (`[]` for every empty array, lists against maps, `\/` and `\uXXXX`) and reads it (order and floats kept). */
import { PhpArray, PhpFloat } from './php-values.ts';
import type { PhpValue } from './php-values.ts';

/** `json_encode()` of PHP values or ordinary data; objects are PHP arrays, so `{}` comes out as `[]`. */
export function encodeJson(value: unknown): string {
  // Outside strings JSON has neither a slash nor a letter beyond ASCII, so one pass over the whole text escapes them all.
  return write(value).replaceAll(/[/\u0080-\uffff]/g, (sign) =>
    sign === '/' ? '\\/' : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function write(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '0';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value === null || value === undefined) return 'null';
  if (value instanceof PhpFloat) return String(value.value);
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (value instanceof Map) return writeEntries([...value], isList([...value.keys()]));
  if (typeof value !== 'object') return 'null';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return writeEntries(entries, isList(entries.map(([key]) => key)));
}

function isList(keys: readonly unknown[]): boolean {
  return keys.every((key, index) => key === String(index));
}

function writeEntries(entries: readonly (readonly [unknown, unknown])[], asList: boolean): string {
  if (asList) return `[${entries.map(([, item]) => write(item)).join(',')}]`;
  return `{${entries.map(([key, item]) => `${JSON.stringify(String(key))}:${write(item)}`).join(',')}}`;
}

/**
 * `json_decode($text, true)`; undefined for malformed JSON. `JSON.parse` would not do: it loses the order of digit keys, in
 * which a batch runs, and the difference between 15 and 15.0, which `event.unbind` sees.
 */
export function decodeJson(text: string): PhpValue | undefined {
  const reader = new JsonReader(text);
  try {
    return reader.document();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const space = /[ \t\n\r]*/y;
const numberToken = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const depthLimit = 512;

class JsonReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): PhpValue {
    const value = this.#value();
    this.#skip();
    if (this.#at !== this.#text.length) throw new SyntaxError('text after the document');
    return value;
  }

  #skip(): void {
    const code = this.#text.charCodeAt(this.#at);
    if (code > 32) return;
    space.lastIndex = this.#at;
    space.exec(this.#text);
    this.#at = space.lastIndex;
  }

  #value(): PhpValue {
    this.#skip();
    switch (this.#text.charAt(this.#at)) {
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#list());
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #nested(read: () => PhpArray): PhpArray {
    this.#depth += 1;
    if (this.#depth > depthLimit) throw new SyntaxError('too deep');
    const array = read();
    this.#depth -= 1;
    return array;
  }

  #object(): PhpArray {
    const map = new PhpArray();
    this.#at += 1;
    this.#skip();
    if (this.#take('}')) return map;
    do {
      this.#skip();
      if (this.#text[this.#at] !== '"') throw new SyntaxError('a key is missing');
      const key = this.#string();
      this.#skip();
      if (!this.#take(':')) throw new SyntaxError('a colon is missing');
      map.set(key, this.#value());
      this.#skip();
    } while (this.#take(','));
    if (!this.#take('}')) throw new SyntaxError('an object is not closed');
    return map;
  }

  #list(): PhpArray {
    const list = new PhpArray();
    this.#at += 1;
    this.#skip();
    if (this.#take(']')) return list;
    do {
      list.push(this.#value());
      this.#skip();
    } while (this.#take(','));
    if (!this.#take(']')) throw new SyntaxError('a list is not closed');
    return list;
  }

  #take(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #string(): string {
    let end = this.#at + 1;
    for (;;) {
      end = this.#text.indexOf('"', end);
      if (end === -1) throw new SyntaxError('a string is not closed');
      let slashes = 0;
      while (this.#text[end - 1 - slashes] === '\\') slashes += 1;
      if (slashes % 2 === 0) break;
      end += 1;
    }
    const parsed: unknown = JSON.parse(this.#text.slice(this.#at, end + 1));
    this.#at = end + 1;
    return String(parsed);
  }

  #word<T extends PhpValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw new SyntaxError('an unknown word');
    this.#at += word.length;
    return value;
  }

  #number(): PhpValue {
    numberToken.lastIndex = this.#at;
    const match = numberToken.exec(this.#text);
    if (match === null) throw new SyntaxError('an unexpected sign');
    this.#at = numberToken.lastIndex;
    const value = Number(match[0]);
    const isInteger = match[1] === undefined && match[2] === undefined && Number.isSafeInteger(value);
    return isInteger ? value : new PhpFloat(value);
  }
}
