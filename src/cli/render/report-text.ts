/** A report for people: the counts, and the rows that need attention. */
import { countStatuses } from '../../core/documents.ts';
import type { Plan } from '../../core/plan.ts';
import type { ChangeResult, ChangeStatus, Report, ReportVerdict } from '../../core/report.ts';
import type { ManifestFacts } from '../result.ts';
import { wrapped } from './layout.ts';
import { describeBlocked, headerText, paragraphs } from './plan-text.ts';
import { ofEvent, sectionsOf, sectionText } from './sections.ts';
import type { Style } from './style.ts';
import { shortNames } from './url-names.ts';
import { warningsText } from './warnings-text.ts';

const verdicts: Readonly<Record<ReportVerdict, string>> = {
  converged: 'Converged: the portal holds what the manifest asks for.',
  unchanged: 'Unchanged: the portal already held what the manifest asks for.',
  partial: 'Partial: the portal was changed and does not hold everything yet. Run again.',
  failed: 'Failed: the portal was not changed and does not hold what the manifest asks for.',
};

/** Why a row needs attention, in words; undefined when it needs none. */
const attention: Readonly<Record<ChangeStatus, string | undefined>> = {
  done: undefined,
  already: undefined,
  failed: 'failed',
  blocked: 'blocked',
  'not-attempted': 'not attempted',
  unknown: 'nobody knows whether it was done',
};

export interface ReportTextOptions {
  readonly style: Style;
  readonly columns: number;
  readonly manifest: Pick<ManifestFacts, 'file'> | undefined;
  /** What was blocked in it needs attention as well. */
  readonly plan: Pick<Plan, 'blocked' | 'warnings'>;
  /** Then the portal and the plan's warnings are not repeated. */
  readonly isPlanShown: boolean;
}

export function reportText(report: Report, options: ReportTextOptions): string {
  const { style, columns, manifest, plan, isPlanShown } = options;
  const needy = report.results.filter(({ status }) => attention[status] !== undefined);
  const rows = [...needy, ...plan.blocked].map(({ binding }) => binding);
  const layout = { style, columns, names: shortNames([...report.live, ...rows]) };
  const sections = [...sectionsOf(needy, describe), ...sectionsOf(plan.blocked, describeBlocked)];
  return paragraphs([
    isPlanShown ? '' : headerText(report, manifest, columns),
    ...sections.map((section) => sectionText(section, layout)),
    warningsText(report.warnings.slice(isPlanShown ? plan.warnings.length : 0), style, columns),
    `${style('bold', wrapped(verdicts[report.verdict], columns))}${countsText(report, plan.blocked.length)}`,
  ]);
}

function describe({ action, binding, status, message }: ChangeResult) {
  const word = attention[status] ?? status;
  return {
    mark: `blocked-${action}` as const,
    item: { binding },
    reason: message === undefined ? word : `${word}: ${ofEvent(message, binding)}`,
  };
}

function countsText({ results }: Report, blocked: number): string {
  const all = countStatuses(results);
  const counts = Object.entries({ ...all, blocked: all.blocked + blocked }).filter(([, count]) => count > 0);
  return counts.length === 0 ? '' : `\n${counts.map(([status, count]) => `${count} ${status}`).join(', ')}`;
}
