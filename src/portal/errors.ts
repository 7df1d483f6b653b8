/** What each error of a portal or an authorisation server means: what became of the request, what may follow, and what people are told. */
import type { Code } from '../core/codes.ts';
import { PortalError } from '../core/errors.ts';
import type { RestError } from './rest-answer.ts';

/**
 * Whether the same request may be made again.
 * `renewed`: once, with new tokens. `bucket`: when the bucket of requests has leaked (F94). `window`: when the portal opens the
 * method again (F97). `soon`: it was turned away for a reason that passes. `read`: if it only reads.
 */
export type Again = 'never' | 'renewed' | 'bucket' | 'window' | 'soon' | 'read';

interface Fate {
  /** Whether the request was carried out. */
  readonly executed: 'no' | 'unknown';
  readonly again: Again;
  /** `all`: every further call would be refused as well. `user`: every further call of this user. */
  readonly refuses: 'this' | 'user' | 'all';
}

interface Meaning extends Fate {
  readonly code: Code;
  readonly hint: string;
}

const refused: Fate = { executed: 'no', again: 'never', refuses: 'this' };
const refusedForAll: Fate = { ...refused, refuses: 'all' };
const refusedForUser: Fate = { ...refused, refuses: 'user' };
const stale: Fate = { ...refusedForAll, again: 'renewed' };
/** The portal failed, not the request. */
const fault: Fate = { executed: 'unknown', again: 'read', refuses: 'this' };

const unnamed = { code: 'portal-refused', hint: 'What the portal says is all that is known' } as const;

const noAuthorisation = {
  ...refusedForAll,
  code: 'no-authorisation',
  hint: 'The portal does not know this access token: check that BITRIX24_CLIENT_ENDPOINT and the tokens belong to one portal',
} as const;

const confirmation = {
  ...refusedForAll,
  code: 'confirmation-needed',
  hint: 'An administrator of the portal has to allow this method',
} as const;

/** By the portal's own error string: statuses are shared by causes that differ (F93). */
const meanings: Readonly<Record<string, Meaning>> = {
  expired_token: {
    ...stale,
    code: 'token-refused',
    hint: 'A new token was refused as well: check the clock of the portal, log in again',
  },
  invalid_token: { ...stale, code: 'token-refused', hint: 'A new token was refused as well: log in again' },
  NO_AUTH_FOUND: noAuthorisation,
  INVALID_CREDENTIALS: noAuthorisation,
  // The portal signs the user of the token in before it does anything else.
  authorization_error: {
    ...refusedForUser,
    code: 'inactive-user',
    hint: 'The user of the token may have been dismissed or deactivated: activate the user, or log in as another one',
  },
  insufficient_scope: {
    ...refusedForAll,
    code: 'insufficient-scope',
    hint: 'The application lacks a REST scope: grant it in the application’s settings',
  },
  user_access_error: {
    ...refusedForUser,
    code: 'no-access',
    hint: 'The user of the token may not use the application: give them access to it on the portal',
  },
  ACCESS_DENIED: {
    ...refused,
    code: 'access-denied',
    hint: 'Use the token of an administrator, and check that the portal’s plan includes REST',
  },
  WRONG_AUTH_TYPE: {
    ...refusedForAll,
    code: 'wrong-auth-type',
    hint: 'Events can be bound by an application only: use its OAuth tokens instead of a webhook',
  },
  WRONG_LICENSE: {
    ...refused,
    code: 'not-in-plan',
    hint: 'The portal’s plan lacks the feature: remove what needs it from the manifest',
  },
  OVERLOAD_LIMIT: {
    ...refusedForAll,
    code: 'overload-limit',
    hint: 'The portal’s REST was blocked by the vendor for overload: ask the vendor’s support',
  },
  QUERY_LIMIT_EXCEEDED: {
    ...refused,
    again: 'bucket',
    code: 'query-limit',
    hint: 'Other programs use up the portal’s requests: run again later',
  },
  OPERATION_TIME_LIMIT: {
    ...refused,
    again: 'window',
    code: 'operation-time-limit',
    hint: 'Run again in ten minutes, or give this run more time with --timeout',
  },
  // The portal could not ask the authorisation server.
  CONNECTION_ERROR: {
    ...refused,
    again: 'soon',
    code: 'portal-cannot-authorise',
    hint: 'The portal did not reach the authorisation server: run again later',
  },
  APPLICATION_NOT_FOUND: {
    ...refusedForAll,
    code: 'application-not-found',
    hint: 'The application is not installed on the portal: install it again',
  },
  PORTAL_DELETED: {
    ...refusedForAll,
    code: 'portal-deleted',
    hint: 'The portal exists no more: remove its installation from the store',
  },
  INVALID_REQUEST: { ...refusedForAll, code: 'https-required', hint: 'Give the portal’s address with https://' },
  METHOD_CONFIRM_WAITING: confirmation,
  METHOD_CONFIRM_DENIED: confirmation,
  INTERNAL_SERVER_ERROR: { ...fault, ...unnamed },
  ERROR_UNEXPECTED_ANSWER: { ...fault, ...unnamed },
  WRONG_ENCODING: { ...fault, ...unnamed },
};

