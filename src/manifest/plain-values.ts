/** Turns YAML nodes into plain data: null-prototype maps, arrays, texts, numbers, booleans and nulls. */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import { type AliasTargets, keyText, startOf } from './yaml-nodes.ts';

/** More values than this through aliases is an attack: a file of 1 MiB has fewer values in all. */
const maxAliasedValues = 100_000;

/** A manifest needs five levels. Everything that walks the values later relies on there being no more than these. */
const maxDepth = 100;

export type PlainMap = Readonly<Record<string, unknown>>;

/** A problem with the structure, at an offset of the text. */
export interface StructureProblem {
  readonly code: 'alias-bomb' | 'duplicate-key' | 'yaml-syntax';
  readonly message: string;
  readonly offset: number;
  /** Where the earlier of two equal keys stands. */
  readonly earlier?: number;
}

export class AliasBomb extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export class TooDeep extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super();
    this.offset = offset;
  }
}

/** Without a prototype, so that a key such as `constructor` is there only if it was written. */
export function emptyMap(): Record<string, unknown> {
  return { __proto__: null };
}

export function isPlainMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws AliasBomb, TooDeep. */
export function plainValueOf(
  root: unknown,
  targets: AliasTargets,
  report: (problem: StructureProblem) => void,
): unknown {
  const openAliases = new Map<unknown, number>();
  let aliasedValues = 0;
  let depth = 0;

  const valueOf = (node: unknown): unknown => {
    depth += 1;
    if (depth > maxDepth) throw new TooDeep(startOf(node) ?? 0);
    const value = valueAt(node);
    depth -= 1;
    return value;
  };
  const valueAt = (node: unknown): unknown => {
    if (openAliases.size > 0 && ++aliasedValues > maxAliasedValues) {
      throw new AliasBomb(`aliases make more than ${maxAliasedValues} values`, [...openAliases.values()][0] ?? 0);
    }
    if (isAlias(node)) {
      const target = targets.get(node);
      const offset = startOf(node) ?? 0;
      if (target === undefined) {
        report({ code: 'yaml-syntax', message: `alias '*${node.source}' has no anchor before it`, offset });
        return null;
      }
      if (openAliases.has(target)) throw new AliasBomb(`alias '*${node.source}' contains itself`, offset);
      openAliases.set(target, offset);
      const value = valueOf(target);
      openAliases.delete(target);
      return value;
    }
    if (isSeq(node)) return node.items.map(valueOf);
    if (isMap(node)) {
      const map = emptyMap();
      const offsets = new Map<string, number>();
      for (const { key, value } of node.items) {
        const name = keyText(key);
        const offset = startOf(key) ?? startOf(node) ?? 0;
        const earlier = offsets.get(name);
        if (earlier !== undefined) {
          report({ code: 'duplicate-key', message: `key '${name}' is given twice`, offset, earlier });
        }
        offsets.set(name, offset);
        map[name] = valueOf(value);
      }
      return map;
    }
    if (!isScalar(node)) return null;
    const value = scalarValue(node.value, node.source);
    // JSON and YAML can write it with `\u`; nothing that is sent to a portal can hold it.
    if (typeof value === 'string' && /\p{Cs}/u.test(value)) {
      const message = 'half a character, an unpaired surrogate, is in this text';
      report({ code: 'yaml-syntax', message, offset: startOf(node) ?? 0 });
    }
    return value;
  };
  return valueOf(root);
}

/** What YAML 1.1 makes of a text beyond these types, such as dates, is a text here. */
function scalarValue(value: unknown, source: string | undefined): unknown {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return Number(value);
    default:
      return value === null || value === undefined ? null : (source ?? '');
  }
}
