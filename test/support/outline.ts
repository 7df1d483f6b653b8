/** A plan or a report as lines of text, so that a test can compare the whole of it at a glance. */
import type { Binding } from '../../src/core/binding.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { ChangeResult } from '../../src/core/report.ts';

export function nameOf(binding: Binding): string {
  const options = binding.options === undefined ? '' : ` ${JSON.stringify(binding.options)}`;
  return binding.eventType === 'online'
    ? `${binding.event} ${binding.handler} as ${binding.authType}${options}`
    : `${binding.event} offline '${binding.authConnector}'${options}`;
}

/** Every change, blocked change and kept row, in the plan's own order, with its reason. */
export function outline({ changes, blocked, kept }: Plan): readonly string[] {
  const rows = (item: { readonly rows?: number }): string => (item.rows === undefined ? '' : ` [${item.rows} rows]`);
  return [
    ...changes.map((change) => {
      const after = change.dependsOn.length === 0 ? '' : ` after ${change.dependsOn.join(', ')}`;
      return `${change.id}: ${change.action} ${nameOf(change.binding)}${rows(change)}${after} -- ${change.reason}`;
    }),
    ...blocked.map(
      (item) => `${item.id} (${item.state}): ${item.action} ${nameOf(item.binding)}${rows(item)} -- ${item.reason}`,
    ),
    ...kept.map(({ binding, verdict, reason }) => `keep (${verdict}): ${nameOf(binding)} -- ${reason}`),
  ];
}

export function resultLines(results: readonly ChangeResult[]): readonly string[] {
  return results.map(
    ({ id, status, binding, message }) =>
      `${id}: ${status} ${nameOf(binding)}${message === undefined ? '' : ` -- ${message}`}`,
  );
}
