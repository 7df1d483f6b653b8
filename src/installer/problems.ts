/** What went wrong for a portal, problem by problem, each with the code that docs/errors.md explains. */
import type { Code } from '../core/codes.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { bindingText } from '../core/display.ts';
import { BitrixEventsError, ManifestError, RefusedError } from '../core/errors.ts';
import type { ChangeResult, ChangeStatus, Report } from '../core/report.ts';
import { isAsWanted, type Reconciled } from './reconcile-portal.ts';

export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly code: Code;
  /** One line: what and which; of a manifest with `file:line:column`. May quote what a portal sent. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/** Any page before its installation is finished gets them, and the page is what finishes it. */
const expectedWarnings = new Set<Code>(['not-installed']);

const unfulfilled: Readonly<Record<Exclude<ChangeStatus, 'done' | 'already'>, Pick<Problem, 'code' | 'hint'>>> = {
  failed: { code: 'binding-failed', hint: 'The portal says why; correct the manifest, or install again later' },
  blocked: { code: 'binding-blocked', hint: 'It cannot be made on this portal: change what the reason names' },
  'not-attempted': { code: 'binding-not-attempted', hint: 'Install or open the application again: it is tried again' },
  unknown: { code: 'binding-unknown', hint: 'Install or open the application again: the portal is read first' },
};

const notAsWanted: Problem = {
  severity: 'error',
  code: 'not-as-wanted',
  message: 'the portal, read again, does not hold what the manifest asks for',
  hint: 'Somebody may have changed it meanwhile: install or open the application again',
};

/** What kept a portal from being as wanted, and what is worth knowing of one that is. Never empty for one that is not. */
export function problemsOf(result: Reconciled): readonly Problem[] {
  const { report, error } = result;
  const problems = [
    ...(error === undefined ? [] : problemsOfError(error)),
    ...(report === undefined ? [] : [...report.results.flatMap(problemOfResult), ...warningsOf(report)]),
  ];
  if (isAsWanted(result) || problems.some(({ severity }) => severity === 'error')) return problems;
  return [report === undefined ? unexpected('the installation broke off') : notAsWanted, ...problems];
}

/** Every problem that an error carries. */
export function problemsOfError(error: unknown): readonly Problem[] {
  if (error instanceof ManifestError) return error.diagnostics.map(problemOfDiagnostic);
  if (error instanceof RefusedError && error.objections.length > 0) {
    return error.objections.map(({ code, message, hint }) => ({ severity: 'error', code, message, hint }));
  }
  if (error instanceof BitrixEventsError) {
    const { code, message, hint } = error;
    return [{ severity: 'error', code, message, hint }];
  }
  return [unexpected(error instanceof Error ? `${error.name}: ${error.message}` : String(error))];
}

function unexpected(message: string): Problem {
  return {
    severity: 'error',
    code: 'unexpected-error',
    message,
    hint: 'Thrown by a hook or a store of the application, or a bug in bitrix-events',
  };
}

function problemOfDiagnostic({ severity, code, message, position, hint }: Diagnostic): Problem {
  const place = [position.file, position.line, position.column].filter((part) => part !== undefined).join(':');
  return { severity, code, message: `${place}  ${message}`, hint };
}

function problemOfResult({ action, binding, status, message }: ChangeResult): readonly Problem[] {
  if (status === 'done' || status === 'already') return [];
  const why = message ?? status;
  return [{ severity: 'error', ...unfulfilled[status], message: `${action} ${bindingText(binding)}: ${why}` }];
}

function warningsOf({ warnings }: Report): readonly Problem[] {
  return warnings
    .filter(({ code }) => !expectedWarnings.has(code))
    .map(({ code, message, hint }) => ({ severity: 'warning', code, message, hint }));
}
