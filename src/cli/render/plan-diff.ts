/** A plan as a unified diff of two YAML lists: what is live against what would be. */
import { createTwoFilesPatch } from 'diff';
import { stringify } from 'yaml';
import { bindingToJson } from '../../core/documents.ts';
import { type Binding, compareBindings, handlerOf, keyOf } from '../../core/binding.ts';
import { printable } from '../../core/display.ts';
import type { Plan } from '../../core/plan.ts';
import type { Style } from './style.ts';
import { shortNames } from './url-names.ts';

/** Empty when nothing would change. */
export function planDiff(plan: Plan, style: Style): string {
  const removed = new Set(plan.changes.filter(({ action }) => action !== 'bind').map(({ binding }) => keyOf(binding)));
  const added = plan.changes.filter(({ action }) => action !== 'unbind').map(({ binding }) => binding);
  const after = [...plan.live.filter((binding) => !removed.has(keyOf(binding))), ...added].sort(compareBindings);
  const names = shortNames([...plan.live, ...after]);
  const urlText = (url: string): string => names.of(url, Number.POSITIVE_INFINITY);
  const before = listText(plan.live, urlText);
  const wanted = listText(after, urlText);
  if (before === wanted) return '';
  return createTwoFilesPatch('live', 'desired', before, wanted, undefined, undefined, { context: 3 })
    .split('\n')
    .filter((line) => !line.startsWith('====='))
    .map((line) => paint(line, style))
    .join('\n');
}

function listText(bindings: readonly Binding[], urlText: (url: string) => string): string {
  if (bindings.length === 0) return '';
  const items = bindings.map((binding) => {
    const json = bindingToJson(binding, 'display');
    const handler = handlerOf(binding);
    return handler === undefined ? json : { ...json, handler: urlText(handler) };
  });
  return stringify(items, { lineWidth: 0 });
}

function paint(line: string, style: Style): string {
  const text = printable(line);
  if (line.startsWith('+')) return style('green', text);
  if (line.startsWith('-')) return style('red', text);
  return line.startsWith('@@') ? style('cyan', text) : text;
}
