/** `event.offline.*`: reading, reserving, failing and clearing a connector's queue. */
import { randomBytes } from 'node:crypto';
import type { QueuedEvent } from '../offline-queue.ts';
import { PhpArray, intval } from '../php-values.ts';
import type { PhpValue } from '../php-values.ts';
import { argumentError, missingArgument, systemError } from '../rest-error.ts';
import { hasFeature, isAdmin } from '../state.ts';
import { isoSeconds } from '../time-block.ts';
import { globalMethod, text } from './method.ts';
import type { Caller, Input, Method, MethodAnswer } from './method.ts';
import { filterOf, listFields, orderOf, readFields } from './offline-filter.ts';

const pageSize = 50;
const messageIdLength = 32;

function requireRights(caller: Caller): void {
  if (caller.chain === undefined) throw systemError('WRONG_AUTH_TYPE');
  if (!isAdmin(caller.user)) throw systemError('ACCESS_DENIED');
}

function shown(item: QueuedEvent): Record<string, unknown> {
  return {
    ID: String(item.id),
    TIMESTAMP_X: isoSeconds(item.timestampMs),
    EVENT_NAME: item.event,
    EVENT_DATA: item.data ?? null,
    EVENT_ADDITIONAL: { user_id: item.userId },
    MESSAGE_ID: item.messageId,
  };
}

/** Undefined where none was given; `""` is a process like any other: that of what nobody reserved. */
function processOf(params: PhpArray): string | undefined {
  const value = params.get('process_id') ?? null;
  return value === null ? undefined : text(value).trim();
}

function get(caller: Caller, { params }: Input): MethodAnswer {
  requireRights(caller);
  const { queue } = caller.portal;
  const clears = intval(params.get('clear') ?? 1) !== 0;
  const given = processOf(params);
  if (!clears && !hasFeature(caller.portal, 'rest_offline_extended')) {
    throw systemError(
      'WRONG_LICENSE',
      'This feature is not enabled for the current license: extended offline events handling',
    );
  }
  const limit = intval(params.get('limit') ?? pageSize);
  if (limit <= 0) throw argumentError('LIMIT', 'Value must be positive integer');
  const isWanted = filterOf(params.get('filter'), readFields, given !== undefined);
  const compare = orderOf(params.get('order'), readFields, 'TIMESTAMP_X');
  const wantsErrors = intval(params.get('error')) === 1;
  const chosen = queue
    .of(caller.connector)
    .filter((item) => item.processId === (given ?? '') && item.isError === wantsErrors && isWanted(item))
    .toSorted(compare)
    .slice(0, limit);
  const events = chosen.map(shown);
  if (given === undefined) {
    if (clears) queue.remove(chosen);
    const processId = randomBytes(messageIdLength / 2).toString('hex');
    if (!clears) queue.reserve(chosen, processId);
    return { result: { process_id: clears ? null : processId, events } };
  }
  // The whole process goes, also what lies past the limit; nothing goes when nothing was read.
  if (clears && chosen.length > 0) queue.remove(queue.ofProcess(caller.connector, given));
  return { result: { process_id: given, events } };
}

function list(caller: Caller, { params, start }: Input): MethodAnswer {
  requireRights(caller);
  const isWanted = filterOf(params.get('filter'), listFields, true);
  const compare = orderOf(params.get('order'), listFields, 'ID');
  const all = caller.portal.queue.of(caller.connector).filter(isWanted).toSorted(compare);
  const offset = Math.max(0, start);
  const page = all.slice(offset, offset + pageSize);
  const result = page.map((item) => ({
    ...shown(item),
    PROCESS_ID: item.processId,
    ERROR: item.isError ? '1' : '0',
  }));
  const next = offset + page.length;
  return { result, total: all.length, ...(next < all.length ? { next } : {}) };
}

function requiredProcess(params: PhpArray): string {
  const processId = processOf(params);
  if (processId === undefined) throw missingArgument('PROCESS_ID');
  return processId;
}

function clear(caller: Caller, { params }: Input): MethodAnswer {
  requireRights(caller);
  const { queue } = caller.portal;
  const process = queue.ofProcess(caller.connector, requiredProcess(params));
  const messages = params.get('message_id') ?? null;
  const ids = params.get('id') ?? null;
  if (messages !== null) {
    const wanted = readMessageIds(messages);
    queue.remove(process.filter((item) => wanted.size === 0 || wanted.has(item.messageId)));
  } else if (ids !== null) {
    const wanted = readIds(ids);
    queue.remove(process.filter((item) => wanted.size === 0 || wanted.has(item.id)));
  } else queue.remove(process);
  return { result: true };
}

function readMessageIds(value: PhpValue): ReadonlySet<string> {
  const description = 'Value must be array of MESSAGE_ID values';
  if (!(value instanceof PhpArray)) throw argumentError('message_id', description);
  const ids = [...value.values()].map((one) => text(one).trim());
  // The server misspells the argument here.
  if (ids.some((id) => Array.from(id).length !== messageIdLength)) throw argumentError('messsage_id', description);
  return new Set(ids);
}

function readIds(value: PhpValue): ReadonlySet<number> {
  const description = 'Value must be array of integers';
  if (!(value instanceof PhpArray)) throw argumentError('id', description);
  const ids = [...value.values()].map(intval);
  if (ids.some((id) => id <= 0)) throw argumentError('id', description);
  return new Set(ids);
}

function error(caller: Caller, { params }: Input): MethodAnswer {
  requireRights(caller);
  const processId = requiredProcess(params);
  const messages = params.get('message_id');
  if (!(messages instanceof PhpArray)) {
    throw argumentError('message_id', 'Value must be array of MESSAGE_ID values');
  }
  caller.portal.queue.fail(caller.connector, processId, new Set([...messages.values()].map(text)));
  return { result: true };
}

export const offlineMethods: Readonly<Record<string, Method>> = {
  'event.offline.get': globalMethod(get),
  'event.offline.list': globalMethod(list),
  'event.offline.clear': globalMethod(clear),
  'event.offline.error': globalMethod(error),
};
