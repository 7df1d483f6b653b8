/** How a command can end, and with which exit code; needs nothing, so that a Node.js that is too old can be told. */

/** How a command ended. */
export type Ending = 'done' | 'failed' | 'changes' | 'half-way' | 'refused' | 'interrupted';

const codes: Readonly<Record<Ending, number>> = {
  done: 0,
  failed: 1,
  changes: 2,
  'half-way': 3,
  refused: 4,
  interrupted: 130,
};

export function exitCode(ending: Ending): number {
  return codes[ending];
}
