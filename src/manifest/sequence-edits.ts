/** Removes items from a YAML list and adds some, as edits of its text that leave every other byte alone. */
import { isAlias, isCollection, isMap, isScalar, isSeq, type YAMLSeq } from 'yaml';
import { type Entry, entryJson, entryLines } from './binding-text.ts';

/** Puts `text` where the characters from `start` to before `end` were. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function applyEdits(text: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((current, { start, end, text: insert }) => current.slice(0, start) + insert + current.slice(end), text);
}

/**
 * Takes out the items of these indexes. Comments on lines of their own stay, those on the lines of a removed item go.
 * A list that would be left empty is written as `[]`.
 */
export function removeItems(text: string, list: YAMLSeq, removed: ReadonlySet<number>): readonly Edit[] {
  if (removed.size === 0) return [];
  return list.flow === true ? removeFlowItems(text, list, removed) : removeBlockItems(text, list, removed);
}

/** Adds entries behind the items that stay. `removed` are the items that {@link removeItems} takes out at the same time. */
export function appendEntries(
  text: string,
  list: YAMLSeq,
  removed: ReadonlySet<number>,
  entries: readonly Entry[],
): readonly Edit[] {
  if (entries.length === 0) return [];
  const newline = newlineOf(text);
  const start = startOf(list);
  if (list.flow !== true) {
    const indent = ' '.repeat(columnOf(text, dashOffsets(list)[0] ?? start));
    const lines = entries.flatMap(entryLines).map((line) => indent + line + newline);
    const at = lineEnd(text, contentEnd(list.items.at(-1)));
    return [{ start: at, end: at, text: (text[at - 1] === '\n' ? '' : newline) + lines.join('') }];
  }
  const lastKept = list.items.findLast((_item, index) => !removed.has(index));
  const first = list.items[0];
  const isOnOwnLine = first !== undefined && text.slice(lineStart(text, startOf(first)), startOf(first)).trim() === '';
  const separator = isOnOwnLine ? newline + ' '.repeat(columnOf(text, startOf(first))) : ' ';
  const added = entries.map(entryJson);
  if (lastKept !== undefined) {
    const at = contentEnd(lastKept);
    return [{ start: at, end: at, text: added.map((entry) => `,${separator}${entry}`).join('') }];
  }
  // Before the bracket: the edit that removes everything ends there.
  const at = (list.range?.[1] ?? start) - 1;
  const close = isOnOwnLine ? newline + ' '.repeat(indentOf(text, at)) : '';
  return [{ start: at, end: at, text: (isOnOwnLine ? separator : '') + added.join(`,${separator}`) + close }];
}

/** Writes `[]` behind the key of a block list whose items are all taken out. */
export function emptyBlock(text: string, key: unknown): Edit {
  const at = afterColon(text, key);
  return { start: at, end: at, text: ' []' };
}

/** Puts entries in block style in the place of a flow list of which nothing stays. */
export function fillEmpty(text: string, list: YAMLSeq, key: unknown, entries: readonly Entry[]): readonly Edit[] {
  const newline = newlineOf(text);
  const listEnd = list.range?.[1] ?? 0;
  const at = lineEnd(text, listEnd);
  const indent = ' '.repeat(columnOf(text, startOf(key)) + 2);
  // Comments on lines of their own stay, as they do where single items go.
  const comments = text.slice(startOf(list), listEnd).match(/^[^\S\n]*#.*$/gm) ?? [];
  const kept = comments.map((comment) => comment.trim());
  const lines = [...kept, ...entries.flatMap(entryLines)].map((line) => indent + line + newline);
  return [
    { start: afterColon(text, key), end: listEnd, text: '' },
    { start: at, end: at, text: (text[at - 1] === '\n' ? '' : newline) + lines.join('') },
  ];
}

function afterColon(text: string, key: unknown): number {
  return text.indexOf(':', contentEnd(key)) + 1;
}

function removeBlockItems(text: string, list: YAMLSeq, removed: ReadonlySet<number>): readonly Edit[] {
  const dashes = dashOffsets(list);
  return list.items.flatMap((item, index) => {
    const dash = dashes[index];
    if (!removed.has(index) || dash === undefined) return [];
    return [{ start: lineStart(text, dash), end: lineEnd(text, contentEnd(item)), text: '' }];
  });
}

function removeFlowItems(text: string, list: YAMLSeq, removed: ReadonlySet<number>): readonly Edit[] {
  const { items } = list;
  const lastKept = items.findLastIndex((_item, index) => !removed.has(index));
  if (lastKept < 0) return [{ start: startOf(list) + 1, end: (list.range?.[1] ?? 0) - 1, text: '' }];
  const edits = items.slice(0, lastKept).flatMap((item, index) => {
    if (!removed.has(index)) return [];
    const start = startOf(item);
    const end = startOf(items[index + 1]);
    const behind = /^[^\S\n]*,[^\S\n]*(?:#[^\n]*)?\n/.exec(text.slice(contentEnd(item), end));
    const isOnOwnLine = text.slice(lineStart(text, start), start).trim() === '';
    return behind !== null && isOnOwnLine
      ? [{ start: lineStart(text, start), end: contentEnd(item) + behind[0].length, text: '' }]
      : [{ start, end, text: '' }];
  });
  if (lastKept === items.length - 1) return edits;
  return [...edits, { start: contentEnd(items[lastKept]), end: contentEnd(items.at(-1)), text: '' }];
}

/** Where the dashes of a block list stand; the tokens are there because the document was parsed with them. */
function dashOffsets(list: YAMLSeq): readonly (number | undefined)[] {
  const token = list.srcToken;
  if (token?.type !== 'block-seq') return [];
  return token.items.map(({ start }) => start.find(({ type }) => type === 'seq-item-ind')?.offset);
}

function startOf(node: unknown): number {
  return (isScalar(node) || isCollection(node) || isAlias(node) ? node.range?.[0] : undefined) ?? 0;
}

/** Where the last character of a node ends; the range of a block collection may reach beyond, into what follows it. */
function contentEnd(node: unknown): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return last === undefined ? startOf(node) : Math.max(contentEnd(last.key), contentEnd(last.value));
  }
  if (isSeq(node) && node.flow !== true) return Math.max(startOf(node), contentEnd(node.items.at(-1)));
  return (isScalar(node) || isCollection(node) || isAlias(node) ? node.range?.[1] : undefined) ?? 0;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Behind the line break; a block scalar already ends there. */
function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === '\n') return offset;
  const newline = text.indexOf('\n', offset);
  return newline < 0 ? text.length : newline + 1;
}

function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

function indentOf(text: string, offset: number): number {
  return /^ */.exec(text.slice(lineStart(text, offset)))?.[0].length ?? 0;
}

function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
