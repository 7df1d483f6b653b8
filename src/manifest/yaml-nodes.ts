/** Finds the node of a value in a YAML document, through aliases. */
import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, visit } from 'yaml';
import type { Path } from './problem.ts';

/** What each alias stands for; an alias without an anchor before it is absent. */
export type AliasTargets = ReadonlyMap<Alias, Node>;

/** All aliases at once: asking each of them walks the whole document every time. */
export function aliasTargets(document: Document): AliasTargets {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Alias: (_key, alias) => {
      const target = anchors.get(alias.source);
      if (target !== undefined) targets.set(alias, target);
    },
    Value: (_key, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

export function resolved(node: unknown, targets: AliasTargets): unknown {
  let current = node;
  // An alias can only stand for something before it, so this ends.
  while (isAlias(current)) current = targets.get(current);
  return current;
}

/** A key as text; keys are read as texts, whatever they look like. */
export function keyText(key: unknown): string {
  if (!isScalar(key)) return '';
  return typeof key.value === 'string' ? key.value : (key.source ?? '');
}

/** The last pair of that key, which is the one whose value counts. */
export function pairOf(map: unknown, key: string | number | undefined): Pair | undefined {
  return isMap(map) ? map.items.findLast((pair) => keyText(pair.key) === key) : undefined;
}

export function nodeAt(root: unknown, path: Path, targets: AliasTargets): unknown {
  let node = resolved(root, targets);
  for (const step of path) {
    const next = isSeq(node) ? node.items[Number(step)] : pairOf(node, step)?.value;
    node = resolved(next, targets);
  }
  return node;
}

/** Where a node begins in the text; undefined for what has no place, such as the value of `key:` with nothing after it. */
export function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}
