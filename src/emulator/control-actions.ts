/** The actions of the control interface: names as in the handles, in kebab-case, arguments as the fields of one JSON object. */
import { anything, flag, integer, name, names, oneOf, readFields, record, required, text } from './control-fields.ts';
import type { Fields, Values } from './control-fields.ts';
import { ControlError } from './control-error.ts';
import {
  faultFields,
  frameFields,
  installFields,
  portalFields,
  portalsFields,
  rowFields,
  switchFields,
  updateFields,
  userFields,
} from './control-shapes.ts';
import { eventExists, allScopes } from './events.ts';
import type { PortalHandle } from './handle.ts';
import { outbounds, requestLogs } from './options.ts';
import type { Emulator } from './start.ts';
import type { PortalState } from './state.ts';

export interface Call {
  readonly emulator: Emulator;
  /** The portal the body names by its `member_id`; the first by default. */
  readonly portal: PortalHandle;
  readonly state: PortalState;
}

export interface Action {
  readonly fields: Fields;
  /** Whether `portal` chooses one; the others are about all of them. */
  readonly isOfPortal: boolean;
  /** Gives the `result` of the answer; nothing means true. */
  readonly run: (call: Call, body: Readonly<Record<string, unknown>>) => unknown;
}

function action<const F extends Fields>(fields: F, run: (call: Call, values: Values<F>) => unknown): Action {
  return { fields, isOfPortal: true, run: (call, body) => run(call, readFields(body, fields)) };
}

function ofAll<const F extends Fields>(fields: F, run: (call: Call, values: Values<F>) => unknown): Action {
  return { ...action(fields, run), isOfPortal: false };
}

/** The user, who must be one of the portal's. */
function user({ state }: Call, id: number): number {
  if (state.users.has(id)) return id;
  throw new ControlError(`There is no user ${id}: there are ${[...state.users.keys()].join(', ')}`);
}

function optionalUser(call: Call, id: number | undefined): { readonly userId?: number } {
  return id === undefined ? {} : { userId: user(call, id) };
}

const id = integer(1);

