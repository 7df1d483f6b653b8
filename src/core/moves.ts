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
 * to where most others of the plan go. An unbind that removes several rows stays by itself.
 */
export function groupMoves(changes: readonly Change[]): GroupedChanges {
  const pairs = pairsOf(changes);
  const used = new Set<Change>();
  const groups: MoveGroup[] = [];
  for (const candidates of byTargets(pairs)) {
    const moves = candidates.filter(({ bind, unbind }) => !used.has(bind) && !used.has(unbind));
    const [first] = moves;
    if (first === undefined) continue;
    for (const { bind, unbind } of moves) used.add(bind).add(unbind);
    groups.push({ from: first.unbind.binding, to: first.bind.binding, moves });
  }
  return {
    moves: groups.sort((a, b) => b.moves.length - a.moves.length || compareBindings(a.from, b.from)),
    others: changes.filter((change) => !used.has(change)),
  };
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
function byTargets(pairs: readonly Move[]): readonly (readonly Move[])[] {
  const groups = new Map<string, Move[]>();
  for (const pair of pairs) {
    const { bind, unbind } = pair;
    const key = JSON.stringify([targetOf(unbind.binding), targetOf(bind.binding), unbind.cause]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pair]);
    else group.push(pair);
  }
  return [...groups.values()]
    .map((moves) => ({ moves, likeness: likenessOf(moves) }))
    .sort((a, b) => b.moves.length - a.moves.length || b.likeness - a.likeness)
    .map(({ moves }) => moves);
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
  return shared(a, b) + shared(reversed(a), reversed(b));
}

function shared(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}
