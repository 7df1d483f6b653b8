/** A problem with a manifest before its place is known in lines and columns. */
import type { Code } from '../core/codes.ts';
import type { Diagnostic, Position } from '../core/diagnostic.ts';

/** Leads from the root of the manifest to a value: keys of maps and indexes of lists. */
export type Path = readonly (string | number)[];

/** Where a problem is: at a value, or at the key that introduces it. */
export interface Place {
  readonly path: Path;
  readonly part?: 'key' | 'value';
}

export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly code: Code;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly place: Place;
}

export function toDiagnostic(
  { severity, code, message, hint }: Omit<Problem, 'place'>,
  position: Position,
): Diagnostic {
  return { severity, code, message, position, ...(hint === undefined ? {} : { hint }) };
}

/** By line and column, then as found; what is said twice about one place is said once. */
export function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics
    .filter(({ code, message, position: { line, column } }) => {
      const identity = JSON.stringify([code, message, line, column]);
      return !seen.has(identity) && seen.add(identity);
    })
    .sort(({ position: a }, { position: b }) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
