/** What a portal's refusal means to people: its error as ours, with a code, a cure, and whether any further call has a point. */
import { PortalError } from '../core/errors.ts';
import type { RestError } from './rest-answer.ts';

interface Meaning {
  readonly code: string;
  readonly hint: string;
  /** Every further call would be refused as well. */
  readonly isFatal: boolean;
}

function fatal(code: string, hint: string): Meaning {
  return { code, hint, isFatal: true };
}

function single(code: string, hint: string): Meaning {
  return { code, hint, isFatal: false };
}

const noAuthorisation = fatal(
  'no-authorisation',
  'The portal does not know this access token: check that BITRIX24_CLIENT_ENDPOINT and the tokens belong to one portal',
);
const confirmation = fatal('confirmation-needed', 'An administrator of the portal has to allow this method');

/** By the portal's own error string: statuses are shared by causes that differ (F93). */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  [
    'expired_token',
    fatal('token-refused', 'A new token was refused as well: check the clock of the portal, log in again'),
  ],
  ['invalid_token', fatal('token-refused', 'A new token was refused as well: log in again')],
  ['NO_AUTH_FOUND', noAuthorisation],
  ['authorization_error', noAuthorisation],
  ['INVALID_CREDENTIALS', noAuthorisation],
  [
    'insufficient_scope',
    fatal('insufficient-scope', 'The application lacks a REST scope: grant it in the application’s settings'),
  ],
  [
    'user_access_error',
    fatal('no-access', 'The user of the token may not use the application: give them access to it on the portal'),
  ],
  [
    'ACCESS_DENIED',
    single('access-denied', 'Use the token of an administrator, and check that the portal’s plan includes REST'),
  ],
  [
    'WRONG_AUTH_TYPE',
    fatal('wrong-auth-type', 'Events can be bound by an application only: use its OAuth tokens instead of a webhook'),
  ],
  [
    'WRONG_LICENSE',
    single('not-in-plan', 'The portal’s plan lacks the feature: remove what needs it from the manifest'),
  ],
  [
    'OVERLOAD_LIMIT',
    fatal('overload-limit', 'The portal’s REST was blocked by the vendor for overload: ask the vendor’s support'),
  ],
  ['QUERY_LIMIT_EXCEEDED', single('query-limit', 'Other programs use up the portal’s requests: run again later')],
  [
    'OPERATION_TIME_LIMIT',
    single('operation-time-limit', 'Run again in ten minutes, or give this run more time with --timeout'),
  ],
  [
    'CONNECTION_ERROR',
    single('portal-cannot-authorise', 'The portal did not reach the authorisation server: run again later'),
  ],
  [
    'APPLICATION_NOT_FOUND',
    fatal('application-not-found', 'The application is not installed on the portal: install it again'),
  ],
  ['PORTAL_DELETED', fatal('portal-deleted', 'The portal exists no more: remove its installation from the store')],
  ['INVALID_REQUEST', fatal('https-required', 'Give the portal’s address with https://')],
  ['METHOD_CONFIRM_WAITING', confirmation],
  ['METHOD_CONFIRM_DENIED', confirmation],
]);

const unnamed = single('portal-refused', 'What the portal says is all that is known');

export function isFatal({ code }: RestError): boolean {
  return meanings.get(code)?.isFatal ?? false;
}

export function portalRefusal(error: RestError, what: string, domain: string): PortalError {
  const { code, hint } = meanings.get(error.code) ?? unnamed;
  const text = error.description === '' ? error.code : `${error.description} [${error.code}]`;
  return new PortalError({ code, message: `portal '${domain}' refused ${what}: ${text}`, hint });
}
