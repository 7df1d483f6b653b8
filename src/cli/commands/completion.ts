/** `bitrix-events completion`: the script that completes command lines in a shell. */
import { scriptFor } from '../completion/script.ts';
import { shells } from '../completion/shells.ts';
import type { Outcome } from '../result.ts';

/** @param name one of the shells; the command line takes no other */
export function completion(name: string): Outcome {
  const shell = shells.find((known) => known === name);
  if (shell === undefined) throw new RangeError(`no such shell: ${name}`);
  return { result: { kind: 'script', shell, text: scriptFor(shell) }, ending: 'done' };
}
