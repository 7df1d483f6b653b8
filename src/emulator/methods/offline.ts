/** `event.offline.*`: reading, reserving, failing and clearing a connector's queue. */
import { randomBytes } from 'node:crypto';
import type { QueuedEvent } from '../offline-queue.ts';
import { PhpArray, intval, stringOf, truthy } from '../php-values.ts';
import type { PhpValue } from '../php-values.ts';
import { RestError, argumentError, missingArgument, systemError } from '../rest-error.ts';
import { isAdmin } from '../state.ts';
import { isoSeconds } from '../time-block.ts';
import { globalMethod, text } from './method.ts';
import type { Caller, Method, MethodAnswer } from './method.ts';
import { filterItems, sortItems } from './offline-filter.ts';

const pageSize = 50;

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

function get(caller: Caller, params: PhpArray): MethodAnswer {
  requireRights(caller);
  const { queue, features } = caller.portal;
  const clears = params.get('clear') === undefined || intval(params.get('clear')) !== 0;
  if (!clears && features.get('rest_offline_extended') !== 'Y') {
    throw systemError(
      'WRONG_LICENSE',
      'This feature is not enabled for the current license: extended offline events handling',
    );
  }
  const limit = params.get('limit') === undefined ? pageSize : intval(params.get('limit'));
  if (limit <= 0) throw argumentError('LIMIT', 'Value must be positive integer');
  const given = text(params.get('process_id'));
  const wantsErrors = truthy(params.get('error'));
  const process = queue.of(caller.connector).filter((item) => {
    const isInProcess = given === '' ? (wantsErrors ? true : item.processId === null) : item.processId === given;
    return isInProcess && item.isError === wantsErrors;
  });
  const chosen = sortItems(filterItems(process, params.get('filter')), params.get('order')).slice(0, limit);
  const answer = chosen.map(shown);
  if (clears) {
    queue.remove(given === '' ? chosen : process);
    return { result: { process_id: given === '' ? null : given, events: answer } };
  }
  const processId = given === '' ? randomBytes(16).toString('hex') : given;
  if (given === '' && !wantsErrors) queue.reserve(chosen, processId);
  return { result: { process_id: processId, events: answer } };
}

function list(caller: Caller, params: PhpArray): MethodAnswer {
  requireRights(caller);
  const all = sortItems(
    filterItems(caller.portal.queue.of(caller.connector), params.get('filter')),
    params.get('order'),
  );
  const start = Math.max(0, intval(params.get('start')));
  const page = all.slice(start, start + pageSize);
  const result = page.map((item) => ({
    ...shown(item),
    PROCESS_ID: item.processId ?? '',
    ERROR: item.isError ? '1' : '0',
  }));
  return { result, total: all.length, ...(start + pageSize < all.length ? { next: start + pageSize } : {}) };
}

function names(value: PhpValue | undefined): ReadonlySet<string> {
  const values = value instanceof PhpArray ? [...value.values()] : [value];
  return new Set(values.map((item) => stringOf(item) ?? ''));
}

function requiredProcess(params: PhpArray): string {
  const value = params.get('process_id') ?? null;
  if (value === null) throw missingArgument('PROCESS_ID');
  return text(value);
}

function clear(caller: Caller, params: PhpArray): MethodAnswer {
  requireRights(caller);
  const processId = requiredProcess(params);
  const { queue } = caller.portal;
  const process = queue.of(caller.connector).filter((item) => (item.processId ?? '') === processId);
  const messages = params.get('message_id') ?? null;
  const ids = params.get('id') ?? null;
  if (messages !== null) queue.remove(process.filter((item) => names(messages).has(item.messageId)));
  else if (ids !== null) queue.remove(process.filter((item) => names(ids).has(String(item.id))));
  else queue.remove(process);
  return { result: true };
}

function error(caller: Caller, params: PhpArray): MethodAnswer {
  requireRights(caller);
  const processId = requiredProcess(params);
  if (processId === '') throw missingArgument('PROCESS_ID');
  const messages = params.get('message_id');
  if (!(messages instanceof PhpArray)) {
    if (messages === undefined || messages === null) throw missingArgument('MESSAGE_ID');
    throw new RestError(400, 'ERROR_ARGUMENT', 'Value must be array of MESSAGE_ID values', 'MESSAGE_ID');
  }
  const wanted = names(messages);
  for (const item of caller.portal.queue.of(caller.connector)) {
    if (item.processId === processId && wanted.has(item.messageId)) item.isError = true;
  }
  return { result: true };
}

export const offlineMethods: Readonly<Record<string, Method>> = {
  'event.offline.get': globalMethod(get),
  'event.offline.list': globalMethod(list),
  'event.offline.clear': globalMethod(clear),
  'event.offline.error': globalMethod(error),
};
