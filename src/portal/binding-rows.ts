/** Rows of `event.get` as bindings, and those that no binding can be made of. */
import { type Binding, largestUserId } from '../core/binding.ts';
import type { StrangeRow } from '../core/reading.ts';
import { isFields, phpFlag, phpInteger, phpList } from './php.ts';
import { portalText } from './portal-text.ts';

export interface LiveRows {
  readonly bindings: readonly Binding[];
  readonly strange: readonly StrangeRow[];
}

/** Undefined when it is no list at all: then nothing is known of what is bound. */
export function readRows(result: unknown): LiveRows | undefined {
  const rows = phpList(result);
  if (rows === undefined) return undefined;
  const bindings: Binding[] = [];
  const strange: StrangeRow[] = [];
  for (const row of rows) {
    const binding = readBinding(row);
    if (binding === undefined) strange.push(strangeRow(row));
    else bindings.push(binding);
  }
  return { bindings, strange };
}

/** Offline rows have neither handler nor user (F53), so `offline` has to be looked at first. */
function readBinding(row: unknown): Binding | undefined {
  if (!isFields(row) || !isText(row['event']) || row['event'] === '') return undefined;
  const event = row['event'].toUpperCase();
  if (phpFlag(row['offline']) === true) {
    const connector = row['connector_id'] ?? '';
    return isText(connector) ? { eventType: 'offline', event, authConnector: connector } : undefined;
  }
  const authType = phpInteger(row['auth_type']);
  if (!isText(row['handler']) || authType === undefined) return undefined;
  if (authType < 0 || authType > largestUserId) return undefined;
  return { eventType: 'online', event, handler: row['handler'], authType };
}

/** Half a surrogate pair, which JSON can carry, has no form as a parameter: such a row could never be named to the portal. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !/\p{Cs}/u.test(value);
}

function strangeRow(row: unknown): StrangeRow {
  if (!isFields(row)) return { event: '', text: shown(row) };
  const fields = Object.entries(row).map(([name, value]) => `${name} ${shown(value)}`);
  return {
    event: portalText(row['event'], []).toUpperCase(),
    text: portalText(fields.join(', '), []) || 'no fields',
  };
}

/** Never deeper than the value itself: a portal decides how deep its answers are. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return '[…]';
  if (typeof value === 'object' && value !== null) return '{…}';
  // What was read of such a number is not what the portal wrote.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return `about ${value}`;
  return value === '' ? "''" : portalText(String(value), []);
}
