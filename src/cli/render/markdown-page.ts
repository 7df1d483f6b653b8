/** A Markdown page of bounded length: what matters least is left out first, and what is missing is always said. */

import { cell } from './markdown-text.ts';

/** One row of a table; cells are Markdown already. */
export interface PageRow {
  readonly cells: readonly string[];
  /** The last cell; left out when it gets tight. */
  readonly reason: string;
}

export interface PageTable {
  readonly columns: readonly string[];
  readonly rows: readonly PageRow[];
}

export interface Page {
  /** Found by whoever updates a comment; not shown. */
  readonly marker: string;
  /** The verdict, and what is said at any length; one paragraph each. */
  readonly head: readonly string[];
  readonly main: PageTable;
  /** List items: warnings, objections. */
  readonly notes: readonly string[];
  /** Folded away, under this summary. */
  readonly folded: PageTable & { readonly summary: string };
  /** Where everything is that the page has no room for; a whole sentence. */
  readonly elsewhere: string;
}

interface Extent {
  readonly folded: number;
  readonly hasReasons: boolean;
  readonly notes: number;
  readonly rows: number;
}

/** @param maxLength in UTF-16 code units; what is said at any length is cut off there in the end */
export function pageText(page: Page, maxLength: number): string {
  const all: Extent = {
    folded: page.folded.rows.length,
    hasReasons: true,
    notes: page.notes.length,
    rows: page.main.rows.length,
  };
  const fits = (extent: Extent) => textOf(page, extent).length <= maxLength;
  const most = (count: number, extentOf: (shown: number) => Extent) => mostOf(count, extentOf, fits, maxLength);
  const withFolded = (folded: number): Extent => ({ ...all, folded });
  const withNotes = (notes: number): Extent => ({ ...all, folded: 0, hasReasons: false, notes });
  const withRows = (rows: number): Extent => ({ ...all, folded: 0, hasReasons: false, notes: 0, rows });
  const extent = most(all.folded, withFolded) ?? most(all.notes, withNotes) ?? most(all.rows, withRows) ?? withRows(0);
  const text = textOf(page, extent);
  return text.length <= maxLength ? text : cut(text, maxLength);
}

/** The most of something that fits, if any amount does. */
function mostOf(
  count: number,
  extentOf: (count: number) => Extent,
  fits: (extent: Extent) => boolean,
  maxLength: number,
): Extent | undefined {
  if (fits(extentOf(count))) return extentOf(count);
  if (!fits(extentOf(0))) return undefined;
  // Each takes a line of its own, and none is shorter than this.
  let [low, high] = [0, Math.min(count, Math.ceil(maxLength / 4))];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(extentOf(middle))) low = middle;
    else high = middle;
  }
  return extentOf(low);
}

function textOf({ marker, head, main, notes, folded, elsewhere }: Page, extent: Extent): string {
  const kept = tableText(folded.columns, folded.rows.slice(0, extent.folded), extent.hasReasons);
  const missing = missingText([
    [main.rows.length - extent.rows, 'row', 'rows'],
    [extent.hasReasons ? 0 : main.rows.filter(({ reason }) => reason !== '').length, 'reason', 'reasons'],
    [notes.length - extent.notes, 'warning', 'warnings'],
    [folded.rows.length - extent.folded, 'kept row', 'kept rows'],
  ]);
  const sections = [
    ...head,
    missing === '' ? '' : `**Not shown here: ${missing}.** ${elsewhere}`,
    tableText(main.columns, main.rows.slice(0, extent.rows), extent.hasReasons),
    notes
      .slice(0, extent.notes)
      .map((note) => `- ${note}`)
      .join('\n'),
    kept === '' ? '' : `<details><summary>${folded.summary}</summary>\n\n${kept}\n\n</details>`,
  ];
  return `${marker}\n${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function tableText(columns: readonly string[], rows: readonly PageRow[], hasReasons: boolean): string {
  if (rows.length === 0) return '';
  const lineOf = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  const width = hasReasons ? columns.length : columns.length - 1;
  return [
    lineOf(columns.slice(0, width)),
    lineOf(columns.slice(0, width).map(() => '---')),
    ...rows.map(({ cells, reason }) => lineOf(hasReasons ? [...cells, reason] : cells)),
  ].join('\n');
}

function missingText(counts: readonly (readonly [count: number, one: string, many: string])[]): string {
  return counts
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
    .join(', ');
}

const ending = '…\n\n**Cut off here.**\n';

function cut(text: string, maxLength: number): string {
  // Half of a pair of code units is no character.
  return `${text.slice(0, Math.max(0, maxLength - ending.length)).replace(/[\ud800-\udbff]$/, '')}${ending}`;
}
