/** Handler URLs as a reader sees them: masked, shortened in their middle, and never two alike. */
import { displayUrl, printable } from '../../core/display.ts';
import { shortened, widthOf } from './widest.ts';

export interface UrlNames {
  /** At most so many columns wide, but where numbers have to tell many apart in very few. */
  of(url: string, columns: number): string;
}

/**
 * Names for these URLs. What differs only in what is masked is numbered, in order of appearance; so is what shortening would make
 * alike.
 */
export function urlNames(urls: Iterable<string>): UrlNames {
  const masked = new Map<string, string>();
  for (const url of urls) if (!masked.has(url)) masked.set(url, printable(displayUrl(url)));
  const numbered = distinct(masked, (name) => name);
  const byColumns = new Map<number, ReadonlyMap<string, string>>();
  return {
    of(url, columns) {
      let names = byColumns.get(columns);
      if (names === undefined) {
        names = distinct(numbered, (name, room) => shortened(name, columns - room));
        byColumns.set(columns, names);
      }
      return names.get(url) ?? shortened(printable(displayUrl(url)), columns);
    },
  };
}

/** @param shorten leaves that much room for a number */
function distinct(
  names: ReadonlyMap<string, string>,
  shorten: (name: string, room: number) => string,
): ReadonlyMap<string, string> {
  const most = ` (${names.size})`.length;
  const alike = new Map<string, string[]>();
  for (const [url, name] of names) {
    const whole = shorten(name, 0);
    // What is shortened is held against others as short as it would be with a number behind it.
    const key = whole === name ? name : shorten(name, most);
    const urls = alike.get(key);
    if (urls === undefined) alike.set(key, [url]);
    else urls.push(url);
  }
  const result = new Map<string, string>();
  for (const urls of alike.values()) {
    for (const [index, url] of urls.entries()) {
      const name = names.get(url) ?? '';
      const number = ` (${index + 1})`;
      result.set(url, urls.length === 1 ? shorten(name, 0) : `${shorten(name, widthOf(number))}${number}`);
    }
  }
  return result;
}
