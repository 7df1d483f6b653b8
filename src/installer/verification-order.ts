/** Who has an access token verified first, when more ask than may at a time. */

/**
 * What is known before the authorisation server is asked. `proven`: the event carries the application token of an installation.
 * `known`: there is an installation with this `member_id`, which anybody may name. `new`: there is none.
 */
export type Standing = 'proven' | 'known' | 'new';

/**
 * A proof goes first. The other two take turns, so that a flood in the name of invented portals delays no known one,
 * and a flood in the name of a known portal keeps no new one out.
 * @param waiting in the order in which they came
 * @param last which of the two had the last turn
 * @returns the place of the one that is next
 */
export function nextInLine(waiting: readonly Standing[], last: 'known' | 'new'): number {
  const order: readonly Standing[] = last === 'known' ? ['proven', 'new', 'known'] : ['proven', 'known', 'new'];
  const places = order.map((standing) => waiting.indexOf(standing));
  return places.find((place) => place !== -1) ?? 0;
}
