/** Problems for people: one line with what, which and the limit, then a hint. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import { printable } from '../../core/display.ts';
import { type BitrixEventsError, ManifestError, RefusedError } from '../../core/errors.ts';
import type { Style } from './style.ts';

export function diagnosticsText(diagnostics: readonly Diagnostic[], style: Style): string {
  return diagnostics.map((diagnostic) => diagnosticText(diagnostic, style)).join('');
}

/** What stays as it is for years, and is no reason to keep anybody from the result. */
export function canWait({ code }: Diagnostic): boolean {
  return code === 'deprecated-event';
}

/** Each message once, with the first of its places; few, because they say the same at every run. */
export function hintsText(diagnostics: readonly Diagnostic[], style: Style): string {
  const byMessage = new Map<string, { readonly first: Diagnostic; places: number }>();
  for (const diagnostic of diagnostics) {
    const known = byMessage.get(diagnostic.message);
    if (known === undefined) byMessage.set(diagnostic.message, { first: diagnostic, places: 1 });
    else known.places += 1;
  }
  const shown = [...byMessage.values()].slice(0, mostHints).map(({ first, places }) => {
    const more = places === 1 ? '' : ` (in ${places} places)`;
    return diagnosticText({ ...first, message: `${first.message}${more}` }, style);
  });
  const rest = byMessage.size - shown.length;
  return `${shown.join('')}${rest > 0 ? `and ${rest} more like these; bitrix-events validate shows all\n` : ''}`;
}

const mostHints = 3;

/** `file:line:column  message  [code]` and the hint below. */
function diagnosticText({ severity, code, message, position, hint }: Diagnostic, style: Style): string {
  const place = [position.file, position.line, position.column].filter((part) => part !== undefined).join(':');
  const word = severity === 'warning' ? `${style('yellow', 'warning:')} ` : '';
  return `${style('bold', printable(place))}  ${word}${printable(message)}  ${style('dim', `[${code}]`)}\n${hintText(hint)}`;
}

export function errorText(error: BitrixEventsError, style: Style): string {
  if (error instanceof ManifestError) return diagnosticsText(error.diagnostics, style);
  if (error instanceof RefusedError && error.objections.length > 0) {
    return error.objections
      .map(
        ({ code, message, hint }) => `${style('red', 'Refused:')} ${printable(message)}  [${code}]\n${hintText(hint)}`,
      )
      .join('');
  }
  const word = error instanceof RefusedError ? 'Refused:' : 'Error:';
  return `${style('red', word)} ${printable(error.message)}  [${error.code}]\n${hintText(error.hint)}`;
}

/** What is worth knowing and stops nothing. */
export function warningText(
  { code, message, hint }: Pick<Diagnostic, 'code' | 'message' | 'hint'>,
  style: Style,
): string {
  return `${style('yellow', 'Warning:')} ${printable(message)}  ${style('dim', `[${code}]`)}\n${hintText(hint)}`;
}

function hintText(hint: string | undefined): string {
  return hint === undefined ? '' : `  ${printable(hint)}\n`;
}
