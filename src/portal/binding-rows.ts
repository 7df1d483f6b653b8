/** Rows of `event.get` as bindings. */
import type { Binding } from '../core/binding.ts';
import { isFields, phpFlag, phpInteger, phpList } from './php.ts';

/** Undefined when any row makes no sense: a list that is nearly right would make a handler look missing. */
export function readBindings(result: unknown): readonly Binding[] | undefined {
  const bindings: Binding[] = [];
  const rows = phpList(result);
  if (rows === undefined) return undefined;
  for (const row of rows) {
    const binding = readBinding(row);
    if (binding === undefined) return undefined;
    bindings.push(binding);
  }
  return bindings;
}

/** Offline rows have neither handler nor user (F53), so `offline` has to be looked at first. */
function readBinding(row: unknown): Binding | undefined {
  if (!isFields(row) || typeof row['event'] !== 'string' || row['event'] === '') return undefined;
  const event = row['event'].toUpperCase();
  if (phpFlag(row['offline']) === true) {
    const connector = row['connector_id'] ?? '';
    return typeof connector === 'string' ? { eventType: 'offline', event, authConnector: connector } : undefined;
  }
  const authType = phpInteger(row['auth_type']);
  if (typeof row['handler'] !== 'string' || authType === undefined) return undefined;
  return { eventType: 'online', event, handler: row['handler'], authType };
}
