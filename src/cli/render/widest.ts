/** How wide text is on a terminal, where one character can take two columns and another none. */
import widthOfAny from 'fast-string-width';

const plainText = /^[\x20-\x7e]*$/;

/** Columns of a text; nearly every one is a column a character. */
export function widthOf(text: string): number {
  return plainText.test(text) ? text.length : widthOfAny(text);
}

/** Columns of the widest text, 0 for none. A loop, because a call takes only so many arguments and a portal any number of rows. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, widthOf(text)), 0);
}

/** With spaces after it, to be at least so many columns wide. */
export function padded(text: string, columns: number): string {
  return `${text}${' '.repeat(Math.max(0, columns - widthOf(text)))}`;
}

/** The beginning and the end of a text that is too wide, with an ellipsis between; a path says most at its end. */
export function shortened(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const room = Math.max(2, columns - 1);
  if (plainText.test(text)) return `${text.slice(0, Math.ceil(room / 2))}…${text.slice(-Math.floor(room / 2))}`;
  const characters = Array.from(text);
  const head = taken(characters, Math.ceil(room / 2));
  const tail = taken([...characters].reverse(), Math.floor(room / 2));
  return `${head.join('')}…${[...tail].reverse().join('')}`;
}

function taken(characters: readonly string[], columns: number): readonly string[] {
  let width = 0;
  const end = characters.findIndex((character) => {
    width += widthOf(character);
    return width > columns;
  });
  return end === -1 ? characters : characters.slice(0, end);
}
