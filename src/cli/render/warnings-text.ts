/** Warnings beside a result, for people: of many that are alike, a few. */
import { printable } from '../../core/display.ts';
import type { PlanWarning } from '../../core/plan.ts';
import { wrapped } from './layout.ts';
import type { Style } from './style.ts';

/** Of one code. */
const most = 3;

export function warningsText(warnings: readonly PlanWarning[], style: Style, columns: number): string {
  const byCode = new Map<string, PlanWarning[]>();
  for (const warning of warnings) {
    const alike = byCode.get(warning.code);
    if (alike === undefined) byCode.set(warning.code, [warning]);
    else alike.push(warning);
  }
  return [...byCode.values()].map((alike) => alikeText(alike, style, columns)).join('\n');
}

/** The hints of one code are the same but for a name: one is enough. */
function alikeText(alike: readonly PlanWarning[], style: Style, columns: number): string {
  const shown = alike.slice(0, most);
  const lines = shown.map(({ code, message }) => {
    const [first = '', ...others] = wrapped(`warning: ${printable(message)}  [${code}]`, columns, 0, 2).split('\n');
    return [first.replace('warning:', style('yellow', 'warning:')), ...others].join('\n');
  });
  if (alike.length > most) lines.push(`  and ${alike.length - most} more of these`);
  const hint = shown[0]?.hint;
  return [...lines, ...(hint === undefined ? [] : [wrapped(printable(hint), columns, 2)])].join('\n');
}
