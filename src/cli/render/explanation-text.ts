/** What codes mean and what to do about them, for people. */
import type { ResultOf } from '../result.ts';
import { wrapped } from './layout.ts';
import type { Style } from './style.ts';
import { widest } from './widest.ts';

export function explanationText({ rows, isWhole }: ResultOf<'explanation'>, style: Style, columns: number): string {
  if (isWhole) {
    const width = widest(rows.map(({ code }) => code)) + 2;
    return rows.map(({ code, meaning }) => `${style('bold', code.padEnd(width))}${meaning}\n`).join('');
  }
  return rows
    .map(({ code, meaning, cure, url }) => {
      const lines = [...labelled('Meaning', meaning, columns), ...labelled('What to do', cure, columns)];
      return `${style('bold', code)}\n\n${lines.join('\n')}\n\n${url}\n`;
    })
    .join('\n');
}

function labelled(label: string, text: string, columns: number): readonly string[] {
  const width = 'What to do: '.length;
  const [first = '', ...more] = wrapped(`${text}.`, columns - width).split('\n');
  return [`${`${label}:`.padEnd(width)}${first}`, ...more.map((line) => `${' '.repeat(width)}${line}`)];
}
