/** `app.info` and the application's own options on the portal. */
import { PhpArray, toPlain } from '../php-values.ts';
import { RestError, missingArgument, systemError } from '../rest-error.ts';
import { isAdmin } from '../state.ts';
import { globalMethod, text } from './method.ts';
import type { Caller, Method, MethodAnswer } from './method.ts';

function info(caller: Caller): MethodAnswer {
  const { app, language } = caller.portal;
  const license = `${language}_pro100`;
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
      LICENSE_TYPE: 'pro100',
      LICENSE_FAMILY: 'pro',
    },
  };
}

function requireApplication(caller: Caller): void {
  if (caller.chain === undefined) throw systemError('ACCESS_DENIED', 'Access denied! Application context required');
}

function optionGet(caller: Caller, params: PhpArray): MethodAnswer {
  requireApplication(caller);
  const { options } = caller.portal;
  const name = params.get('option') ?? null;
  if (name === null || name === '') return { result: Object.fromEntries(options) };
  return { result: options.get(text(name)) ?? null };
}

function optionSet(caller: Caller, params: PhpArray): MethodAnswer {
  requireApplication(caller);
  if (!isAdmin(caller.user)) throw systemError('ACCESS_DENIED', 'Administrator authorization required');
  const values = params.get('options');
  if (!(values instanceof PhpArray) || values.size === 0) throw missingArgument('options');
  if (caller.portal.switches.refuseOptions) throw new RestError(500, 'ERROR_CORE', 'SQL query error!');
  for (const [name, value] of values) caller.portal.options.set(name, toPlain(value));
  return { result: true };
}

export const appMethods: Readonly<Record<string, Method>> = {
  'app.info': globalMethod(info),
  'app.option.get': globalMethod(optionGet),
  'app.option.set': globalMethod(optionSet),
};