function meaningOf(code: string): Meaning {
  const known = Object.hasOwn(meanings, code) ? meanings[code] : undefined;
  return known ?? { ...refused, ...unnamed };
}

/** Whether a request that gets this error may be made again. */
export function againAfter({ code }: Pick<RestError, 'code'>): Again {
  return meaningOf(code).again;
}

/** Two answers that a new access token may cure (F90). */
export function isExpired(code: string): boolean {
  return meaningOf(code).again === 'renewed';
}

/** Refused at the door, for a while: nothing was executed. */
export function isLimit({ code }: RestError): boolean {
  return ['bucket', 'window', 'soon'].includes(meaningOf(code).again);
}

/** Whether a method had run by then is not known. */
export function isPortalFault({ code }: RestError): boolean {
  return meaningOf(code).executed === 'unknown';
}

/** Whether any further call has a point, with the tokens there are. */
export function isFatal({ code }: RestError): boolean {
  return meaningOf(code).refuses !== 'this';
}

/** Whether the portal would let another user in. */
export function isOfUser(code: string): boolean {
  return meaningOf(code).refuses === 'user';
}

export function portalRefusal(error: RestError, what: string, domain: string): PortalError {
  const { code, hint } = meaningOf(error.code);
  return new PortalError({ code, message: `portal '${domain}' refused ${what}: ${textOf(error)}`, hint });
}

interface OAuthMeaning {
  readonly code: Code;
  readonly does: string;
  readonly hint: string;
}

const wrongClient: OAuthMeaning = {
  code: 'wrong-client',
  does: 'does not accept the application',
  hint: 'Check BITRIX24_CLIENT_ID and BITRIX24_CLIENT_SECRET',
};

/** By the authorisation server's own error string. */
const oauthMeanings: Readonly<Record<string, OAuthMeaning>> = {
  invalid_client: wrongClient,
  wrong_client: wrongClient,
  PAYMENT_REQUIRED: {
    code: 'payment-required',
    does: 'refused',
    hint: 'The application’s subscription on the portal has ended',
  },
};

/** @param server as messages name it */
export function oauthRefusal(error: RestError, server: string): PortalError {
  const known = Object.hasOwn(oauthMeanings, error.code) ? oauthMeanings[error.code] : undefined;
  const { code, does, hint } = known ?? {
    code: 'authorisation-refused',
    does: 'refused',
    hint: 'Log in again, or install the application again',
  };
  return new PortalError({ code, message: `${server} ${does}: ${textOf(error)}`, hint });
}

function textOf({ code, description }: RestError): string {
  return description === '' ? code : `${description} [${code}]`;
}
