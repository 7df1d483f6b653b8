/** A report for people: the counts, and the rows that need attention. */
import { countStatuses } from '../../core/documents.ts';
import type { Plan } from '../../core/plan.ts';
import type { ChangeResult, ChangeStatus, Report, ReportVerdict } from '../../core/report.ts';
import type { ManifestFacts } from '../result.ts';
import { namesOf } from './binding-text.ts';
import { wrapped } from './layout.ts';
import { headerText, paragraphs } from './plan-text.ts';
import { ofEvent, sectionsOf, sectionText } from './sections.ts';
import type { Style } from './style.ts';
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
  /** The plan, when it has been shown before: its warnings and the portal are not repeated. */
  readonly shown: Plan | undefined;
}

export function reportText(report: Report, { style, columns, manifest, shown }: ReportTextOptions): string {
  const needy = report.results.filter(({ status }) => attention[status] !== undefined);
  const layout = { style, columns, names: namesOf([...report.live, ...needy.map(({ binding }) => binding)]) };
  return paragraphs([
    shown === undefined ? headerText(report, manifest, columns) : '',
    ...sectionsOf(needy, describe).map((section) => sectionText(section, layout)),
    warningsText(report.warnings.slice(shown?.warnings.length ?? 0), style, columns),
    `${style('bold', wrapped(verdicts[report.verdict], columns))}${countsText(report)}`,
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

function countsText(report: Report): string {
  const counts = Object.entries(countStatuses(report.results)).filter(([, count]) => count > 0);
  return counts.length === 0 ? '' : `\n${counts.map(([status, count]) => `${count} ${status}`).join(', ')}`;
}
