/** Text from outside as Markdown that means nothing but itself: no link, mention, reference, markup or table cell comes of it. */
import { printable } from '../../core/display.ts';

/** Invisible: what stands around it is no word that a server would make a link of. */
const joint = '\u200b';

/** A code span; in it servers look for nothing. A back-tick run inside is shorter or longer than those around it. */
export function code(text: string): string {
  // What ends a cell is escaped there, which a back-slash before it would undo in code.
  const inner = printable(text).replace(/\\(?=\|)/g, '\ufffd');
  if (inner === '') return '';
  const longest = Math.max(0, ...(inner.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padding = /^[ `]|[ `]$/.test(inner) ? ' ' : '';
  return `${fence}${padding}${inner}${padding}${fence}`;
}

/** Markdown that stays in its cell of a table. */
export function cell(markdown: string): string {
  return markdown.replaceAll('|', '\\|');
}

/** A comment that is not shown, by which a bot finds what it has written. */
export function commentText(title: string, parts: Readonly<Record<string, string | undefined>>): string {
  const words = Object.entries(parts).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${printable(value).replace(/[^\w./:-]/gu, encodeURIComponent)}`],
  );
  return `<!-- ${[title, ...words].join(' ')} -->`;
}

const address = /[a-z][a-z0-9+.-]*:\/\/[^\s'"<>|]+/gi;

/** A sentence: addresses in it become code, everything else plain text. */
export function prose(text: string): string {
  let shown = '';
  let from = 0;
  for (const { index, 0: url } of text.matchAll(address)) {
    shown += `${plainProse(text.slice(from, index))}${code(url)}`;
    from = index + url.length;
  }
  return shown + plainProse(text.slice(from));
}

function plainProse(text: string): string {
  return printable(text)
    .replace(/[&<>]/g, (character) => entities[character] ?? '')
    .replace(/[\\`*_[\]~$]/g, '\\$&')
    .replace(reference, `$&${joint}`)
    .replace(commit, `$1${joint}`);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** `@name`, `#123`, `!5`, `GH-7`, `&3`, `:tada:`, `www.a.b`: what servers make links, pictures, formulas and letters to people of. */
const reference = /(?:[@#!%~$]|&amp;|\bGH-|\bwww)(?=[\w"'.])|:(?=[a-z0-9_+-]+:)/gi;

/** The beginning of a name of a commit. */
const commit = /\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)([0-9a-f]{6})(?=[0-9a-f]{1,58}\b)/gi;
