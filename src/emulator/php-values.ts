/** The values PHP code sees: ordered arrays, integers apart from floats, and PHP's own conversions between them. */

/** A float as PHP knows it; integers are plain numbers. JSON `15.0` is one of these and is not identical to 15. */
export class PhpFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type PhpValue = null | boolean | number | string | PhpFloat | PhpArray;

const integerKey = /^(?:0|-?[1-9][0-9]{0,17})$/;

/** A PHP array: insertion order, integer keys held in their decimal spelling. A class because it carries its next free index. */
export class PhpArray extends Map<string, PhpValue> {
  #next = 0;

  override set(key: string, value: PhpValue): this {
    if (integerKey.test(key)) {
      const index = Number(key);
      if (index >= this.#next) this.#next = index + 1;
    }
    return super.set(key, value);
  }

  push(value: PhpValue): void {
    this.set(String(this.#next), value);
  }

  isList(): boolean {
    let index = 0;
    for (const key of this.keys()) {
      if (key !== String(index)) return false;
      index += 1;
    }
    return true;
  }
}

/** `intval()`. */
export function intval(value: PhpValue | undefined): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'string') return intOfString(value);
  if (value instanceof PhpFloat) return Number.isFinite(value.value) ? Math.trunc(value.value) : 0;
  return value.size > 0 ? 1 : 0;
}

function intOfString(text: string): number {
  const match = /^[ \t\n\r\v\f]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)/.exec(text);
  if (match === null) return 0;
  const number = Math.trunc(Number(match[1]));
  return Number.isFinite(number) ? number : 0;
}

/** Truthiness: `""`, `"0"`, 0, null, false and empty arrays are false; `"false"` and `"N"` are true. */
export function truthy(value: PhpValue | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string') return value !== '' && value !== '0';
  if (value instanceof PhpFloat) return value.value !== 0;
  return value.size > 0;
}

/** `(string)` of a scalar; undefined for an array, where PHP raises a TypeError or writes "Array". */
export function stringOf(value: PhpValue | undefined): string | undefined {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? '1' : '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (value instanceof PhpFloat) return String(value.value);
  return undefined;
}

/** Names of a parameter map in lower case; of two spellings the later one wins. */
export function foldNames(map: PhpArray): PhpArray {
  const folded = new PhpArray();
  for (const [name, value] of map) {
    const lower = name.toLowerCase();
    folded.delete(lower);
    folded.set(lower, value);
  }
  return folded;
}

/** Ordinary JavaScript data: lists become arrays, other arrays objects (own `__proto__` keys included). */
export function toPlain(value: PhpValue): unknown {
  if (value instanceof PhpFloat) return value.value;
  if (!(value instanceof PhpArray)) return value;
  if (value.isList()) return Array.from(value.values(), toPlain);
  return toPlainMap(value);
}

/** As toPlain, but always an object: for what is a map by its meaning. */
export function toPlainMap(map: PhpArray): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [key, item] of map) setOwn(plain, key, toPlain(item));
  return plain;
}

/** Sets an own property, whatever its name. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/** The PHP value of ordinary JavaScript data, as `json_decode` of its JSON would give it. */
export function fromPlain(value: unknown): PhpValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? value : new PhpFloat(value);
  if (value instanceof PhpArray || value instanceof PhpFloat) return value;
  const array = new PhpArray();
  if (Array.isArray(value)) for (const item of value) array.push(fromPlain(item));
  else if (value instanceof Map) for (const [key, item] of value) array.set(String(key), fromPlain(item));
  else if (typeof value === 'object') for (const [key, item] of Object.entries(value)) array.set(key, fromPlain(item));
  return array;
}
