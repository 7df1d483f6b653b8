/** Bindings for people, in sections: what is to be done with them, where to, and why, each said once. */
import type { Binding } from '../../core/binding.ts';
import { printable } from '../../core/display.ts';
import { targetOf } from '../../core/moves.ts';
import { optionsJson, targetText } from './binding-text.ts';
import { inColumns, wrapped } from './layout.ts';
import type { Style } from './style.ts';
import type { ShortNames } from './url-names.ts';
import { padded, widest, widthOf } from './widest.ts';

const marks = {
  move: { sign: '>', verb: 'move', colour: 'yellow' },
  bind: { sign: '+', verb: 'bind', colour: 'green' },
  rebind: { sign: '~', verb: 'rebind', colour: 'yellow' },
  unbind: { sign: '-', verb: 'unbind', colour: 'red' },
  'blocked-bind': { sign: '!', verb: 'bind', colour: 'red' },
  'blocked-rebind': { sign: '!', verb: 'rebind', colour: 'red' },
  'blocked-unbind': { sign: '!', verb: 'unbind', colour: 'red' },
  keep: { sign: '=', verb: 'keep', colour: 'dim' },
} as const;

export type Mark = keyof typeof marks;

/** One binding, or one that takes the place of another. */
export interface Item {
  readonly binding: Binding;
  readonly from?: Binding;
  /** How many live rows it stands for, when that is more than one. */
  readonly rows?: number | undefined;
}

export interface Section {
  readonly mark: Mark;
  readonly items: readonly Item[];
  /** Said once, below them. */
  readonly reason?: string | undefined;
  /** How many events of one target are named; undefined for all. */
  readonly mostEvents?: number | undefined;
}

export interface Layout {
  readonly style: Style;
  readonly columns: number;
  readonly names: ShortNames;
}

/** Column of what hangs below a row: its events, its options, the reason. */
const hanging = 6;

/** Labels wider than this do not push everybody's targets to the right. */
const widestLabel = 34;

/** A reason that names the event of its row would be another one for every row. */
export function ofEvent(reason: string, { event }: Binding): string {
  return reason.replaceAll(event, 'it');
}

/** Items by what one has to say of them, in order of appearance. */
export function sectionsOf<T>(
  values: readonly T[],
  describe: (value: T) => Omit<Section, 'items'> & { readonly item: Item },
): readonly Section[] {
  const sections = new Map<string, { readonly section: Omit<Section, 'items'>; readonly items: Item[] }>();
  for (const value of values) {
    const { item, ...section } = describe(value);
    const key = `${section.mark} ${section.reason ?? ''}`;
    const known = sections.get(key);
    if (known === undefined) sections.set(key, { section, items: [item] });
    else known.items.push(item);
  }
  return [...sections.values()].map(({ section, items }) => ({ ...section, items }));
}

/** Rows of many events first, each with its events below; then the single ones as a table; the reason last. */
export function sectionText({ mark, items, reason, mostEvents = items.length }: Section, layout: Layout): string {
  const groups = byTarget(items);
  const many = groups.filter(({ events }) => events.length > 1);
  const single = groups.filter(({ events }) => events.length === 1);
  const labelColumns = Math.min(widestLabel, widest(single.map(labelOf)));
  const lines = [
    ...many.map((group) => manyText(mark, group, mostEvents, layout)),
    ...single.map((group) => singleText(mark, group, labelColumns, layout)),
  ];
  if (reason !== undefined) {
    lines.push(layout.style('dim', wrapped(printable(reason), layout.columns, hanging)));
  }
  return lines.join('\n');
}

interface Group extends Item {
  /** Each as it is shown, for one target. */
  readonly events: readonly string[];
}

function byTarget(items: readonly Item[]): readonly Group[] {
  const groups = new Map<string, { readonly item: Item; readonly rows: Map<string, number> }>();
  for (const item of items) {
    const { binding, from, rows = 1 } = item;
    const key = `${from === undefined ? '' : targetOf(from)} ${targetOf(binding)}`;
    const group = groups.get(key) ?? { item, rows: new Map<string, number>() };
    groups.set(key, group);
    group.rows.set(binding.event, (group.rows.get(binding.event) ?? 0) + rows);
  }
  return [...groups.values()].map(({ item, rows }) => ({
    ...item,
    events: [...rows].map(([event, count]) => `${printable(event)}${count === 1 ? '' : ` (${count} rows)`}`),
  }));
}

function labelOf({ events: [event = ''] }: Group): string {
  return `${event}:`;
}

function manyText(mark: Mark, group: Group, mostEvents: number, layout: Layout): string {
  const { events } = group;
  const row = rowText(mark, `${events.length} events:`, 0, group, layout);
  const rest = events.length - mostEvents;
  const more = rest > 0 ? `\n${' '.repeat(hanging)}and ${rest} more; --verbose names them` : '';
  return `${row}\n${inColumns(events.slice(0, mostEvents), layout.columns, hanging)}${more}`;
}

function singleText(mark: Mark, group: Group, labelColumns: number, layout: Layout): string {
  return rowText(mark, labelOf(group), labelColumns, group, layout);
}

function rowText(mark: Mark, label: string, labelColumns: number, group: Group, layout: Layout): string {
  const { sign, verb, colour } = marks[mark];
  const { style, columns } = layout;
  const start = `  ${sign} ${padded(verb, 6)}  ${padded(label, labelColumns)} `;
  const options = optionsJson(group.binding);
  const below = options === undefined ? '' : `\n${style('dim', wrapped(`options ${options}`, columns, hanging))}`;
  return `${style(colour, `${start}${targetsText(group, widthOf(start), layout)}`)}${below}`;
}

/** On the same line where they fit, the new target below the old one where not. */
function targetsText({ binding, from }: Item, column: number, { columns, names }: Layout): string {
  // Few different widths in a whole text, because each needs names of its own.
  const room = Math.max(30, columns - Math.max(column, 22));
  const to = targetText(binding, names, room);
  if (from === undefined) return to;
  const old = targetText(from, names, room);
  const isShort = column + widthOf(old) + 4 + widthOf(to) <= columns;
  return isShort ? `${old} -> ${to}` : `${old}\n${' '.repeat(Math.max(0, column - 3))}-> ${to}`;
}
