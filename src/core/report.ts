/** What an apply did, change by change, and what the last reading of the portal says of it. */
import type { Binding } from './binding.ts';
import type { Action, Kept, Plan, PlanWarning } from './plan.ts';

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

export interface ChangeResult {
  readonly id: string;
  readonly action: Action;
  readonly binding: Binding;
  readonly status: ChangeStatus;
  /** Why, where the status alone does not tell. */
  readonly message?: string;
}

/**
 * `converged`: changed, and now as wanted. `unchanged`: was as wanted. `partial`: changed, not yet as wanted.
 * `failed`: not as wanted, and nothing was changed.
 */
export type ReportVerdict = 'converged' | 'unchanged' | 'partial' | 'failed';

export interface Report {
  readonly verdict: ReportVerdict;
  readonly manifest: Plan['manifest'];
  readonly portal: Plan['portal'];
  readonly visibility: Plan['visibility'];
  readonly results: readonly ChangeResult[];
  readonly kept: readonly Kept[];
  readonly warnings: readonly PlanWarning[];
  /** The bindings of the last reading, by key. */
  readonly live: readonly Binding[];
}

/**
 * @param isAsWanted whether the last reading shows everything the plan wanted
 * @param mayHaveWritten whether anything was changed that the statuses do not tell, such as half a rebind
 */
export function verdictOf(
  results: readonly ChangeResult[],
  isAsWanted: boolean,
  mayHaveWritten: boolean,
): ReportVerdict {
  const hasWritten = mayHaveWritten || results.some(({ status }) => status === 'done' || status === 'unknown');
  const isComplete = isAsWanted && results.every(({ status }) => status === 'done' || status === 'already');
  if (isComplete) return hasWritten ? 'converged' : 'unchanged';
  return hasWritten ? 'partial' : 'failed';
}
