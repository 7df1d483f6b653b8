/** The verdict on a binding the manifest asks for (the upper half of the planner's table). */
import type { Binding } from './binding.ts';
import type { Digest } from './fingerprint.ts';
import { hashOptions, type LedgerView } from './ledger.ts';
import { obstacleToBinding } from './obstacle.ts';
import { type Blocked, type Cause, type Change, type Kept, reasons } from './plan.ts';
import type { Reading } from './reading.ts';

export type Judgement =
  | { readonly kind: 'change'; readonly change: Omit<Change, 'id' | 'dependsOn'> }
  | { readonly kind: 'blocked'; readonly blocked: Omit<Blocked, 'id'> }
  | { readonly kind: 'kept'; readonly kept: Kept };

interface DesiredCase {
  readonly binding: Binding;
  /** How many live rows look like it. */
  readonly rows: number;
  readonly isRebindAsked: boolean;
  readonly reading: Reading;
  readonly ledgers: LedgerView;
  readonly digest: Digest;
}

/** One judgement for the binding, and one more for each further row that looks like it. */
export function judgeDesired(desired: DesiredCase): readonly Judgement[] {
  const { binding, rows, reading } = desired;
  const obstacle = obstacleToBinding(binding, reading);
  if (rows === 0) {
    if (obstacle === undefined) return [change('bind', binding, 'missing')];
    return [blocked('bind', binding, obstacle.reason, obstacle.isInvisible ? 'unknown' : 'missing')];
  }
  const duplicates = Array.from({ length: rows - 1 }, () =>
    keep(binding, 'duplicate', 'looks the same as another live row: it has a hidden online connector'),
  );
  const cause = causeOfRebind(desired);
  if (cause === undefined) return [keepDesired(desired), ...duplicates];
  const reason = reasons[cause];
  if (duplicates.length > 0) {
    const why = `${reason}, but unbinding it would remove ${rows} rows that look the same, some with a hidden connector`;
    return [blocked('rebind', binding, why, 'live'), ...duplicates];
  }
  if (obstacle !== undefined) {
    return [blocked('rebind', binding, `${reason}, but it could not be bound again: ${obstacle.reason}`, 'live')];
  }
  return [change('rebind', binding, cause)];
}

/** No options in the manifest means "whatever they are": an import cannot know them, and must change nothing. */
function causeOfRebind({ binding, isRebindAsked, reading, ledgers, digest }: DesiredCase): Cause | undefined {
  if (isRebindAsked) return 'asked';
  // Who cannot write the ledger would find the same difference again, and make the same gap, at every apply.
  if (!reading.portal.isAdmin) return undefined;
  const wanted = hashOptions(binding, digest);
  const recorded = ledgers.recorded(binding);
  if (wanted === 'none' || recorded === undefined || recorded === 'unverified' || recorded === wanted) return undefined;
  return 'options-differ';
}

function keepDesired({ binding, reading, ledgers, digest }: DesiredCase): Judgement {
  const wanted = hashOptions(binding, digest);
  if (wanted === 'none' || wanted === ledgers.recorded(binding)) return keep(binding, 'in-sync', 'bound as wanted');
  const reason = reading.portal.isAdmin
    ? 'bound, but the portal does not tell with which options and nothing is recorded'
    : 'bound, but the portal does not tell with which options and only an administrator can record them';
  return keep(binding, 'unverified', reason);
}

function change(action: Change['action'], binding: Binding, cause: Cause): Judgement {
  return { kind: 'change', change: { action, binding, cause, reason: reasons[cause] } };
}

function blocked(action: Blocked['action'], binding: Binding, reason: string, state: Blocked['state']): Judgement {
  return { kind: 'blocked', blocked: { action, binding, reason, state } };
}

function keep(binding: Binding, verdict: Kept['verdict'], reason: string): Judgement {
  return { kind: 'kept', kept: { binding, verdict, reason } };
}
