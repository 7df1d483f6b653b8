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
import { globalMethod, text } from './method.ts';
import type { Caller, Input, Method, MethodAnswer } from './method.ts';

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
  /** Empty for an offline row. */
  readonly handler: string;
}

interface Named {
  readonly event: string;
  readonly type: string;
}

/** Texts are read before anything is checked: an array among them ends the request. */
function readNames(params: PhpArray): Named {
  return { event: text(params.get('event')).toUpperCase(), type: text(params.get('event_type')).toLowerCase() };
}

/** The checks of event, type, offline rights and handler, which an unbind shares. The text `0` is not empty. */
function checkTarget(caller: Caller, { event, type }: Named, params: PhpArray, verb: 'binding' | 'unbinding'): Target {
  if (event === '') throw missingArgument('EVENT');
  if (type !== '' && type !== 'online' && type !== 'offline') {
    throw argumentError('EVENT_TYPE', 'Value must be one of {online|offline}');
  }
  const offline = type === 'offline';
  if (offline) {
    if (!isAdmin(caller.user)) throw denied(`Offline events ${verb}`);
    return { event, offline, handler: '' };
  }
  const handler = text(params.get('handler'));
  if (handler === '') throw missingArgument('HANDLER');
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

function bind(caller: Caller, { params }: Input): MethodAnswer {
  requireApplication(caller);
  const { portal, user } = caller;
  const names = readNames(params);
  const wanted = Math.max(0, intval(params.get('auth_type')));
  if (wanted > 0 && !isAdmin(user) && wanted !== user.id) throw denied('Event binding with AUTH_TYPE');
  const { event, offline, handler } = checkTarget(caller, names, params, 'binding');
  if (!offline) checkUrl(handler);
  if (!eventExists(event, caller.scope, portal.crmTypeIds)) {
    throw new RestError(400, 'ERROR_EVENT_NOT_FOUND', 'Event not found');
  }
  if (offline && onlineOnly.has(event)) {
    // Alone among the argument errors it names no argument.
    throw new RestError(400, 'ERROR_ARGUMENT', 'Offline event cannot be registered for this event.');
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

function unbind(caller: Caller, { params }: Input): MethodAnswer {
  requireApplication(caller);
  const { portal } = caller;
  const { event, offline, handler } = checkTarget(caller, readNames(params), params, 'unbinding');
  const isMeant = offline
    ? (row: Row) => row.offline && row.connector === caller.connector
    : ofUser(caller, params.get('auth_type') ?? null);
  const gone = portal.rows.ofTarget(event, handler).filter(isMeant);
  for (const row of gone) portal.rows.remove(row);
  return { result: { count: gone.length } };
}

/** Whose online rows an unbind takes: a negative id is looked for like any other, and found nowhere. */
function ofUser({ user }: Caller, authType: PhpValue): (row: Row) => boolean {
  if (authType === null) return (row) => isAdmin(user) || row.userId === user.id;
  // The server compares with `!==`: only a JSON integer equals the caller's id.
  if (!isAdmin(user) && authType !== user.id) throw denied('Event unbinding with AUTH_TYPE');
  return (row) => row.userId === intval(authType);
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

function test(caller: Caller, { asSent }: Input): MethodAnswer {
  requireApplication(caller);
  const data = { QUERY: toPlain(asSent), LANGUAGE_ID: caller.portal.language };
  void deliver(caller.world, caller.portal, 'ONAPPTEST', data, {
    userId: caller.user.id,
    depth: caller.chain?.depth ?? 0,
    connector: caller.connector,
  });
  return { result: 1 };
}

function events(caller: Caller, { params }: Input): MethodAnswer {
  requireApplication(caller);
  return { result: eventsOf(['', ...allScopes].filter(isListed(caller, params)), caller.portal.crmTypeIds) };
}

/** Which scopes are listed, in the portal's own order: the global one comes first. */
function isListed(caller: Caller, params: PhpArray): (scope: string) => boolean {
  const asked = params.get('scope') ?? null;
  // PHP finds no array in a list of texts, and `true` like any text.
  if (asked instanceof PhpArray) return () => false;
  if (asked === true) return () => true;
  if (asked !== null) return (scope) => scope === (asked === '_global' ? '' : text(asked));
  if (truthy(params.get('full'))) return () => true;
  return (scope) => scope === '' || caller.scope.includes(scope);
}

export const eventMethods: Readonly<Record<string, Method>> = {
  'event.bind': globalMethod(bind),
  'event.unbind': globalMethod(unbind),
  'event.get': globalMethod(get),
  'event.test': globalMethod(test),
  events: globalMethod(events),
};
