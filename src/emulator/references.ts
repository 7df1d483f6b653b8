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

const reference = /\$(result|next|total|time|error)(\S*)/gi;

/** Replaces the references in every key and value. */
export function resolveReferences(params: PhpArray, gathered: Gathered): PhpArray {
  const resolved = new PhpArray();
  for (const [key, value] of params) {
    const name = resolveText(key, gathered);
    resolved.set(
      typeof name === 'string' || typeof name === 'number' ? String(name) : key,
      resolveValue(value, gathered),
    );
  }
  return resolved;
}

function resolveValue(value: PhpValue, gathered: Gathered): PhpValue {
  if (value instanceof PhpArray) return resolveReferences(value, gathered);
  return typeof value === 'string' ? resolveText(value, gathered) : value;
}

function resolveText(text: string, gathered: Gathered): PhpValue {
  if (!text.includes('$')) return text;
  const whole = [...text.matchAll(reference)][0];
  if (whole?.[0] === text) {
    const path = pathOf(whole[2] ?? '');
    return path.length === 0 ? text : fromPlain(walk(whole[1] ?? '', path, gathered));
  }
  return text.replaceAll(reference, (match: string, word: string, rest: string) => {
    const found = walk(word, pathOf(rest), gathered);
    return typeof found === 'string' || typeof found === 'number' ? String(found) : match;
  });
}

function pathOf(rest: string): string[] {
  return Array.from(rest.matchAll(/\[([^\]]+)\]/g), (group) => group[1] ?? '');
}

function walk(word: string, path: readonly string[], gathered: Gathered): unknown {
  let node: unknown = rootOf(word.toLowerCase(), gathered);
  for (const key of path) node = child(node, key);
  return node instanceof PhpFloat ? node.value : (node ?? null);
}

function rootOf(word: string, gathered: Gathered): PhpNode {
  switch (word) {
    case 'next':
      return gathered.next;
    case 'total':
      return gathered.total;
    case 'time':
      return gathered.time;
    case 'error':
      return gathered.error;
    default:
      return gathered.result;
  }
}

function child(node: unknown, key: string): unknown {
  if (node instanceof Map) return node.get(key);
  if (Array.isArray(node)) return /^(?:0|[1-9][0-9]*)$/.test(key) ? node[Number(key)] : undefined;
  if (typeof node !== 'object' || node === null) return undefined;
  return Object.getOwnPropertyDescriptor(node, key)?.value;
}
