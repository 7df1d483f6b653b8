/** The result of a drift check for people. */
import { type CheckResult, driftKinds } from '../../core/drift.ts';
import { planText } from './plan-text.ts';
import type { Style } from './style.ts';

export function checkText({ verdict, drift, failOn, plan }: CheckResult, style: Style, isVerbose: boolean): string {
  const counts = driftKinds.map((kind) => `${drift[kind]} ${kind}`).join(', ');
  const conclusion = {
    'in-sync': style('green', `No drift (counting ${failOn.join(', ')}).`),
    drift: style('red', 'Drift: the portal does not hold what the manifest asks for.'),
    unknown: style('yellow', 'Cannot tell: this user does not see everything the manifest asks for.'),
  }[verdict];
  return `${planText(plan, { style, isVerbose })}\n${conclusion} Found ${counts}.\n`;
}
