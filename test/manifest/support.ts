/** What the manifest's tests share: a hash, and one line for each diagnostic. */
import { createHash } from 'node:crypto';
import type { Diagnostic } from '../../src/core/diagnostic.ts';
import { type ParseOptions, parseManifest } from '../../src/manifest/parse-manifest.ts';

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export const defaults: ParseOptions = { file: 'm.yaml', env: {}, digest };

/** `3:5 error unknown-key | message | hint` */
export function diagnosticLine({ severity, code, message, position, hint }: Diagnostic): string {
  const place = position.line === undefined ? '-' : `${position.line}:${position.column ?? '-'}`;
  return `${place} ${severity} ${code} | ${message}${hint === undefined ? '' : ` | ${hint}`}`;
}

export function problemsIn(text: string, options: Partial<ParseOptions> = {}): readonly string[] {
  return parseManifest(text, { ...defaults, ...options }).diagnostics.map(diagnosticLine);
}

/** A whole manifest around one piece of `bindings`; its first line is line 3. */
export function withBindings(...lines: readonly string[]): string {
  return ['version: 1', 'bindings:', ...lines, ''].join('\n');
}
