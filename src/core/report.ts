/** What an apply did, change by change, and what the last reading of the portal says of it. */
import { type Binding, keyOf } from './binding.ts';
import { type Action, isDesired, type Kept, type Plan, type PlanWarning } from './plan.ts';

/** What came of a change, as the portal showed it afterwards. */
export type ChangeStatus =
  | 'done'
  /** It was true before this apply got to it. */
  | 'already'
  | 'failed'
  /** It cannot be made, or what it depends on is not live. */
  | 'blocked'
  | 'not-attempted'
  /** No readable answer came, and reading the portal again failed too. */
  | 'unknown';

/** What came of one change. */
export interface ChangeResult {
  /** The change's, or that of what is blocked, in the plan. */
  readonly id: string;
  /** As in the plan. */
  readonly action: Action;
  /** As in the plan. */
  readonly binding: Binding;
  /** `done` and `already` are what a reading of the portal showed, never what an answer claimed. */
  readonly status: ChangeStatus;
  /** Why, where the status alone does not tell. */
  readonly message?: string;
}

/**
 * `converged`: changed, and now as wanted. `unchanged`: was as wanted. `partial`: changed, not yet as wanted.
 * `failed`: not as wanted, and nothing was changed.
 */
export type ReportVerdict = 'converged' | 'unchanged' | 'partial' | 'failed';

/** What an apply did, and how the portal stood when it was read for the last time. */
export interface Report {
  /** By the last reading: `converged` and `unchanged` are as wanted. */
  readonly verdict: ReportVerdict;
  /** As in the plan. */
  readonly manifest: Plan['manifest'];
  /** As in the plan. */
  readonly portal: Plan['portal'];
  /** As in the plan. */
  readonly visibility: Plan['visibility'];
  /** One for each change of the plan, in its order, then one for each that is blocked. */
  readonly results: readonly ChangeResult[];
  /** As in the plan. */
  readonly kept: readonly Kept[];
  /** Those of the plan, and one more when the ledger is not known to be written. */
  readonly warnings: readonly PlanWarning[];
  /** The bindings of the last reading, by key. */
  readonly live: readonly Binding[];
}

/** Whether the portal is as the manifest wants it, by the last reading. */
export function isAsWanted({ verdict }: Pick<Report, 'verdict'>): boolean {
  switch (verdict) {
    case 'converged':
    case 'unchanged':
      return true;
    case 'partial':
    case 'failed':
      return false;
  }
}

interface Outcome {
  readonly plan: Plan;
  /** One a change of the plan. */
  readonly results: readonly ChangeResult[];
  /** The last reading. */
  readonly live: readonly Binding[];
  /** Whether anything was changed that the statuses do not tell, such as half a rebind. */
  readonly mayHaveWritten: boolean;
}

export function verdictOf({ plan, results, live, mayHaveWritten }: Outcome): ReportVerdict {
  const hasWritten = mayHaveWritten || results.some(({ status }) => status === 'done' || status === 'unknown');
  const isComplete =
    isFulfilled(plan, live) && results.every(({ status }) => status === 'done' || status === 'already');
  if (isComplete) return hasWritten ? 'converged' : 'unchanged';
  return hasWritten ? 'partial' : 'failed';
}

/** Whether everything desired is live, and nothing that was to go. */
function isFulfilled({ blocked, kept, changes }: Plan, live: readonly Binding[]): boolean {
  const keys = new Set(live.map(keyOf));
  return (
    blocked.length === 0 &&
    kept.every((item) => !isDesired(item) || keys.has(keyOf(item.binding))) &&
    changes.every(({ action, binding }) => keys.has(keyOf(binding)) === (action !== 'unbind'))
  );
}
