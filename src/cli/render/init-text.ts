/** What `init` wrote and what comes next, for people. */
import type { Initialised } from '../init/initialised.ts';
import { printable } from '../../core/display.ts';
import type { Style } from './style.ts';
import { widest } from './widest.ts';

export function initText({ files, snippet, next }: Initialised, style: Style): string {
  const width = widest(files.map(({ file }) => file));
  const written = files.map(({ file, action, note }) => {
    const colour = action === 'kept' ? 'dim' : 'green';
    return `${style(colour, action.padEnd(8))}  ${printable(file).padEnd(width)}  ${style('dim', note)}\n`;
  });
  const taken =
    snippet === undefined
      ? ''
      : `\n${printable(snippet.file)} was there already. What was to go into it:\n\n${snippet.text}`;
  const commandWidth = widest(next.map(({ command }) => command));
  const steps = next.map(({ command, why }) => `  ${style('bold', command.padEnd(commandWidth))}  ${why}\n`);
  return `${written.join('')}${taken}${steps.length === 0 ? '' : `\nNext:\n${steps.join('')}`}`;
}
