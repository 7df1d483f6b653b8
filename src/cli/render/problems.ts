/** What is wrong with a manifest, for servers that follow a problem from commit to commit. */
import type { Code } from '../../core/codes.ts';
import type { Diagnostic, Position } from '../../core/diagnostic.ts';
import { printable } from '../../core/display.ts';
import { ManifestError } from '../../core/errors.ts';
import { digest } from '../../reconcile/platform.ts';
import type { ResultOf } from '../result.ts';

export interface Problem {
  readonly severity: Diagnostic['severity'];
  readonly code: Code;
  readonly message: string;
  readonly hint: string | undefined;
  readonly position: Position | undefined;
  /** The same as long as the problem is, whatever lines come before it; another for each of several that read the same. */
  readonly fingerprint: string;
}

export function problemsOf(result: ResultOf<'validation'> | ResultOf<'failure'>): readonly Problem[] {
  const seen = new Map<string, number>();
  return foundIn(result).map((found): Problem => {
    // Messages name other places as line:column.
    const identity = [found.code, found.position?.file ?? '', found.message.replace(/\b\d+:\d+\b/g, '')].join('\n');
    const count = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, count);
    const hint = found.hint === undefined ? undefined : printable(found.hint);
    return { ...found, message: printable(found.message), hint, fingerprint: digest(`${identity}\n${count}`) };
  });
}

function foundIn(result: ResultOf<'validation'> | ResultOf<'failure'>): readonly Omit<Problem, 'fingerprint'>[] {
  if (result.kind === 'validation') return result.inspection.diagnostics.map(ofDiagnostic);
  const { error, about } = result;
  if (error instanceof ManifestError) return error.diagnostics.map(ofDiagnostic);
  const position = about?.file === undefined ? undefined : { file: about.file };
  return [{ severity: 'error', code: error.code, message: error.message, hint: error.hint, position }];
}

function ofDiagnostic({ severity, code, message, hint, position }: Diagnostic): Omit<Problem, 'fingerprint'> {
  return { severity, code, message, hint, position };
}
