/** The computed value a plan is: what would change, what stays and why, and what it was computed from. */
import type { Binding } from './binding.ts';
import type { Code } from './codes.ts';
import type { Digest } from './fingerprint.ts';
import type { Manifest } from './manifest.ts';
import type { PortalIdentity, Reading, Visibility } from './reading.ts';

/** Everything a plan depends on. */
export interface PlanInput {
  readonly manifest: Manifest;
  readonly reading: Reading;
  /** Events whose bindings the platform makes itself, with who makes them. */
  readonly protectedBy: (event: string) => string | undefined;
  /** Events that the platform binds for others beside the manifest, such as bots, with who does: kept unless the ledger has them. */
  readonly sharedWith?: (event: string) => string | undefined;
  /** Events, in any letter case, whose live bindings are to be bound anew although nothing is known to differ. */
  readonly rebind?: readonly string[];
  readonly digest: Digest;
}

/** What a change does. A rebind unbinds and binds anew, so that options of the row are certain; between the two its events are lost. */
export type Action = 'bind' | 'rebind' | 'unbind';

/** Every `Cause`, for whoever reads one. */
export const causes = ['missing', 'asked', 'options-differ', 'recorded', 'owned', 'unclaimed'] as const;

/**
 * Why a change is made. `missing`: desired and not bound. `asked`: a rebind somebody wants who does not trust the ledger.
 * `options-differ`: from those recorded. The others are of rows not desired: `recorded` in the manifest's ledger, `owned` by a
 * prefix of `owns`, or `unclaimed` by it and pruned all the same.
 */
export type Cause = (typeof causes)[number];

/** Causes in words. They are all that a plan of format 1 tells of a cause, so they never change. */
export const reasons: Readonly<Record<Cause, string>> = {
  missing: 'in the manifest and not bound',
  asked: 'asked for with --rebind',
  'options-differ': 'its options differ from those it was last bound with',
  recorded: 'not in the manifest; applied by it before',
  owned: 'not in the manifest; its handler is under an owns prefix',
  unclaimed: 'not in the manifest; prune is all',
};

/** A row that an apply would bind, unbind, or bind anew. */
export interface Change {
  /** Unique in its plan, such as `bind-3`. */
  readonly id: string;
  /** What is done to the row. */
  readonly action: Action;
  /** As it will be bound, with its options; of an unbind as it is live, without. */
  readonly binding: Binding;
  /** In a plan that was saved and read again: by its reason, `asked` where that is not one of ours. */
  readonly cause: Cause;
  /** The cause, in one sentence without a full stop. */
  readonly reason: string;
  /** Ids of changes that must be confirmed live before this one may run. */
  readonly dependsOn: readonly string[];
  /** How many live rows an unbind removes, when hidden online connectors make it more than one. */
  readonly rows?: number;
}

/**
 * Why a live row stays as it is. `in-sync`: desired. `unverified`: desired, and nobody knows its options (F54). `duplicate`: looks
 * like another one (F28). The others are not desired: `unmanaged`: nothing says that it is the manifest's. `foreign`: in the ledger of
 * another manifest. `not-pruned`: managed, and prune is none. `ignored`: by a rule. `protected`: the platform binds it by itself.
 */
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
  /** As the manifest asks for it, with its options; where it does not, as it is live. */
  readonly binding: Binding;
  /** `in-sync` and `unverified`: the manifest asks for it. All others merely stay. */
  readonly verdict: Verdict;
  /** The verdict, in one sentence without a full stop. */
  readonly reason: string;
}

/** A change that is wanted and cannot be made. */
export interface Blocked {
  /** Unique in its plan, such as `blocked-3`. */
  readonly id: string;
  /** What is wanted. */
  readonly action: Action;
  /** As in a change. */
  readonly binding: Binding;
  /** What stands in its way, in one sentence without a full stop. */
  readonly reason: string;
  /** Whether the row is known to be live, known to be missing, or outside what the caller can see. */
  readonly state: 'live' | 'missing' | 'unknown';
  /** As in a change. */
  readonly rows?: number;
}

/** What whoever reviews a plan should know, and what stops nothing. */
export interface PlanWarning {
  /** kebab-case; docs/errors.md has them all. */
  readonly code: Code;
  /** One line: what and which, and the limit where there is one. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** How many of each a plan holds. */
export interface Summary {
  /** Changes that bind what is missing. */
  readonly bind: number;
  /** Changes that unbind and bind anew. */
  readonly rebind: number;
  /** Changes that unbind; one may take several rows. */
  readonly unbind: number;
  /** Live rows that stay, wanted or not. */
  readonly keep: number;
  /** Changes that are wanted and cannot be made. */
  readonly blocked: number;
}

/** Which manifest a plan was made from, and the guard it sets. */
export interface PlannedManifest {
  /** Names the ledger. */
  readonly name: string;
  /** The manifest's: the same for whatever asks for the same. */
  readonly fingerprint: string;
  /** The chosen environment, if any. */
  readonly environment?: string;
  /** The most unbinds a plan may hold before a guard objects. */
  readonly maxUnbind: number;
  /** Another environment, empty for none, by whose apply the ledger was written last. */
  readonly lastEnvironment?: string;
}

/** What an apply would change, leave alone and be unable to do: a value, the same for the same manifest and reading. */
export interface Plan {
  /** What it was made from. */
  readonly manifest: PlannedManifest;
  /** Whom it was made for: a saved plan is refused for another portal, application or user. */
  readonly portal: PortalIdentity;
  /** `own`: there may be rows that it knows nothing of. */
  readonly visibility: Visibility;
  /** Binds, then rebinds, then unbinds, each by key. */
  readonly changes: readonly Change[];
  /** Live rows that stay, by key. */
  readonly kept: readonly Kept[];
  /** What is wanted and cannot be done, by key. */
  readonly blocked: readonly Blocked[];
  /** Of the portal, the view, the ledger and the bindings, in that order. */
  readonly warnings: readonly PlanWarning[];
  /** All of it in numbers. */
  readonly summary: Summary;
  /** The live set it was made from, by key. */
  readonly live: readonly Binding[];
}

/** Whether the row is one that the manifest asks for; what else is kept merely stays. */
export function isDesired({ verdict }: Pick<Kept, 'verdict'>): boolean {
  return verdict === 'in-sync' || verdict === 'unverified';
}

/** True when the portal holds what the manifest asks for, as far as the plan can tell. */
export function isInSync(plan: Plan): boolean {
  return plan.changes.length === 0 && plan.blocked.length === 0;
}
