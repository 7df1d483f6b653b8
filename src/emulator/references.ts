/** `$result[...]` and its kin inside the parameters of a batch item: replaced by what earlier items gave, with no way to escape it. */
import { PhpArray, PhpFloat, fromPlain } from './php-values.ts';
import type { PhpValue } from './php-values.ts';

/** What the batch has gathered so far, by the word a reference starts with. */
export interface Gathered {
  readonly result: PhpNode;
  readonly error: PhpNode;
  readonly total: PhpNode;
  readonly next: PhpNode;
  readonly time: PhpNode;
}

type PhpNode = ReadonlyMap<string, unknown>;

// PHP's idea of a space: no Unicode.
const reference = /\$(result|next|total|time|error)([^ \t\n\v\f\r]*)/gi;

/** Replaces the references in every value. Keys cannot hold any: `parse_str` leaves no closed bracket in them. */
export function resolveReferences(params: PhpArray, gathered: Gathered): PhpArray {
  const resolved = new PhpArray();
  for (const [key, value] of params) resolved.set(key, resolveValue(value, gathered));
  return resolved;
}

function resolveValue(value: PhpValue, gathered: Gathered): PhpValue {
  if (value instanceof PhpArray) return resolveReferences(value, gathered);
  return typeof value === 'string' ? resolveText(value, gathered) : value;
}

function resolveText(text: string, gathered: Gathered): PhpValue {
  if (!text.includes('$')) return text;
  let resolved = text;
  for (const [match, word = '', rest = ''] of text.matchAll(reference)) {
    const path = pathOf(rest);
    if (path.length === 0) continue;
    const found = walk(rootOf(word, gathered), path);
    if (match === text) return fromPlain(found);
    if (typeof found === 'string' || typeof found === 'number')
      resolved = resolved.replaceAll(match, () => String(found));
  }
  return resolved;
}

function pathOf(rest: string): string[] {
  return Array.from(rest.matchAll(/\[([^\]]+)\]/g), (group) => group[1] ?? '');
}

/** The deepest node on the path: where a key is missing, PHP's loop stops and keeps what it has. */
function walk(root: PhpNode | undefined, path: readonly string[]): unknown {
  let node: unknown = root;
  for (const key of path) {
    const found = child(node, key);
    if (found === undefined || found === null) break;
    node = found;
  }
  return node instanceof PhpFloat ? node.value : (node ?? null);
}

/** The word is matched in any letter case and looked up as it is spelled. */
function rootOf(word: string, gathered: Gathered): PhpNode | undefined {
  const roots: ReadonlyMap<string, PhpNode> = new Map(Object.entries(gathered));
  return roots.get(word);
}

function child(node: unknown, key: string): unknown {
  if (node instanceof Map) return node.get(key);
  const isIndex = /^(?:0|[1-9][0-9]*)$/.test(key);
  // PHP reads a text's letters by their offset.
  if (typeof node === 'string') return isIndex ? node[Number(key)] : undefined;
  if (Array.isArray(node)) return isIndex ? node[Number(key)] : undefined;
  if (typeof node !== 'object' || node === null) return undefined;
  return Object.getOwnPropertyDescriptor(node, key)?.value;
}
