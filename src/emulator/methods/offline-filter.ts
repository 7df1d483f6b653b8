/** Filter and order of the offline methods, as far as the server allows them. */
import type { QueuedEvent } from '../offline-queue.ts';
import { PhpArray, stringOf } from '../php-values.ts';
import type { PhpValue } from '../php-values.ts';
import { RestError, argumentError } from '../rest-error.ts';
import { isoSeconds } from '../time-block.ts';
import { text } from './method.ts';

export type Field = 'ID' | 'TIMESTAMP_X' | 'EVENT_NAME' | 'MESSAGE_ID' | 'PROCESS_ID' | 'ERROR';

/** What reading a queue may be filtered and ordered by. */
export const readFields: readonly Field[] = ['ID', 'TIMESTAMP_X', 'EVENT_NAME', 'MESSAGE_ID'];
/** The same for listing it. */
export const listFields: readonly Field[] = [...readFields, 'PROCESS_ID', 'ERROR'];

const readers: Readonly<Record<Field, (item: QueuedEvent) => string | number>> = {
  ID: (item) => item.id,
  TIMESTAMP_X: (item) => Math.floor(item.timestampMs / 1000) * 1000,
  EVENT_NAME: (item) => item.event,
  MESSAGE_ID: (item) => item.messageId,
  PROCESS_ID: (item) => item.processId,
  ERROR: (item) => (item.isError ? 1 : 0),
};

const operators = new Set(['', '=', '>', '<', '>=', '<=', '@', '%']);

type Test = (item: QueuedEvent) => boolean;

/** Alone among the argument errors, those of filter and order name no argument. */
function refused(description: string): RestError {
  return new RestError(400, 'ERROR_ARGUMENT', description);
}

/** Does an item satisfy every condition? `hasLists`: several values per condition are allowed. */
export function filterOf(filter: PhpValue | undefined, fields: readonly Field[], hasLists: boolean): Test {
  if (filter === undefined || filter === null) return () => true;
  if (!(filter instanceof PhpArray)) throw refused('The filter is not an array.');
  const conditions = [...filter].map(([key, value]) => ({ ...readCondition(key, fields), key, value }));
  const tests = conditions.map(({ field, operator, key, value }) => {
    if (value instanceof PhpArray && !hasLists) {
      const name = key.toUpperCase();
      throw argumentError(name, `The value of an argument '${name}' has an invalid type`);
    }
    return testOf(field, operator, value);
  });
  return (item) => tests.every((test) => test(item));
}

function readCondition(key: string, fields: readonly Field[]): { field: Field; operator: string } {
  const [, operator = '', name = ''] = /^([^A-Za-z]*)(.*)/.exec(key.toUpperCase()) ?? [];
  if (!operators.has(operator)) throw refused(`Filter operation not allowed: ${operator}`);
  const field = fields.find((known) => known === name);
  if (field === undefined) throw refused(`Filter field not allowed: ${name}`);
  return { field, operator };
}

function testOf(field: Field, operator: string, value: PhpValue): Test {
  const read = readers[field];
  const wanted = value instanceof PhpArray ? [...value.values()].map(asText) : [asText(value)];
  const [first = ''] = wanted;
  const compared = comparable(field, first);
  switch (operator) {
    case '>':
      return (item) => read(item) > compared;
    case '<':
      return (item) => read(item) < compared;
    case '>=':
      return (item) => read(item) >= compared;
    case '<=':
      return (item) => read(item) <= compared;
    case '%':
      return (item) => textOf(field, item).toLowerCase().includes(first.toLowerCase());
    default: {
      const all = new Set(wanted.map((one) => comparable(field, one)));
      return (item) => all.has(read(item));
    }
  }
}

function asText(value: PhpValue): string {
  return stringOf(value) ?? '';
}

function comparable(field: Field, value: string): string | number {
  if (field === 'ID' || field === 'ERROR') return Number.parseInt(value, 10);
  return field === 'TIMESTAMP_X' ? Date.parse(value) : value;
}

function textOf(field: Field, item: QueuedEvent): string {
  return field === 'TIMESTAMP_X' ? isoSeconds(item.timestampMs) : String(readers[field](item));
}

type Compare = (one: QueuedEvent, other: QueuedEvent) => number;

/** The wished fields one after another, `standard` where none is wished, then as queued. */
export function orderOf(order: PhpValue | undefined, fields: readonly Field[], standard: Field): Compare {
  if (order !== undefined && order !== null && !(order instanceof PhpArray))
    throw refused('The order is not an array.');
  const wishes = order instanceof PhpArray ? [...order].map(([key, value]) => readWish(key, value, fields)) : [];
  const keys = order instanceof PhpArray ? wishes : [{ read: readers[standard], sign: 1 }];
  return (one, other) => {
    for (const { read, sign } of keys) {
      const [left, right] = [read(one), read(other)];
      if (left !== right) return left < right ? -sign : sign;
    }
    return one.id - other.id;
  };
}

interface Wish {
  readonly read: (item: QueuedEvent) => string | number;
  readonly sign: 1 | -1;
}

/** `{"ID": "DESC"}`, or the bare field of a list. */
function readWish(key: string, value: PhpValue, fields: readonly Field[]): Wish {
  const isListed = /^-?[0-9]+$/.test(key);
  const name = isListed ? asText(value) : key.toUpperCase();
  const field = fields.find((known) => known === name);
  if (field === undefined) throw refused(`Order field not allowed: ${name}`);
  const direction = isListed ? 'ASC' : text(value).toUpperCase();
  if (direction !== 'ASC' && direction !== 'DESC') throw refused('Order direction should be one of {ASC|DESC}');
  return { read: readers[field], sign: direction === 'DESC' ? -1 : 1 };
}