export const actions: Readonly<Record<string, Action>> = {
  reset: ofAll({}, ({ emulator }) => emulator.reset()),
  fault: ofAll(faultFields, ({ emulator }, values) => {
    const { portal } = values;
    if (portal !== undefined && portal !== 'oauth' && emulator.portal(portal) === undefined) throw noPortal(portal);
    emulator.fault(values);
  }),
  'clear-faults': ofAll({}, ({ emulator }) => emulator.clearFaults()),
  'clear-requests': ofAll({}, ({ emulator }) => emulator.clearRequests()),
  'set-outbound': ofAll({ value: required(oneOf(...outbounds)) }, ({ emulator }, { value }) =>
    emulator.setOutbound(value),
  ),
  'set-request-log': ofAll({ value: required(oneOf(...requestLogs)) }, ({ emulator }, { value }) =>
    emulator.setRequestLog(value),
  ),
  'rotate-secret': ofAll({}, ({ emulator }) => {
    emulator.rotateSecret();
    return { clientSecret: emulator.clientSecret };
  }),
  'add-portal': ofAll(portalFields, ({ emulator }, values) => {
    if (values.memberId !== undefined && emulator.portal(values.memberId) !== undefined) {
      throw twice(values.memberId);
    }
    return credentials(emulator.addPortal(values));
  }),
  'add-portals': ofAll(portalsFields, ({ emulator }, { kinds }) => {
    const named = new Set<string>();
    for (const { name: begin, count } of kinds) {
      for (let number = 1; begin !== undefined && number <= count; number += 1) {
        const memberId = `${begin}-${number}`;
        if (named.has(memberId) || emulator.portal(memberId) !== undefined) throw twice(memberId);
        named.add(memberId);
      }
    }
    return emulator.addPortals(kinds).map(credentials);
  }),
  'add-row': action(rowFields, ({ portal }, values) => {
    const type = values.event_type ?? (values.handler === undefined ? 'offline' : 'online');
    if ((type === 'online') !== (values.handler !== undefined)) {
      throw new ControlError(`An ${type} row has ${type === 'online' ? 'a' : 'no'} 'handler'`);
    }
    return portal.addRow(values);
  }),
  'remove-row': action({ id: required(id) }, ({ portal, state }, values) => {
    if (state.rows.get(values.id) === undefined) throw new ControlError(`There is no row ${values.id}`);
    portal.removeRow(values.id);
  }),
  'set-option': action({ name: required(name), value: required(anything) }, ({ portal }, values) =>
    portal.setOption(values.name, values.value),
  ),
  'clear-options': action({}, ({ portal }) => portal.clearOptions()),
  'set-user': action(userFields, ({ portal }, values) => portal.setUser(values)),
  'set-scope': action({ scope: required(names) }, ({ portal }, { scope }) => portal.setScope(scope)),
  'set-feature': action({ code: required(name), value: required(name) }, ({ portal }, { code, value }) =>
    portal.setFeature(code, value),
  ),
  'set-switches': action(switchFields, ({ portal }, values) => portal.setSwitches(values)),
  'expire-tokens': action({}, ({ portal }) => portal.expireTokens()),
  'kill-refresh-chain': action({}, ({ portal }) => portal.killRefreshChain()),
  'set-payment-expired': action({ on: required(flag) }, ({ portal }, { on }) => portal.setPaymentExpired(on)),
  'set-unpaid': action({ on: required(flag) }, ({ portal }, { on }) => portal.setUnpaid(on)),
  'set-deleted': action({ on: required(flag) }, ({ portal }, { on }) => portal.setDeleted(on)),
  'set-installed': action({ on: required(flag) }, ({ portal }, { on }) => portal.setInstalled(on)),
  install: action(installFields, (call, values) =>
    call.portal.install({ ...values, ...optionalUser(call, values.userId) }),
  ),
  'finish-install': action({}, ({ portal }) => portal.finishInstall()),
  update: action(updateFields, ({ portal }, values) => portal.update(values)),
  uninstall: action({ clean: flag }, ({ portal }, values) => portal.uninstall(values)),
  reinstall: action({}, ({ portal }) => portal.reinstall()),
  rename: action({ domain: name }, async ({ portal }, { domain }) => {
    await portal.rename(domain);
    return { clientEndpoint: portal.clientEndpoint, domain: portal.domain };
  }),
  'open-frame': action(frameFields, (call, values) =>
    call.portal.openFrame({ ...values, ...optionalUser(call, values.userId) }),
  ),
  'oauth-code': action({ userId: id }, (call, { userId }) => ({
    code: call.portal.oauthCode(userId === undefined ? undefined : user(call, userId)),
  })),
  token: action({ userId: required(id), scope: names, expired: flag }, (call, { userId, ...options }) =>
    call.portal.token(user(call, userId), options),
  ),
  webhook: action({ userId: id, scope: names }, (call, { userId, ...options }) => ({
    url: call.portal.webhook(userId === undefined ? undefined : user(call, userId), options),
  })),
  fire: action(
    { event: required(name), data: record, userId: integer(0), accessToken: name, connector: text },
    ({ portal, state }, { event, data, ...cause }) => {
      if (!eventExists(event.toUpperCase(), allScopes, state.crmTypeIds)) {
        throw new ControlError(`There is no event ${JSON.stringify(event)}`);
      }
      return portal.fire(event, data ?? {}, cause);
    },
  ),
};

export function noPortal(memberId: unknown): ControlError {
  return new ControlError(`There is no portal with the member_id ${JSON.stringify(memberId)}`);
}

function twice(memberId: string): ControlError {
  return new ControlError(`There is a portal with the member_id ${JSON.stringify(memberId)} already`);
}

function credentials(portal: PortalHandle): Record<string, string> {
  const { formerEndpoint, domain, applicationToken } = portal;
  return { ...portal.credentials, formerEndpoint, domain, applicationToken };
}
