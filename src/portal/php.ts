/** What PHP makes of its arrays in JSON: one array is `[]`, a list or an object, and numbers and booleans may be texts. */

export type Fields = Readonly<Record<string, unknown>>;

/** A JSON object that is no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map in any of its shapes: `{}`, `[]` when empty, a list when its keys count from 0. Undefined when it is none. */
export function phpMap(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (Array.isArray(value)) return new Map(value.map((item: unknown, index) => [String(index), item]));
  return isFields(value) ? new Map(Object.entries(value)) : undefined;
}

/** A text as it is, anything else as JSON; an answer may be nested deeper than can be written. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    if (error instanceof RangeError) return '[…]';
    throw error;
  }
}

/** A list in any of its shapes: `[…]`, or an object keyed by digits when it has holes. Undefined when it is none. */
export function phpList(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (!isFields(value)) return undefined;
  const entries = Object.entries(value);
  return entries.every(([key]) => /^\d+$/.test(key)) ? entries.map(([, item]) => item) : undefined;
}

/** An id or a count, as a number or as its text; null, an empty text and absence are 0. Undefined when it is none. */
export function phpInteger(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return 0;
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/** A flag in any of the spellings portals use. Undefined when it is none of them. */
export function phpFlag(value: unknown): boolean | undefined {
  if (value === true || value === 1 || value === '1' || value === 'Y' || value === 'true') return true;
  if (value === false || value === 0 || value === '0' || value === 'N' || value === 'false') return false;
  return undefined;
}
