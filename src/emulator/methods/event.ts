/** `event.bind`, `event.unbind`, `event.get`, `event.test`, `events`: the checks in the order in which the server makes them. */
import { deliver } from '../delivery.ts';
import { allScopes, eventExists, eventsOf } from '../events.ts';
import { onlineOnly } from '../event-codes.ts';
import { PhpArray, intval, toPlain, truthy } from '../php-values.ts';
import type { PhpValue } from '../php-values.ts';
import { parseUrl } from '../php-url.ts';
import { RestError, argumentError, coreError, missingArgument, systemError } from '../rest-error.ts';
import type { Row, RowValues } from '../rows.ts';
import { isAdmin } from '../state.ts';
import { globalMethod, isEmptyText, text } from './method.ts';
import type { Caller, Method, MethodAnswer } from './method.ts';

const duplicate = 'Unable to set event handler: Handler already binded';

function requireApplication(caller: Caller): void {
  if (caller.chain === undefined) throw systemError('WRONG_AUTH_TYPE');
}

function denied(what: string): RestError {
  return systemError('ACCESS_DENIED', `Access denied! ${what} requires administrator access rights`);
}

interface Target {
  readonly event: string;
  readonly offline: boolean;
  readonly handler: string;
}

/** Checks 3 to 6 of a bind, which an unbind shares. */
function readTarget(caller: Caller, params: PhpArray, verb: 'binding' | 'unbinding'): Target {
  const event = text(params.get('event')).toUpperCase();
  if (isEmptyText(event)) throw missingArgument('EVENT');
  const type = text(params.get('event_type')).toLowerCase();
  if (type !== '' && type !== 'online' && type !== 'offline') {
    throw argumentError('EVENT_TYPE', 'Value must be one of {online|offline}');
  }
  const offline = type === 'offline';
  if (offline) {
    if (!isAdmin(caller.user)) throw denied(`Offline events ${verb}`);
    return { event, offline, handler: '' };
  }
  const handler = text(params.get('handler'));
  if (isEmptyText(handler)) throw missingArgument('HANDLER');
  return { event, offline, handler };
}

function checkUrl(handler: string): void {
  const parts = parseUrl(handler);
  if ((parts?.host?.indexOf('.') ?? -1) <= 0) throw new RestError(400, 'ERROR_WRONG_HANDLER_URL', 'Wrong handler URL');
  if (parts?.scheme !== 'http' && parts?.scheme !== 'https') {
    throw new RestError(400, 'ERROR_UNSUPPORTED_PROTOCOL', 'Unsupported handler protocol');
  }
}

function keptOptions(event: string, options: PhpValue | undefined): Readonly<Record<string, unknown>> {
  const minTimeout = options instanceof PhpArray ? options.get('minTimeout') : undefined;
  return event === 'ONOFFLINEEVENT' && minTimeout !== undefined ? { minTimeout: intval(minTimeout) } : {};
}

function bind(caller: Caller, params: PhpArray): MethodAnswer {
  requireApplication(caller);
  const { portal, user } = caller;
  const wanted = Math.max(0, intval(params.get('auth_type')));
  if (wanted > 0 && !isAdmin(user) && wanted !== user.id) throw denied('Event binding with AUTH_TYPE');
  const { event, offline, handler } = readTarget(caller, params, 'binding');
  if (!offline) checkUrl(handler);
  if (!eventExists(event, caller.scope, portal.crmTypeIds)) {
    throw new RestError(400, 'ERROR_EVENT_NOT_FOUND', 'Event not found');
  }
  if (offline && onlineOnly.has(event)) {
    throw argumentError('EVENT_TYPE', 'Offline event cannot be registered for this event.');
  }
  const onlineUser = isAdmin(user) ? wanted : user.id;
  const row: RowValues = {
    event,
    handler,
    userId: offline ? 0 : onlineUser,
    connector: caller.connector,
    options: keptOptions(event, params.get('options')),
    offline,
  };
  const collision = portal.rows.collision(row);
  if (collision === 'duplicate') throw coreError(duplicate);
  if (collision !== undefined) throw new RestError(500, 'ERROR_CORE', 'SQL query error!');
  portal.rows.add(row);
  return { result: true };
}

function unbind(caller: Caller, params: PhpArray): MethodAnswer {
  requireApplication(caller);
  const { portal, user } = caller;
  const authType = params.get('auth_type') ?? null;
  // The server compares with `!==`: only a JSON integer equals the caller's id.
  if (authType !== null && !isAdmin(user) && authType !== user.id) throw denied('Event unbinding with AUTH_TYPE');
  const { event, offline, handler } = readTarget(caller, params, 'unbinding');
  const isMeant = (row: Row): boolean => {
    if (offline) return row.offline && row.connector === caller.connector;
    if (authType !== null) return row.userId === Math.max(0, intval(authType));
    return isAdmin(user) || row.userId === user.id;
  };
  const gone = portal.rows.ofTarget(event, handler).filter(isMeant);
  for (const row of gone) portal.rows.remove(row);
  return { result: { count: gone.length } };
}

function get(caller: Caller): MethodAnswer {
  requireApplication(caller);
  const { portal, user } = caller;
  const rows = portal.rows.all();
  const visible = isAdmin(user) ? rows : rows.filter((row) => !row.offline && row.userId === user.id);
  const asNumber = portal.switches.authTypeAs === 'number';
  return {
    result: visible.map((row) =>
      row.offline
        ? { event: row.event, connector_id: row.connector, offline: 1 }
        : {
            event: row.event,
            handler: row.handler,
            auth_type: asNumber ? row.userId : String(row.userId),
            offline: 0,
          },
    ),
  };
}

function test(caller: Caller, params: PhpArray): MethodAnswer {
  requireApplication(caller);
  const data = { QUERY: toPlain(params), LANGUAGE_ID: caller.portal.language };
  void deliver(caller.world, caller.portal, 'ONAPPTEST', data, {
    userId: caller.user.id,
    depth: caller.chain?.depth ?? 0,
    connector: caller.connector,
  });
  return { result: 1 };
}

function events(caller: Caller, params: PhpArray): MethodAnswer {
  requireApplication(caller);
  const asked = params.get('scope') ?? null;
  const typeIds = caller.portal.crmTypeIds;
  if (asked !== null) return { result: eventsOf([text(asked)], typeIds) };
  if (truthy(params.get('full'))) return { result: eventsOf(['', ...allScopes], typeIds) };
  return { result: eventsOf([...caller.scope, ''], typeIds) };
}

export const eventMethods: Readonly<Record<string, Method>> = {
  'event.bind': globalMethod(bind),
  'event.unbind': globalMethod(unbind),
  'event.get': globalMethod(get),
  'event.test': globalMethod(test),
  events: globalMethod(events),
};
