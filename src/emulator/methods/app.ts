/** `app.info` and the application's own options on the portal. */
import { PhpArray, intval, toPlain } from '../php-values.ts';
import type { PhpValue } from '../php-values.ts';
import { PhpFatal, RestError, missingArgument, systemError } from '../rest-error.ts';
import { isAdmin } from '../state.ts';
import { globalMethod, text } from './method.ts';
import type { Caller, Input, Method, MethodAnswer } from './method.ts';

function info(caller: Caller): MethodAnswer {
  const { app, edition, language } = caller.portal;
  const isBox = edition === 'box';
  const license = `${language}_${isBox ? 'selfhosted' : 'pro100'}`;
  if (caller.chain === undefined) return { result: { SCOPE: caller.scope, LICENSE: license } };
  return {
    result: {
      ID: String(caller.portal.definition.number),
      CODE: caller.world.clientId,
      VERSION: app.version,
      STATUS: 'L',
      INSTALLED: app.isInstalled,
      PAYMENT_EXPIRED: app.paymentExpired ? 'Y' : 'N',
      DAYS: null,
      LANGUAGE_ID: language,
      LICENSE: license,
      ...(isBox ? {} : { LICENSE_TYPE: 'pro100', LICENSE_FAMILY: 'pro' }),
    },
  };
}

function requireApplication(caller: Caller): void {
  if (caller.chain === undefined) throw systemError('ACCESS_DENIED', 'Access denied! Application context required');
}

/** The names `option` and `options` are compared exactly. */
function optionGet(caller: Caller, { asSent }: Input): MethodAnswer {
  requireApplication(caller);
  const { options } = caller.portal;
  const name = asSent.get('option') ?? null;
  return { result: name === null ? Object.fromEntries(options) : (options.get(arrayKey(name)) ?? null) };
}

/** Without `options`, the parameters themselves are the options. */
function optionSet(caller: Caller, { asSent }: Input): MethodAnswer {
  requireApplication(caller);
  const values = asSent.get('options') ?? asSent;
  if (!(values instanceof PhpArray)) throw new PhpFatal('count() of what is no array');
  if (values.size === 0) throw missingArgument('options');
  if (!isAdmin(caller.user)) throw systemError('ACCESS_DENIED', 'Access denied! Administrator authorization required');
  if (caller.portal.switches.refuseOptions) throw new RestError(500, 'ERROR_CORE', 'SQL query error!');
  for (const [name, value] of values) caller.portal.options.set(name, toPlain(value));
  return { result: true };
}

/** The key PHP looks up for a value that is none: booleans and floats count as integers. */
function arrayKey(value: PhpValue): string {
  return typeof value === 'string' || value instanceof PhpArray ? text(value) : String(intval(value));
}

export const appMethods: Readonly<Record<string, Method>> = {
  'app.info': globalMethod(info),
  'app.option.get': globalMethod(optionGet),
  'app.option.set': globalMethod(optionSet),
};
