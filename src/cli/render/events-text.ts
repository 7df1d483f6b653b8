/** Events of the catalogue and of a portal, as rows and as text for people. */
import { findEvent, managerOf, scopesOf } from '../../catalog/catalog.ts';
import type { CatalogEvent } from '../../catalog/event.ts';
import { printable } from '../../core/display.ts';
import type { Reading } from '../../core/reading.ts';
import type { Style } from './style.ts';
import { widest } from './widest.ts';

export interface EventRow {
  readonly event: string;
  readonly name?: string;
  readonly scopes?: readonly string[];
  readonly summary?: string;
  readonly deprecated?: true;
  readonly replacedBy?: readonly string[];
  readonly managedBy?: string;
  /** Whether the portal offers it to this application; absent when no portal was asked. */
  readonly offered?: boolean;
  /** How many of its bindings the caller sees; absent when no portal was asked. */
  readonly bound?: number;
}

/** The catalogue's events, then those that only the portal knows, such as the ones of its own smart processes. */
export function eventRows(
  found: readonly CatalogEvent[],
  reading: Pick<Reading, 'offeredEvents' | 'live'> | undefined,
  words: readonly string[],
): readonly EventRow[] {
  const offered = reading?.offeredEvents;
  const bound = new Map<string, number>();
  for (const { event } of reading?.live ?? []) bound.set(event, (bound.get(event) ?? 0) + 1);
  const listed = new Set(found.map(({ code }) => code));
  const wanted = words.map((word) => word.toUpperCase());
  const others = [...new Set([...(offered ?? []), ...bound.keys()])]
    .filter((code) => !listed.has(code) && wanted.every((word) => code.includes(word)))
    .sort();
  const rows = [
    ...found.map((event) => rowOf(event, event.code, isOffered(event, offered))),
    ...others.map((code) => otherRow(code, offered?.has(code))),
  ];
  if (reading === undefined) return rows;
  return rows.map((row) => ({ ...row, bound: bound.get(row.event) ?? 0 }));
}

function isOffered({ code, regex }: CatalogEvent, offered: ReadonlySet<string> | undefined): boolean | undefined {
  if (offered === undefined || regex === undefined) return offered?.has(code);
  const pattern = new RegExp(regex);
  return [...offered].some((candidate) => pattern.test(candidate));
}

function otherRow(code: string, offered: boolean | undefined): EventRow {
  const event = findEvent(code);
  if (event !== undefined) return rowOf(event, code, offered);
  return { event: code, ...(offered === undefined ? {} : { offered }) };
}

function rowOf(event: CatalogEvent, code: string, offered: boolean | undefined): EventRow {
  const { name, summary, deprecated } = event;
  const managedBy = managerOf(code);
  return {
    event: code,
    name,
    scopes: scopesOf(event),
    summary,
    ...(deprecated === undefined ? {} : { deprecated: true, replacedBy: deprecated.replacedBy }),
    ...(managedBy === undefined ? {} : { managedBy }),
    ...(offered === undefined ? {} : { offered }),
  };
}

export function eventsText(rows: readonly EventRow[], style: Style, isPortalKnown: boolean): string {
  if (rows.length === 0) return 'No event fits.\n';
  const width = widest(rows.map(({ event }) => event));
  const lines = rows.map(
    ({
      event,
      scopes = [],
      summary = 'known to this portal only',
      deprecated,
      replacedBy = [],
      managedBy,
      offered,
      bound = 0,
    }) => {
      const mark = offered === undefined ? '' : offered ? style('green', '* ') : '  ';
      const notes = [
        ...(deprecated === true
          ? [`deprecated${replacedBy.length === 0 ? '' : `, use ${replacedBy.join(' or ')}`}`]
          : []),
        ...(managedBy === undefined ? [] : [`bound by the platform: ${managedBy}`]),
      ];
      const live = bound === 0 ? '' : style('green', bound === 1 ? '  [bound]' : `  [bound ${bound} times]`);
      const note = notes.length === 0 ? '' : style('yellow', `  (${notes.join('; ')})`);
      return `${mark}${printable(event).padEnd(width)}  ${style('dim', scopes.join('|').padEnd(12))}  ${summary}${live}${note}`;
    },
  );
  const legend = isPortalKnown ? `${style('green', '*')} offered by this portal to this application\n` : '';
  return `${lines.join('\n')}\n\n${legend}${rows.length} ${rows.length === 1 ? 'event' : 'events'}\n`;
}
