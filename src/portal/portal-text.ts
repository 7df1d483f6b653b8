/** Makes texts of a portal fit for a terminal and a log: one short line, no control characters, no secret, no URL's query. */
import { displayUrl, printable } from '../core/display.ts';

const maxLength = 200;

/** @param secrets texts that must not survive, such as the token that was sent: a portal may quote what it refuses. */
export function portalText(text: unknown, secrets: readonly (string | undefined)[]): string {
  let line = typeof text === 'string' ? text : '';
  for (const secret of secrets) if (secret !== undefined && secret !== '') line = line.replaceAll(secret, '…');
  line = line
    .replace(/https?:\/\/\S+/gi, displayUrl)
    // Tokens and secrets that nobody here knows of, such as those of another call; no word is that long.
    .replace(/(?=[\w-]*\d)[\w-]{32,}/g, '…')
    .replace(/\s+/gu, ' ')
    .trim();
  return printable(line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line);
}
