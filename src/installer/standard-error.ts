/** Writes to the standard error of whatever process the installer runs in: its default log, and besides the command line all that writes. */
import { writeSync } from 'node:fs';

const descriptor = 2;

/**
 * To the descriptor, not to `process.stderr`: that stream would tell the whole application of a reader that went away, as an
 * error nobody handles. Never throws: a closed pipe and a full disk take nothing but the text, and one that is free again gets the next.
 */
export function writeToStandardError(text: string): void {
  try {
    let rest: Uint8Array = Buffer.from(text);
    while (rest.byteLength > 0) rest = rest.subarray(writeSync(descriptor, rest));
  } catch {
    // Nobody reads it, and there is nobody else to tell.
  }
}
