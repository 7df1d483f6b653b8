/** The methods every application may call beside its business: who am I, what may I, what time is it. */
import { allScopes } from '../events.ts';
import { stringOf, truthy } from '../php-values.ts';
import { RestError } from '../rest-error.ts';
import { isAdmin } from '../state.ts';
import { isoSeconds } from '../time-block.ts';
import { globalMethod, text } from './method.ts';
import type { Caller, Input, Method, MethodAnswer } from './method.ts';

function profile({ user }: Caller): MethodAnswer {
  return {
    result: {
      ID: String(user.id),
      ADMIN: isAdmin(user),
      NAME: user.name,
      LAST_NAME: user.lastName,
      PERSONAL_GENDER: '',
      TIME_ZONE: '',
      TIME_ZONE_OFFSET: 0,
    },
  };
}

function scope(caller: Caller, { params }: Input): MethodAnswer {
  return { result: truthy(params.get('full')) ? [...allScopes] : [...caller.scope] };
}

function feature(caller: Caller, { params }: Input): MethodAnswer {
  const code = text(params.get('code'));
  if (!truthy(code)) throw new RestError(400, 'CODE_EMPTY', "CODE can't be empty");
  const { features, edition, language } = caller.portal;
  const unknown = edition === 'box' ? `${language}_selfhosted` : 'N';
  return { result: { value: features.get(code) ?? features.get(code.toLowerCase()) ?? unknown } };
}

function currentUser({ user }: Caller): MethodAnswer {
  const { id, active, name, lastName } = user;
  return { result: { ID: String(id), ACTIVE: active, NAME: name, LAST_NAME: lastName } };
}

function crmTypes(caller: Caller): MethodAnswer {
  const types = [...caller.portal.crmTypeIds].map((id, at) => ({ id: at + 1, entityTypeId: id, title: `Type ${id}` }));
  return { result: { types }, total: types.length };
}

/** The methods that need the table of all methods are made with it. */
export function generalMethods(
  find: (name: string) => Method | undefined,
  names: () => string[],
): Readonly<Record<string, Method>> {
  // The one method that looks its parameter up in one spelling only.
  const methodGet = (caller: Caller, { asSent }: Input): MethodAnswer => {
    const name = (stringOf(asSent.get('name')) ?? '').toLowerCase();
    const method = find(name);
    const isAvailable = name === 'batch' || (method !== undefined && allows(method, caller.scope));
    return { result: { isExisting: name === 'batch' || method !== undefined, isAvailable } };
  };
  return {
    profile: globalMethod(profile),
    scope: globalMethod(scope),
    methods: globalMethod(() => ({ result: names() })),
    'user.admin': globalMethod((caller) => ({ result: isAdmin(caller.user) })),
    'feature.get': globalMethod(feature),
    'method.get': globalMethod(methodGet),
    'server.time': globalMethod((caller) => ({ result: isoSeconds(caller.world.now()) })),
    'user.current': { scopes: ['user', 'user_basic', 'user_brief'], run: currentUser },
    'crm.type.list': { scopes: ['crm'], run: crmTypes },
  };
}

/** Does one of these scopes unlock the method? */
export function allows(method: Method, scopes: readonly string[]): boolean {
  return method.scopes.length === 0 || method.scopes.some((scope_) => scopes.includes(scope_));
}
