/** What a plan says about drift. Pure. */
import type { Plan } from './plan.ts';

/** Every `DriftKind`, in the order in which they are shown. */
export const driftKinds = ['missing', 'extra', 'changed', 'unmanaged'] as const;

/**
 * `missing`: desired and not bound. `extra`: managed, bound and not desired. `changed`: bound with other options.
 * `unmanaged`: bound, not desired and not managed.
 */
export type DriftKind = (typeof driftKinds)[number];

export const defaultFailOn: readonly DriftKind[] = ['missing', 'extra', 'changed'];

/** Whether the portal is as the manifest says. */
export interface CheckResult {
  /** `unknown`: the caller's view cannot tell whether everything desired is bound. */
  readonly verdict: 'in-sync' | 'drift' | 'unknown';
  /** How much of each kind of drift there is, whether or not it makes the check fail. */
  readonly drift: Readonly<Record<DriftKind, number>>;
  /** The kinds that make the verdict `drift`: as asked for, or missing, extra and changed. */
  readonly failOn: readonly DriftKind[];
  /** What the counts are taken from, and what an apply would change. */
  readonly plan: Plan;
}

/** @param failOn the kinds of drift that count; missing, extra and changed by default */
export function judgeDrift(plan: Plan, failOn: readonly DriftKind[] = defaultFailOn): CheckResult {
  const blocked = (action: string) => plan.blocked.filter((item) => item.action === action && item.state !== 'unknown');
  const drift = {
    missing: plan.summary.bind + blocked('bind').length,
    extra: plan.summary.unbind + blocked('unbind').length,
    changed: plan.summary.rebind + blocked('rebind').length,
    unmanaged: plan.kept.filter(({ verdict }) => verdict === 'unmanaged').length,
  };
  const cannotTell = plan.blocked.some(({ state }) => state === 'unknown');
  const hasDrift = failOn.some((kind) => drift[kind] > 0);
  return { verdict: cannotTell ? 'unknown' : hasDrift ? 'drift' : 'in-sync', drift, failOn, plan };
}
