/** Forms as PHP writes them, nested by brackets, read into maps without a prototype and into nothing that was not asked for. */
import { parse, stringify } from 'qs';

/** Without a prototype; values are texts or maps of the same kind. */
export type FormMap = Readonly<Record<string, unknown>>;

/** More fields and levels than the platform sends, and few enough to be read in no time. */
const limits = { parameterLimit: 1000, depth: 8 };

/** Whether a body of this `Content-Type` is a form. */
export function isFormType(contentType = ''): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType.trim());
}

/** Undefined for a text that goes beyond the limits. What is malformed within them is taken as it stands. */
export function parseForm(text: string): FormMap | undefined {
  try {
    return parse(text, {
      ...limits,
      strictDepth: true,
      throwOnLimitExceeded: true,
      plainObjects: true,
      // `a[]` and `a[5000000]` become keys of a map: no list is ever made long by a number in a name.
      parseArrays: false,
      // As PHP has it.
      duplicates: 'last',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What a framework's parser has left, flat or nested, as the text it was made from; undefined for what is no form. */
export function formText(parsed: unknown): string | undefined {
  if (typeof parsed === 'string') return parsed;
  if (parsed instanceof URLSearchParams) return parsed.toString();
  if (parsed instanceof FormData) return formText(Object.fromEntries(parsed));
  if (parsed instanceof Uint8Array) return Buffer.from(parsed).toString('utf8');
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  try {
    return stringify(parsed);
  } catch {
    // Circular, or with getters that throw: no parser of forms made it.
    return undefined;
  }
}

/** A field that is one text and says something; undefined for everything else. */
export function textField(map: FormMap, name: string): string | undefined {
  const value = Object.hasOwn(map, name) ? map[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function mapField(map: FormMap, name: string): FormMap | undefined {
  const value = Object.hasOwn(map, name) ? map[name] : undefined;
  return isFormMap(value) ? value : undefined;
}

function isFormMap(value: unknown): value is FormMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
