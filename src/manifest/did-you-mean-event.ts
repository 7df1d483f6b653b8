/** Finds the event that somebody probably meant, within its family: a deal is never taken for a lead. */
import { distance } from 'fastest-levenshtein';
import type { CatalogEvent } from '../catalog/event.ts';

/** Letters that may be wrong anywhere, whatever word they are in. */
const slips = 2;

/**
 * The nearest event that differs in a slip or two, or in one of the words of its name alone, and there in half of the letters at most.
 *
 * @param code - Upper case.
 */
export function nearestEvent(code: string, events: readonly CatalogEvent[]): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const event of events) {
    const steps = distance(code, event.code);
    if (steps >= least || !(steps <= slips || isOneWordOff(code, wordsOf(event)))) continue;
    [best, least] = [event.code, steps];
  }
  return best;
}

/** `OnCrmDealAdd` is On, Crm, Deal, Add; names with dots are made of their parts. */
function wordsOf({ name }: CatalogEvent): readonly string[] {
  return (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^A-Za-z]+/g) ?? []).map((word) => word.toUpperCase());
}

function isOneWordOff(code: string, words: readonly string[]): boolean {
  return words.some((word, index) => {
    const before = words.slice(0, index).join('');
    const after = words.slice(index + 1).join('');
    if (!code.startsWith(before) || !code.endsWith(after) || code.length < before.length + after.length) return false;
    const middle = code.slice(before.length, code.length - after.length);
    return distance(middle, word) <= Math.floor(word.length / 2);
  });
}
