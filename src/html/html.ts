/** HTML by construction: what is put into the template is text, unless it is itself a piece of HTML. */

export interface Html {
  readonly kind: 'html';
  readonly text: string;
}

type Part = Html | string | number | undefined | readonly Part[];

/** A template whose values are escaped for text and for quoted attributes; `undefined` is nothing, a list its items. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = literals.map((literal, index) => `${literal}${partText(parts[index])}`).join('');
  return { kind: 'html', text };
}

/** Text that is HTML already: never anything from outside. */
export function trusted(text: string): Html {
  return { kind: 'html', text };
}

function partText(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  return isList(part) ? part.map(partText).join('') : part.text;
}

function isList(part: Html | readonly Part[]): part is readonly Part[] {
  return Array.isArray(part);
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
