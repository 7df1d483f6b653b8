/** What a doctor found, for people: one thing a line, how to mend it below, the verdict last. */
import type { Check, CheckStatus, Verdict } from '../doctor/check.ts';
import type { ResultOf } from '../result.ts';
import { printable } from '../../core/display.ts';
import { wrapped } from './layout.ts';
import type { Style } from './style.ts';

const colours = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const;

const statusWidth = 9;

const verdicts: Readonly<Record<Verdict, string>> = {
  ok: 'All is well.',
  warning: 'It works; the warnings are worth a look.',
  failed: 'What failed has to be mended.',
};

export function doctorText({ verdict, checks }: ResultOf<'diagnosis'>, style: Style, columns: number): string {
  const lines = checks.map((check) => checkText(check, style, columns));
  const counts = (['ok', 'warning', 'failed', 'skipped'] as const).flatMap((status) => {
    const count = checks.filter((check) => check.status === status).length;
    return count === 0 ? [] : [`${count} ${word(status, count)}`];
  });
  return `${lines.join('')}\n${style('bold', style(colours[verdict], verdicts[verdict]))} ${counts.join(', ')}\n`;
}

function checkText({ code, status, message, hint }: Check, style: Style, columns: number): string {
  const indent = ' '.repeat(statusWidth);
  const [first = '', ...more] = linesOf(`${printable(message)}  [${code}]`, columns);
  const rest = [...more, ...(hint === undefined ? [] : linesOf(`-> ${printable(hint)}`, columns))];
  return `${style(colours[status], status.padEnd(statusWidth))}${first}\n${rest.map((line) => `${indent}${line}\n`).join('')}`;
}

function linesOf(text: string, columns: number): readonly string[] {
  return wrapped(text, columns - statusWidth).split('\n');
}

function word(status: CheckStatus, count: number): string {
  return status === 'warning' && count > 1 ? 'warnings' : status;
}
