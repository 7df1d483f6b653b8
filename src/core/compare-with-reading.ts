/** Holds a plan that was made earlier against what the portal says now. */
import { type Binding, type BindingKey, keyOf } from './binding.ts';
import { bindingText } from './display.ts';
import type { Digest } from './fingerprint.ts';
import type { Objection } from './errors.ts';
import { viewLedgers } from './ledger.ts';
import { isDesired, type Plan } from './plan.ts';
import type { Reading } from './reading.ts';

export interface Comparison {
  /** Changes of rows the plan counts on: it no longer fits. */
  readonly conflicts: readonly Objection[];
  /** Changes of rows the plan does not speak of, in one line each. */
  readonly unrelated: readonly string[];
}

/**
 * | the plan       | counts on          | now otherwise                                        |
 * |----------------|--------------------|------------------------------------------------------|
 * | binds a row    | –                  | it is there: already true                            |
 * | unbinds rows   | as many rows       | none: already true; more or fewer: conflict          |
 * | unbinds rows   | nobody else's      | in the ledger of another manifest: conflict          |
 * | rebinds a row  | one row            | none or more: conflict                               |
 * | keeps a desired row | at least one  | none: conflict                                       |
 * | keeps another row, or does not know it | – | unrelated                                     |
 */
export function compareWithReading(plan: Plan, reading: Reading, digest: Digest): Comparison {
  const ledgers = viewLedgers(plan.manifest.name, reading, digest);
  const then = countRows(plan.live);
  const now = countRows(reading.live);
  const conflicts: Objection[] = [];
  const spokenOf = new Set<BindingKey>();

  for (const { action, binding } of plan.changes) {
    const key = keyOf(binding);
    spokenOf.add(key);
    const rows = now.get(key) ?? 0;
    const reviewed = then.get(key) ?? 0;
    const fits = action === 'bind' || rows === reviewed || (action === 'unbind' && rows === 0);
    const owner = action === 'unbind' && rows > 0 ? ledgers.otherOwner(binding) : undefined;
    if (!fits) conflicts.push(conflict(binding, difference(reviewed, rows), `the plan would ${action} it`));
    else if (owner !== undefined) {
      conflicts.push(conflict(binding, `was taken over by the manifest '${owner}'`, `the plan would ${action} it`));
    }
  }
  for (const kept of plan.kept) {
    const { binding } = kept;
    const key = keyOf(binding);
    if (!isDesired(kept) || now.has(key)) continue;
    spokenOf.add(key);
    conflicts.push(conflict(binding, 'has vanished', 'the plan counts on it'));
  }
  return { conflicts, unrelated: unrelatedChanges(plan, reading, spokenOf, then, now) };
}

function conflict(binding: Binding, what: string, why: string): Objection {
  return {
    code: 'conflict',
    message: `${bindingText(binding)} ${what} since the plan was made, and ${why}`,
    hint: 'Plan again and review the new plan',
  };
}

function difference(reviewed: number, rows: number): string {
  return rows === 0 ? 'has vanished' : reviewed === 0 ? 'has appeared' : `has ${rows} rows instead of ${reviewed}`;
}

function unrelatedChanges(
  plan: Plan,
  reading: Reading,
  spokenOf: ReadonlySet<BindingKey>,
  then: ReadonlyMap<BindingKey, number>,
  now: ReadonlyMap<BindingKey, number>,
): readonly string[] {
  const byKey = new Map([...plan.live, ...reading.live].map((binding) => [keyOf(binding), binding]));
  return [...byKey]
    .filter(([key]) => !spokenOf.has(key) && (then.get(key) ?? 0) !== (now.get(key) ?? 0))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, binding]) => `${bindingText(binding)} ${difference(then.get(key) ?? 0, now.get(key) ?? 0)}`);
}

/** Live rows by key, with how many look the same. */
export function countRows(live: readonly Binding[]): ReadonlyMap<BindingKey, number> {
  const rows = new Map<BindingKey, number>();
  for (const binding of live) {
    const key = keyOf(binding);
    rows.set(key, (rows.get(key) ?? 0) + 1);
  }
  return rows;
}
