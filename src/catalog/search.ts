/** Finds events by words that people type, English or Russian. */
import { findEvent, scopesOf } from './catalog.ts';
import type { CatalogEvent } from './event.ts';
import { events } from './events.ts';
import { russianWords } from './russian.ts';

/** So much of a Russian word has to be typed before a longer one is thought of. */
const shortestStart = 3;

/** `комментарий к задаче`: prepositions occur in no event. */
const prepositions = /^([а-яё]{1,2}|для|при)$/;

/**
 * The events in whose code, name, scopes or summary every word of the text occurs, in any letter case. A Russian word, in whatever
 * form, stands for the English one: `сделка`, `создание сделки`.
 */
export function searchEvents(text: string): readonly CatalogEvent[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const tests = words.filter((word) => !prepositions.test(word)).map(testFor);
  return events.filter((event) => tests.every((fits) => fits(event)));
}

function testFor(word: string): (event: CatalogEvent) => boolean {
  if (!/[а-яё]/.test(word)) return (event) => textOf(event).includes(word) || findEvent(word.toUpperCase()) === event;
  const meanings = meaningsOf(word);
  return (event) => meanings.some((meaning) => meaning.test(wordsOf(event)));
}

function meaningsOf(word: string): readonly RegExp[] {
  const plain = word.replaceAll('ё', 'е');
  const fits = (stem: string): boolean =>
    plain.startsWith(stem) || (plain.length >= shortestStart && stem.startsWith(plain));
  return russianWords.filter(({ stems }) => stems.some(fits)).map(({ means }) => means);
}

function textOf(event: CatalogEvent): string {
  return [event.name, ...scopesOf(event), event.summary].join('\n').toLowerCase();
}

/** `onCrmDealAdd` as `on crm deal add`. */
function wordsOf(event: CatalogEvent): string {
  const name = event.name.replace(/(?<=[a-z\d])(?=[A-Z])/g, ' ').replaceAll('.', ' ');
  return [name, ...scopesOf(event), event.summary].join('\n').toLowerCase();
}
