/** A report for people. */
import { printable } from '../../core/display.ts';
import { countStatuses } from '../../core/documents.ts';
import type { Plan } from '../../core/plan.ts';
import type { ChangeStatus, Report, ReportVerdict } from '../../core/report.ts';
import { targetText } from './binding-text.ts';
import { portalLine, warningsText } from './plan-text.ts';
import type { Style } from './style.ts';
import { widest } from './widest.ts';

const colours: Readonly<Record<ChangeStatus, 'green' | 'red' | 'yellow'>> = {
  done: 'green',
  already: 'green',
  failed: 'red',
  blocked: 'red',
  'not-attempted': 'yellow',
  unknown: 'yellow',
};

const verdicts: Readonly<Record<ReportVerdict, string>> = {
  converged: 'Converged: the portal holds what the manifest asks for.',
  unchanged: 'Unchanged: the portal already held what the manifest asks for.',
  partial: 'Partial: the portal was changed and does not hold everything yet. Run again.',
  failed: 'Failed: the portal was not changed and does not hold what the manifest asks for.',
};

/** @param shown the plan, when it has been shown before: its warnings and the portal are not repeated */
export function reportText(report: Report, style: Style, shown: Plan | undefined): string {
  const width = widest(report.results.map(({ binding }) => binding.event));
  const sections = [
    shown === undefined ? portalLine(report) : '',
    report.results
      .map(({ action, binding, status, message }) => {
        const line = `  ${status.padEnd(13)}  ${action.padEnd(6)}  ${printable(binding.event).padEnd(width)}  ${targetText(binding)}`;
        const why = message === undefined ? '' : `\n${style('dim', `      ${printable(message)}`)}`;
        return `${style(colours[status], line)}${why}`;
      })
      .join('\n'),
    warningsText(report.warnings.slice(shown?.warnings.length ?? 0), style),
    style('bold', `${verdicts[report.verdict]}${countsText(report)}`),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function countsText(report: Report): string {
  const counts = Object.entries(countStatuses(report.results)).filter(([, count]) => count > 0);
  return counts.length === 0 ? '' : ` (${counts.map(([status, count]) => `${count} ${status}`).join(', ')})`;
}
