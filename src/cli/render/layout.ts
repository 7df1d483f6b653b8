/** Words in lines: sentences that are wrapped, and lists of words in columns. */
import { padded, widthOf } from './widest.ts';

/**
 * A sentence in lines of at most so many columns, each of them indented; a word that is wider is broken.
 * @param hanging further spaces before every line but the first
 */
export function wrapped(text: string, columns: number, indent = 0, hanging = 0): string {
  const lines: string[] = [];
  let line = '';
  const room = (): number => Math.max(10, columns - indent - (lines.length === 0 ? 0 : hanging));
  for (const word of text.split(' ').flatMap((part) => pieces(part, Math.max(10, columns - indent - hanging)))) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > room()) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line]
    .map((each, index) => `${' '.repeat(index === 0 ? indent : indent + hanging)}${each.trimEnd()}`)
    .join('\n');
}

function pieces(word: string, columns: number): readonly string[] {
  if (widthOf(word) <= columns) return [word];
  const parts: string[] = [];
  let part = '';
  for (const character of word) {
    if (widthOf(part) + widthOf(character) > columns) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

/** How many of the words in columns need no more room than one column has. */
const ordinary = 0.85;

/** Words beside each other in columns, row by row, each row indented. A few that are much wider than the others take two columns. */
export function inColumns(words: readonly string[], columns: number, indent: number): string {
  const widths = words.map((word) => widthOf(word) + 2).sort((a, b) => a - b);
  const enough = widths[Math.ceil(widths.length * ordinary) - 1] ?? 2;
  const cells = Math.max(1, Math.floor((columns - indent + 2) / enough));
  // Room that is left over is for those that are a little wider.
  const cell = Math.max(enough, Math.min(widths.at(-1) ?? 2, Math.floor((columns - indent + 2) / cells)));
  const rows: string[] = [];
  let row = '';
  let used = 0;
  for (const word of words) {
    const needed = Math.ceil((widthOf(word) + 2) / cell);
    if (used > 0 && used + needed > cells) {
      rows.push(row);
      [row, used] = ['', 0];
    }
    row += padded(word, needed * cell);
    used += needed;
  }
  return [...rows, row].map((each) => `${' '.repeat(indent)}${each.trimEnd()}`).join('\n');
}
