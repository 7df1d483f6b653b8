/** What a plan, a check or a report says of each binding, one row each; for every format that has tables, annotations or test cases. */
import type { Binding } from '../../core/binding.ts';
import type { CheckResult, DriftKind } from '../../core/drift.ts';
import { groupMoves } from '../../core/moves.ts';
import { type Action, type Blocked, type Change, isDesired, type Kept, type Plan } from '../../core/plan.ts';
import type { ChangeStatus } from '../../core/report.ts';
import type { ResultOf } from '../result.ts';

/**
 * `fine`: as the manifest wants it. `left`: not asked for and not counted against anybody. `wanting`: not as the manifest
 * wants it. `unclear`: nobody can tell.
 */
export type Standing = 'fine' | 'left' | 'wanting' | 'unclear';

export interface Row {
  /** Of the change; undefined for what is kept. */
  readonly id: string | undefined;
  readonly standing: Standing;
  /** What is the matter, in one word: an action, a status, a kind of drift, a verdict. */
  readonly word: string;
  readonly binding: Binding;
  /** Empty where the word says it all. */
  readonly reason: string;
}

/** Rows that are one handler moving, told as one. */
export interface MovedRows {
  readonly standing: Standing;
  readonly word: string;
  readonly from: Binding;
  readonly to: Binding;
  /** What is bound, by event. */
  readonly rows: readonly Row[];
}

export type Entry = Row | MovedRows;

export type PlanLike = ResultOf<'plan'> | ResultOf<'report'> | ResultOf<'check'>;

export function planOf(result: PlanLike): Plan {
  return result.kind === 'check' ? result.check.plan : result.plan;
}

/** What changed or ought to, by the order of the plan, and after it what is kept. */
export function rowsOf(result: PlanLike): readonly Row[] {
  switch (result.kind) {
    case 'plan':
      return [
        ...result.plan.changes.map(
          ({ id, action, binding, reason }): Row => ({ id, standing: 'wanting', word: action, binding, reason }),
        ),
        ...result.plan.blocked.map(blockedRow),
        ...result.plan.kept.map(keptRow),
      ];
    case 'check':
      return checkRows(result.check);
    case 'report':
      return reportRows(result);
  }
}

function blockedRow({ id, action, binding, reason, state }: Blocked): Row {
  const isUnclear = state === 'unknown';
  return { id, standing: isUnclear ? 'unclear' : 'wanting', word: `${action} blocked`, binding, reason };
}

function keptRow(kept: Kept): Row {
  const { binding, verdict, reason } = kept;
  return { id: undefined, standing: isDesired(kept) ? 'fine' : 'left', word: verdict, binding, reason };
}

const kinds: Readonly<Record<Action, DriftKind>> = { bind: 'missing', rebind: 'changed', unbind: 'extra' };

function checkRows({ plan, failOn }: CheckResult): readonly Row[] {
  const standingOf = (kind: DriftKind): Standing => (failOn.includes(kind) ? 'wanting' : 'left');
  return [
    ...plan.changes.map(({ id, action, binding, reason }): Row => {
      const word = kinds[action];
      return { id, standing: standingOf(word), word, binding, reason };
    }),
    ...plan.blocked.map((blocked): Row => {
      if (blocked.state === 'unknown') return { ...blockedRow(blocked), word: 'unknown' };
      const word = kinds[blocked.action];
      return { ...blockedRow(blocked), standing: standingOf(word), word: `${word}, blocked` };
    }),
    ...plan.kept.map(
      (kept): Row =>
        kept.verdict === 'unmanaged' ? { ...keptRow(kept), standing: standingOf('unmanaged') } : keptRow(kept),
    ),
  ];
}

const standings: Readonly<Record<ChangeStatus, Standing>> = {
  done: 'fine',
  already: 'fine',
  failed: 'wanting',
  blocked: 'wanting',
  'not-attempted': 'wanting',
  unknown: 'unclear',
};

function reportRows({ report, plan }: ResultOf<'report'>): readonly Row[] {
  const invisible = new Set(plan.blocked.flatMap(({ id, state }) => (state === 'unknown' ? [id] : [])));
  return [
    ...report.results.map(({ id, action, binding, status, message = '' }): Row => {
      const standing = invisible.has(id) ? 'unclear' : standings[status];
      return { id, standing, word: `${action} ${status}`, binding, reason: message };
    }),
    ...report.kept.map(keptRow),
  ];
}

/** Rows with an id, those that need attention first; of what moved, those pairs are told as one that stand the same. */
export function entriesOf(rows: readonly Row[], changes: readonly Change[]): readonly Entry[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const told = new Set<Row>();
  const moved: MovedRows[] = [];
  for (const { from, to, moves } of groupMoves(changes).moves) {
    const groups = new Map<Standing, Row[]>();
    for (const { bind, unbind } of moves) {
      const [bound, unbound] = [byId.get(bind.id), byId.get(unbind.id)];
      if (bound === undefined || unbound?.standing !== bound.standing) continue;
      groups.set(bound.standing, [...(groups.get(bound.standing) ?? []), bound]);
      told.add(bound).add(unbound);
    }
    for (const [standing, group] of groups)
      moved.push({ standing, word: movedWord(group, standing), from, to, rows: group });
  }
  const others = rows.filter((row) => row.id !== undefined && !told.has(row));
  return [...moved, ...others].sort((a, b) => rankOf(a) - rankOf(b));
}

/** A report tells of the past. */
function movedWord([row]: readonly Row[], standing: Standing): string {
  return standing === 'fine' && row?.word.startsWith('bind ') === true ? 'moved' : 'move';
}

function rankOf(entry: Entry): number {
  if (entry.standing === 'unclear') return 0;
  if (/blocked|failed/.test(entry.word)) return 1;
  return { wanting: 2, left: 3, fine: 4 }[entry.standing];
}

export function isMoved(entry: Entry): entry is MovedRows {
  return 'rows' in entry;
}

/** `27 events`, or the one. */
export function eventsText({ rows }: MovedRows): string {
  const [first] = rows;
  return rows.length === 1 && first !== undefined ? first.binding.event : `${rows.length} events`;
}
