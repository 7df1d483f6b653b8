/** How wide a column has to be. */

/** Length of the longest text, 0 for none. A loop, because a call takes only so many arguments and a portal any number of rows. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, text.length), 0);
}
