/** A problem somebody can have several of at once, with its place in the file that caused it. */
import type { Code } from './codes.ts';

/** A place in a file. */
export interface Position {
  /** As messages name it: against the working directory, or `<stdin>`. */
  readonly file: string;
  /** From 1; absent when the problem has no place, such as a file that cannot be read. */
  readonly line?: number;
  /** From 1, in UTF-16 code units. */
  readonly column?: number;
}

/** Something that is wrong with a manifest, or that its author may not have meant. */
export interface Diagnostic {
  /** An error keeps a manifest from being made; a warning stops nothing. */
  readonly severity: 'error' | 'warning';
  /** kebab-case; docs/errors.md has them all. */
  readonly code: Code;
  /** One line: what and which, and the limit where there is one. */
  readonly message: string;
  /** Where to look. */
  readonly position: Position;
  /** What to do about it. */
  readonly hint?: string;
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}
