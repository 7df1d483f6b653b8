/** The computed value a plan is: what would change, what stays and why, and what it was computed from. */
import type { Binding } from './binding.ts';
import type { Code } from './codes.ts';
import type { PortalIdentity, Visibility } from './reading.ts';

export type Action = 'bind' | 'rebind' | 'unbind';

export interface Change {
  /** Unique in its plan, such as `bind-3`. */
  readonly id: string;
  readonly action: Action;
  readonly binding: Binding;
  /** Why, in one sentence without a full stop. */
  readonly reason: string;
  /** Ids of changes that must be confirmed live before this one may run. */
  readonly dependsOn: readonly string[];
  /** How many live rows an unbind removes, when hidden online connectors make it more than one. */
  readonly rows?: number;
}

export type Verdict =
  | 'in-sync'
  | 'unverified'
  | 'duplicate'
  | 'unmanaged'
  | 'foreign'
  | 'not-pruned'
  | 'ignored'
  | 'protected';

/** A live row that stays. One entry a row, so that rows which look alike are all accounted for. */
export interface Kept {
  readonly binding: Binding;
  readonly verdict: Verdict;
  readonly reason: string;
}

/** A change that is wanted and cannot be made. */
export interface Blocked {
  readonly id: string;
  readonly action: Action;
  readonly binding: Binding;
  readonly reason: string;
  /** Whether the row is known to be live, known to be missing, or outside what the caller can see. */
  readonly state: 'live' | 'missing' | 'unknown';
  /** As in a change. */
  readonly rows?: number;
}

export interface PlanWarning {
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
}

export interface Summary {
  readonly bind: number;
  readonly rebind: number;
  readonly unbind: number;
  readonly keep: number;
  readonly blocked: number;
}

/** Which manifest a plan was made from, and the guard it sets. */
export interface PlannedManifest {
  readonly name: string;
  readonly fingerprint: string;
  readonly environment?: string;
  readonly maxUnbind: number;
}

export interface Plan {
  readonly manifest: PlannedManifest;
  readonly portal: PortalIdentity;
  readonly visibility: Visibility;
  /** Binds, then rebinds, then unbinds, each by key. */
  readonly changes: readonly Change[];
  readonly kept: readonly Kept[];
  readonly blocked: readonly Blocked[];
  readonly warnings: readonly PlanWarning[];
  readonly summary: Summary;
  /** The live set it was made from, by key. */
  readonly live: readonly Binding[];
}

/** True when the portal holds what the manifest asks for, as far as the plan can tell. */
export function isInSync(plan: Plan): boolean {
  return plan.changes.length === 0 && plan.blocked.length === 0;
}
