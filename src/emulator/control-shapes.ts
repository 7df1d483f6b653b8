/** The shapes of the control interface's larger bodies: those of the handles' arguments. */
import {
  amount,
  flag,
  integer,
  listOf,
  mapOf,
  name,
  names,
  object,
  oneOf,
  orFalse,
  record,
  required,
  text,
  times,
  url,
} from './control-fields.ts';
import { faultKinds } from './faults.ts';
import { conditions } from './options.ts';

const id = integer(1);
const count = integer(0);

export const userFields = { id: required(id), admin: flag, active: flag, name: text, lastName: text };

export const rowFields = {
  event: required(name),
  handler: name,
  auth_type: count,
  event_type: oneOf('online', 'offline'),
  auth_connector: text,
  options: record,
};

export const switchFields = {
  authTypeAs: oneOf('string', 'number'),
  operating: flag,
  caseInsensitiveHandlers: flag,
  scopeErrorStatus: oneOf(401, 403),
  tolerantRefresh: flag,
  tokenCache: flag,
  leakyBucket: orFalse(object({ capacity: required(amount), perSecond: required(amount) })),
  operatingLimitSeconds: amount,
  operatingSecondsPerCall: mapOf(amount),
  batchBilling: oneOf('inner', 'batch'),
  tokenScope: oneOf('app', 'list'),
  sparseInstall: flag,
  userReady: oneOf('never', 'before', 'after'),
  latencyMs: amount,
  refuseOptions: flag,
  sendsUpdateEvent: flag,
};

const portalKindFields = {
  edition: oneOf('cloud', 'box'),
  users: listOf(object(userFields)),
  userId: id,
  scope: names,
  features: mapOf(name),
  kind: oneOf('ui', 'api-only'),
  installed: flag,
  paymentExpired: flag,
  version: count,
  language: name,
  applicationUrl: url,
  rows: listOf(object(rowFields)),
  options: record,
  crmTypeIds: listOf(id),
  switches: object(switchFields),
  condition: oneOf(...conditions),
};

export const portalFields = { memberId: name, domain: name, ...portalKindFields };

export const portalsFields = { kinds: required(listOf(object({ count: required(id), name, ...portalKindFields }))) };

export const installFields = { kind: oneOf('ui', 'api-only'), applicationUrl: url, userId: id, version: count };

export const updateFields = { version: count, scope: names };

export const frameFields = { userId: id, placement: name, placementOptions: record };

/** A fault's `portal` tells what to hit: a portal's `member_id`, or `oauth`. */
export const faultFields = {
  kind: required(oneOf(...faultKinds)),
  when: oneOf('before', 'after'),
  method: name,
  portal: name,
  skip: count,
  times,
  status: integer(100),
  error: name,
  description: text,
  operatingResetAt: count,
  location: text,
  delayMs: amount,
  match: name,
  commands: count,
  keys: names,
};
