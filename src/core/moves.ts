/** Which unbinds and binds are one handler that moved, so that people read it once. Pure, and for showing only: a plan carries them out one by one. */
import { type Binding, compareBindings, keyOf, optionsText } from './binding.ts';
import type { Change } from './plan.ts';

/** Bindings that leave one target for another, each with its event. A target is all of a binding but its event. */
export interface MoveGroup {
  readonly from: Binding;
  readonly to: Binding;
  /** By event. One bind and one unbind of the same event each. */
  readonly moves: readonly Move[];
}

interface Move {
  readonly bind: Change;
  readonly unbind: Change;
}

export interface GroupedChanges {
  /** The largest first. */
  readonly moves: readonly MoveGroup[];
  /** What is no part of a move, in the order of the plan. */
  readonly others: readonly Change[];
}

/** Whose pairs of one event would be more than this are not looked at: nobody could tell what moved where. */
const mostPairs = 400;

/**
 * Pairs each unbind with the bind that takes its place, if there is one: of the same event, waited for by the unbind, and from and
 * to where most others of the plan go; of several handlers that move together, each to the one that is most like it. Where that
 * decides nothing, nothing is said to have moved. An unbind that removes several rows stays by itself.
 */
export function groupMoves(changes: readonly Change[]): GroupedChanges {
  const candidates = byTargets(pairsOf(changes));
  const used = new Set<Change>();
  const undecided = new Set<Change>();
  const groups: MoveGroup[] = [];
  for (const [index, candidate] of candidates.entries()) {
    const moves = candidate.moves.filter(
      ({ bind, unbind }) => !used.has(bind) && !used.has(unbind) && !undecided.has(unbind),
    );
    const [first] = moves;
    if (first === undefined) continue;
    if (hasRival(first, candidate, candidates, index)) {
      for (const { unbind } of moves) undecided.add(unbind);
    } else {
      for (const { bind, unbind } of moves) used.add(bind).add(unbind);
      groups.push({ from: first.unbind.binding, to: first.bind.binding, moves });
    }
  }
  return {
    moves: groups.sort((a, b) => b.moves.length - a.moves.length || compareBindings(a.from, b.from)),
    others: changes.filter((change) => !used.has(change)),
  };
}

interface Candidate {
  readonly moves: readonly Move[];
  readonly likeness: number;
}

/** Whether the same unbind could as well have moved elsewhere. Candidates that are equally good follow each other. */
function hasRival({ unbind }: Move, { moves, likeness }: Candidate, all: readonly Candidate[], index: number): boolean {
  for (let next = index + 1; ; next += 1) {
    const other = all[next];
    if (other?.moves.length !== moves.length || other.likeness !== likeness) return false;
    if (other.moves.some((move) => move.unbind === unbind)) return true;
  }
}

function pairsOf(changes: readonly Change[]): readonly Move[] {
  const byId = new Map(changes.map((change) => [change.id, change]));
  const waiting = new Map<string, number>();
  for (const { binding, dependsOn } of changes) {
    waiting.set(binding.event, (waiting.get(binding.event) ?? 0) + dependsOn.length);
  }
  return changes.flatMap((unbind) => {
    const isPlain = unbind.action === 'unbind' && unbind.rows === undefined;
    if (!isPlain || (waiting.get(unbind.binding.event) ?? 0) > mostPairs) return [];
    const binds = unbind.dependsOn.flatMap((id) => byId.get(id) ?? []);
    return binds.flatMap((bind) => (bind.binding.event === unbind.binding.event ? [{ bind, unbind }] : []));
  });
}

/** Those with the most events first, then those whose targets look most alike. */
function byTargets(pairs: readonly Move[]): readonly Candidate[] {
  const groups = new Map<string, Move[]>();
  // Each change is in many pairs.
  const numbers = new Map<string, number>();
  const targets = new Map<Change, number>();
  const targetNumber = (change: Change): number => {
    const known = targets.get(change);
    if (known !== undefined) return known;
    const target = targetOf(change.binding);
    const number = numbers.get(target) ?? numbers.size;
    numbers.set(target, number);
    targets.set(change, number);
    return number;
  };
  for (const pair of pairs) {
    const { bind, unbind } = pair;
    const key = `${targetNumber(unbind)} ${targetNumber(bind)} ${unbind.cause}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pair]);
    else group.push(pair);
  }
  return [...groups.values()]
    .map((moves) => ({ moves, likeness: likenessOf(moves) }))
    .sort((a, b) => b.moves.length - a.moves.length || b.likeness - a.likeness);
}

/** Equal for bindings that differ in their events only. */
export function targetOf(binding: Binding): string {
  return `${keyOf({ ...binding, event: '' })} ${optionsText(binding.options)}`;
}

/** How many characters the two targets share at their beginnings and ends. */
function likenessOf([pair]: readonly Move[]): number {
  if (pair === undefined) return 0;
  const a = targetOf({ ...pair.unbind.binding, options: {} });
  const b = targetOf({ ...pair.bind.binding, options: {} });
  let start = 0;
  while (start < a.length && a.at(start) === b.at(start)) start += 1;
  let end = 0;
  while (end < a.length && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return start + end;
}
