/** The judgement of a manifest as a GitLab code quality report. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { ResultOf } from '../result.ts';
import { problemsOf } from './problems.ts';
import { type Manner, type Renderers, unspoken } from './renderers.ts';

export const gitlab: Renderers = {
  ...unspoken,
  plan: undefined,
  report: undefined,
  check: undefined,
  fleet: undefined,
  validation: qualityText,
  failure: qualityText,
};

const severities: Readonly<Record<Diagnostic['severity'], string>> = { error: 'major', warning: 'minor' };

function qualityText(result: ResultOf<'validation'> | ResultOf<'failure'>, { pathOf }: Manner): string {
  const issues = problemsOf(result).map(({ severity, code, message, hint, position, fingerprint }) => {
    const file = position?.file ?? 'bitrix-events.yaml';
    return {
      description: hint === undefined ? message : `${message}. ${hint}`,
      check_name: code,
      fingerprint,
      severity: result.kind === 'failure' ? 'blocker' : severities[severity],
      // GitLab takes no issue without a line.
      location: { path: pathOf(file) ?? file, lines: { begin: position?.line ?? 1 } },
    };
  });
  return `${JSON.stringify(issues, undefined, 2)}\n`;
}
