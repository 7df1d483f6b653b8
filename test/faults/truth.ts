/** Holds what an apply did and said against the portal's own log: every sentence is something that must never happen. */
import { type Binding, keyOf } from '../../src/core/binding.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { ChangeResult } from '../../src/core/report.ts';
import type { Row, RowChange } from '../../src/emulator/index.ts';
import { bare } from '../support/arbitraries.ts';
import { nameOf } from '../support/outline.ts';
import type { Told } from './field.ts';

export interface Evidence {
  /** What an undisturbed run would have done. */
  readonly plan: Plan;
  /** Rows before the run, and what has happened to them since. */
  readonly before: readonly Row[];
  readonly history: readonly RowChange[];
  readonly told: Told;
}

/** A row as `event.get` shows it. */
export function bindingOf({ event, handler, userId, connector, offline }: Row): Binding {
  return offline
    ? { eventType: 'offline', event, authConnector: connector }
    : { eventType: 'online', event, handler, authType: userId };
}

const rowKey = (row: Row): string => keyOf(bindingOf(row));

export function after(before: readonly Row[], history: readonly RowChange[]): readonly Row[] {
  const rows = new Map(before.map((row) => [row.id, row]));
  for (const { op, row } of history) {
    if (op === 'add') rows.set(row.id, row);
    else rows.delete(row.id);
  }
  return [...rows.values()];
}

export function lies(evidence: Evidence): readonly string[] {
  return [...losses(evidence), ...falsehoods(evidence)];
}

/** Rows that went although they had to stay, or came although nobody asked for them. */
export function* losses({ plan, before, history }: Omit<Evidence, 'told'>): Iterable<string> {
  const changeOf = new Map(plan.changes.map((change) => [keyOf(change.binding), change]));
  const keyOfId = new Map(plan.changes.map(({ id, binding }) => [id, keyOf(binding)]));
  const live = new Map<string, number>();
  for (const row of before) live.set(rowKey(row), (live.get(rowKey(row)) ?? 0) + 1);
  for (const { op, row } of history) {
    const key = rowKey(row);
    const change = changeOf.get(key);
    live.set(key, (live.get(key) ?? 0) + (op === 'add' ? 1 : -1));
    if (change === undefined) yield `${op} of ${nameOf(bindingOf(row))}, which the plan does not speak of`;
    else if (op === 'add' && change.action === 'unbind') yield `${nameOf(change.binding)} was bound, not unbound`;
    else if (op === 'remove' && change.action === 'bind') yield `${nameOf(change.binding)} was unbound, not bound`;
    else if (op === 'remove' && change.action === 'unbind') {
      const missing = change.dependsOn.filter((id) => (live.get(keyOfId.get(id) ?? '') ?? 0) === 0);
      if (missing.length > 0) yield `${nameOf(change.binding)} went before ${missing.join(', ')} was live`;
    }
  }
}

/** Sentences of the report that the portal does not bear out. */
export function* falsehoods({ plan: ideal, before, history, told }: Evidence): Iterable<string> {
  // Judged by the plan it showed: a reading without the ledger plans less, and says so.
  const plan = told.plan ?? ideal;
  const rows = after(before, history);
  const live = new Map(rows.map((row) => [rowKey(row), row]));
  const isWanted = plan.changes.every(({ action, binding }) => live.has(keyOf(binding)) === (action !== 'unbind'));
  const hasChanged = history.length > 0;
  const isInterrupted = told.exit === 130;
  if (told.hasThrown || told.report === undefined) {
    if (hasChanged) yield 'it threw an error although it had changed the portal';
    if (told.exit !== 1 && !isInterrupted) yield `it threw and exited with ${told.exit}`;
    return;
  }
  const { results, verdict } = told.report;
  for (const result of results) yield* falseResult(result, live.get(keyOf(result.binding)));
  const isVague = results.some(({ status }) => status === 'unknown');
  const isBlocked = results.some(({ status }) => status === 'blocked');
  const isComplete = verdict === 'converged' || verdict === 'unchanged';
  if (isComplete && !isWanted) yield `${verdict}, and the portal is not as wanted`;
  if (verdict === 'unchanged' && hasChanged) yield 'unchanged, and something was changed';
  if (verdict === 'converged' && !hasChanged) yield 'converged, and nothing was changed';
  if (verdict === 'failed' && hasChanged) yield 'failed, and something was changed';
  if (verdict === 'partial' && !hasChanged && !isVague && !hasUncertainRebind(results)) {
    yield 'partial, and nothing was changed';
  }
  if (verdict === 'partial' && isWanted && !isVague && !isBlocked && !hasUncertainRebind(results)) {
    yield 'partial, and the portal is as wanted';
  }
  const expected = isInterrupted ? 130 : { converged: 0, unchanged: 0, partial: 3, failed: 1 }[verdict];
  if (told.exit !== expected) yield `${verdict}, and the exit code is ${told.exit}`;
  const seen = new Set(told.report.live.map(keyOf));
  const isSeen = (row: Row): boolean =>
    plan.visibility === 'all' || (!row.offline && row.userId === plan.portal.userId);
  const differs = rows.filter(isSeen).some((row) => !seen.has(rowKey(row))) || [...seen].some((key) => !live.has(key));
  if (isComplete && differs) yield 'the report lists other bindings than the portal has';
}

/** A rebind whose answer is lost cannot be told from the row that was there before: it may have happened, and is not called done. */
function hasUncertainRebind(results: readonly ChangeResult[]): boolean {
  return results.some(
    ({ action, status }) => action === 'rebind' && (status === 'failed' || status === 'not-attempted'),
  );
}

function* falseResult({ id, action, status, binding, message }: ChangeResult, row: Row | undefined): Iterable<string> {
  const say = (what: string): string =>
    `${id} ${nameOf(bare(binding))} is ${status}${message === undefined ? '' : ` (${message})`}, and ${what}`;
  switch (status) {
    case 'done':
    case 'already':
      if ((row === undefined) !== (action === 'unbind')) yield say(row === undefined ? 'is not live' : 'is live');
      else if (status === 'done' && row !== undefined && binding.options !== undefined) {
        const wanted = JSON.stringify(binding.options);
        if (JSON.stringify(row.options) !== wanted) yield say(`has the options ${JSON.stringify(row.options)}`);
      }
      break;
    case 'failed':
    case 'not-attempted':
      if (action === 'bind' && row !== undefined) yield say('is live');
      if (action === 'unbind' && row === undefined) yield say('is not live');
      break;
    case 'blocked':
      if (action === 'unbind' && row === undefined) yield say('is not live');
      break;
    case 'unknown':
      break;
  }
}
