/** Handler URLs as a reader of a text sees them: masked, shortened in their middle, and never two alike. */
import { type Binding, handlerOf } from '../../core/binding.ts';
import { displayUrl, printable } from '../../core/display.ts';
import { shortened, widthOf } from './widest.ts';

export interface ShortNames {
  /** At most so many columns wide, but where numbers have to tell many apart in very few. */
  of(url: string, columns: number): string;
}

/** Names for the handlers of these bindings. What shortening would make alike is numbered, as is what differs only in what is masked. */
export function shortNames(bindings: readonly Binding[]): ShortNames {
  const masked = new Map<string, string>();
  for (const binding of bindings) {
    const url = handlerOf(binding);
    if (url !== undefined && !masked.has(url)) masked.set(url, printable(displayUrl(url)));
  }
  const whole = distinct(masked, (name) => name);
  const byColumns = new Map<number, ReadonlyMap<string, string>>();
  return {
    of(url, columns) {
      let names = byColumns.get(columns);
      if (names === undefined) {
        names = distinct(whole, (name, room) => shortened(name, columns - room));
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
    const short = shorten(name, 0);
    // What is shortened is held against others as short as it would be with a number behind it.
    const key = short === name ? name : shorten(name, most);
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
