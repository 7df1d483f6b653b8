/** What every format for pipelines says of a result as a whole: the verdict, the counts, which portal and manifest. */
import { domainOf } from '../../core/display.ts';
import { countStatuses, planFingerprint } from '../../core/documents.ts';
import { type CheckResult, driftKinds } from '../../core/drift.ts';
import { type BitrixEventsError, RefusedError } from '../../core/errors.ts';
import { isInSync, type Plan } from '../../core/plan.ts';
import type { Report, ReportVerdict } from '../../core/report.ts';
import { digest } from '../../reconcile/platform.ts';
import type { About } from '../result.ts';
import { planOf, type PlanLike } from './rows.ts';
import { shortNames } from './url-names.ts';

export interface Verdict {
  /** Two or three words. */
  readonly title: string;
  /** The rest of the sentence, without a full stop. */
  readonly text: string;
  /** Nothing changed, nothing to change, nothing that anybody has to look at. */
  readonly isUneventful: boolean;
}

export function verdictOf(result: PlanLike): Verdict {
  switch (result.kind) {
    case 'plan':
      return planVerdict(result.plan, result.objections.length > 0);
    case 'check':
      return checkVerdict(result.check);
    case 'report':
      return {
        ...reportVerdicts[result.report.verdict],
        isUneventful: result.report.verdict === 'unchanged' && result.error === undefined,
      };
  }
}

function planVerdict(plan: Plan, isRefused: boolean): Verdict {
  if (isInSync(plan)) return { title: 'In sync', text: 'nothing to change', isUneventful: true };
  const refusal = isRefused ? ', which apply will refuse' : '';
  const blocked = plan.blocked.length === 0 ? '' : `; ${plan.blocked.length} more cannot be made`;
  const text = `what apply would do on this portal${refusal}${blocked}`;
  return { title: countText(plan.changes.length, 'change'), text, isUneventful: false };
}

function checkVerdict({ verdict, drift, failOn }: CheckResult): Verdict {
  switch (verdict) {
    case 'in-sync': {
      const isUneventful = driftKinds.every((kind) => drift[kind] === 0 || kind === 'unmanaged');
      const text = isUneventful
        ? 'the portal holds what the manifest asks for'
        : `counted is only ${failOn.join(', ')}`;
      return { title: isUneventful ? 'In sync' : 'No drift that counts', text, isUneventful };
    }
    case 'drift':
      return { title: 'Drift', text: 'the portal does not hold what the manifest asks for', isUneventful: false };
    case 'unknown':
      return {
        title: 'Cannot tell',
        text: 'this user does not see everything the manifest asks for',
        isUneventful: false,
      };
  }
}

const reportVerdicts: Readonly<Record<ReportVerdict, Omit<Verdict, 'isUneventful'>>> = {
  converged: { title: 'Converged', text: 'the portal was changed and holds what the manifest asks for' },
  unchanged: { title: 'Unchanged', text: 'the portal already held what the manifest asks for' },
  partial: { title: 'Partial', text: 'the portal was changed and does not hold everything yet; run again' },
  failed: { title: 'Failed', text: 'the portal was not changed and does not hold what the manifest asks for' },
};

export function countsText(result: PlanLike): string {
  switch (result.kind) {
    case 'plan': {
      const { bind, rebind, unbind, keep, blocked } = result.plan.summary;
      return `${bind} to bind, ${rebind} to rebind, ${unbind} to unbind; ${keep} kept, ${blocked} blocked`;
    }
    case 'check': {
      const { drift, failOn, plan } = result.check;
      const found = driftKinds.map((kind) => `${drift[kind]} ${kind}`).join(', ');
      return `${found} (counted: ${failOn.join(', ')}); ${plan.summary.keep} kept`;
    }
    case 'report':
      return `${statusesText(result.report)}; ${result.report.kept.length} kept`;
  }
}

function statusesText({ results }: Report): string {
  const counts = Object.entries(countStatuses(results)).filter(([, count]) => count > 0);
  return counts.length === 0 ? 'nothing to do' : counts.map(([status, count]) => `${count} ${status}`).join(', ');
}

export function aboutOf(result: PlanLike): About & { readonly portal: string } {
  const { manifest, portal } = planOf(result);
  const { name, environment } = manifest;
  return { name, environment, portal: domainOf(portal.clientEndpoint), file: result.manifest?.file };
}

export function fingerprintOf(result: PlanLike): string {
  return planFingerprint(planOf(result), digest);
}

/** Names every handler the result speaks of, whole and numbered as in the text; the live ones come first. */
export function urlNamesOf(result: PlanLike): (url: string) => string {
  const { live, changes, kept, blocked } = planOf(result);
  const rows = [...changes, ...kept, ...blocked].map(({ binding }) => binding);
  const names = shortNames([...(result.kind === 'report' ? result.report.live : live), ...rows]);
  return (url) => names.of(url, Number.POSITIVE_INFINITY);
}

/** `1 change`, `3 changes` */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function failureTitle(error: BitrixEventsError): string {
  return error instanceof RefusedError ? 'Refused' : 'Failed';
}
