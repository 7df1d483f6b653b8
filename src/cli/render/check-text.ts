/** The result of a drift check for people. */
import { type CheckResult, type DriftKind, driftKinds } from '../../core/drift.ts';
import { wrapped } from './layout.ts';
import { paragraphs, planBody, type PlanTextOptions } from './plan-text.ts';

export function checkText(check: CheckResult, options: PlanTextOptions): string {
  const colour = ({ 'in-sync': 'green', drift: 'red', unknown: 'yellow' } as const)[check.verdict];
  const conclusion = options.style(colour, wrapped(conclusionOf(check), options.columns));
  const named = new Set(check.failOn.includes('unmanaged') ? (['unmanaged'] as const) : []);
  return paragraphs([planBody(check.plan, { ...options, named }), conclusion]);
}

/** One verdict, and the numbers that belong to it: what does not count is said to be there, and not called drift. */
function conclusionOf({ verdict, drift, failOn, plan }: CheckResult): string {
  const found = (kinds: readonly DriftKind[]): string =>
    kinds
      .filter((kind) => drift[kind] > 0)
      .map((kind) => `${drift[kind]} ${kind}`)
      .join(', ');
  const counted = found(driftKinds.filter((kind) => failOn.includes(kind)));
  const others = found(driftKinds.filter((kind) => !failOn.includes(kind)));
  const rest = others === '' ? '' : ` Not counted: ${others}.`;
  switch (verdict) {
    case 'in-sync':
      return others === ''
        ? `In sync: ${plan.summary.keep} kept, nothing to change.`
        : `No drift that counts (${failOn.join(', ')}).${rest}`;
    case 'drift':
      return `Drift: ${counted}.${rest}`;
    case 'unknown':
      return `Cannot tell: this user does not see everything the manifest asks for.${counted === '' ? '' : ` Found: ${counted}.`}${rest}`;
  }
}
