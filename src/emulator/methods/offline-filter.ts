/** Filter and order of the offline methods, as far as the server allows them. */
import type { QueuedEvent } from '../offline-queue.ts';
import { PhpArray, stringOf } from '../php-values.ts';
import type { PhpValue } from '../php-values.ts';
import { argumentError } from '../rest-error.ts';
import { isoSeconds } from '../time-block.ts';

type Field = 'ID' | 'TIMESTAMP_X' | 'EVENT_NAME' | 'MESSAGE_ID';

const readers: Readonly<Record<Field, (item: QueuedEvent) => string | number>> = {
  ID: (item) => item.id,
  TIMESTAMP_X: (item) => Math.floor(item.timestampMs / 1000) * 1000,
  EVENT_NAME: (item) => item.event,
  MESSAGE_ID: (item) => item.messageId,
};

function isField(name: string): name is Field {
  return Object.hasOwn(readers, name);
}

/** Items that satisfy every condition. Operators: none, `=`, `>`, `<`, `>=`, `<=`, `@`, `%`. */
export function filterItems(items: readonly QueuedEvent[], filter: PhpValue | undefined): QueuedEvent[] {
  if (!(filter instanceof PhpArray)) return [...items];
  const tests = [...filter].map(([key, value]) => condition(key, value));
  return items.filter((item) => tests.every((test) => test(item)));
}

function condition(key: string, value: PhpValue): (item: QueuedEvent) => boolean {
  const match = /^(>=|<=|[=><@%]?)([A-Za-z_]+)$/.exec(key);
  const field = (match?.[2] ?? '').toUpperCase();
  if (match === null || !isField(field)) throw argumentError('FILTER', `Field ${key} is not allowed for filtering`);
  const read = readers[field];
  const wanted = value instanceof PhpArray ? [...value.values()].map(asText) : [asText(value)];
  const first = comparable(field, wanted[0] ?? '');
  switch (match[1] ?? '') {
    case '>':
      return (item) => read(item) > first;
    case '<':
      return (item) => read(item) < first;
    case '>=':
      return (item) => read(item) >= first;
    case '<=':
      return (item) => read(item) <= first;
    case '%':
      return (item) =>
        textOf(field, item)
          .toLowerCase()
          .includes((wanted[0] ?? '').toLowerCase());
    default: {
      const all = new Set(wanted.map((one) => comparable(field, one)));
      return (item) => all.has(read(item));
    }
  }
}

function asText(value: PhpValue): string {
  return stringOf(value) ?? '';
}

function comparable(field: Field, text: string): string | number {
  if (field === 'ID') return Number.parseInt(text, 10);
  return field === 'TIMESTAMP_X' ? Date.parse(text) : text;
}

function textOf(field: Field, item: QueuedEvent): string {
  return field === 'TIMESTAMP_X' ? isoSeconds(item.timestampMs) : String(readers[field](item));
}

/** Sorted by the wished fields, then as queued. */
export function sortItems(items: readonly QueuedEvent[], order: PhpValue | undefined): QueuedEvent[] {
  const wishes = order instanceof PhpArray ? [...order] : [];
  const keys = wishes.map(([name, direction]) => {
    const field = name.toUpperCase();
    if (!isField(field)) throw argumentError('ORDER', `Field ${name} is not allowed for sorting`);
    return { read: readers[field], sign: asText(direction).toUpperCase() === 'DESC' ? -1 : 1 };
  });
  return [...items].toSorted((a, b) => {
    for (const { read, sign } of keys) {
      const [left, right] = [read(a), read(b)];
      if (left !== right) return left < right ? -sign : sign;
    }
    return a.id - b.id;
  });
}
