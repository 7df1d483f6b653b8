/** Each error of a portal and of an authorisation server: how often it is asked again, what becomes of a change, and what people are told. */
import { describe, expect, it } from 'vitest';
import { againAfter, isFatal, isLimit, isPortalFault, oauthRefusal, portalRefusal } from '../../src/portal/errors.ts';
import { batch, bind, createWorld, failureOf, requestsOf } from './world.ts';

/** What became of a change: `not-sent` and `refused` were surely not carried out. */
type Change = 'not-sent' | 'refused' | 'unknown' | 'ends the work';

const confirmation = 'An administrator of the portal has to allow this method';
const noAuthorisation =
  'The portal does not know this access token: check that BITRIX24_CLIENT_ENDPOINT and the tokens belong to one portal';
const said = 'What the portal says is all that is known';

const refusals: readonly (readonly [error: string, requests: number, change: Change, code: string, hint: string])[] = [
  ['NO_AUTH_FOUND', 1, 'ends the work', 'no-authorisation', noAuthorisation],
  ['INVALID_CREDENTIALS', 1, 'ends the work', 'no-authorisation', noAuthorisation],
  [
    'authorization_error',
    1,
    'ends the work',
    'inactive-user',
    'The user of the token may have been dismissed or deactivated: activate the user, or log in as another one',
  ],
  [
    'insufficient_scope',
    1,
    'ends the work',
    'insufficient-scope',
    'The application lacks a REST scope: grant it in the application’s settings',
  ],
  [
    'user_access_error',
    1,
    'ends the work',
    'no-access',
    'The user of the token may not use the application: give them access to it on the portal',
  ],
  [
    'ACCESS_DENIED',
    1,
    'refused',
    'access-denied',
    'Use the token of an administrator, and check that the portal’s plan includes REST',
  ],
  [
    'WRONG_AUTH_TYPE',
    1,
    'ends the work',
    'wrong-auth-type',
    'Events can be bound by an application only: use its OAuth tokens instead of a webhook',
  ],
  [
    'WRONG_LICENSE',
    1,
    'refused',
    'not-in-plan',
    'The portal’s plan lacks the feature: remove what needs it from the manifest',
  ],
  [
    'OVERLOAD_LIMIT',
    1,
    'ends the work',
    'overload-limit',
    'The portal’s REST was blocked by the vendor for overload: ask the vendor’s support',
  ],
  [
    'QUERY_LIMIT_EXCEEDED',
    8,
    'not-sent',
    'query-limit',
    'Other programs use up the portal’s requests: run again later',
  ],
  [
    'OPERATION_TIME_LIMIT',
    3,
    'not-sent',
    'operation-time-limit',
    'Run again in ten minutes, or give this run more time with --timeout',
  ],
  [
    'CONNECTION_ERROR',
    3,
    'not-sent',
    'portal-cannot-authorise',
    'The portal did not reach the authorisation server: run again later',
  ],
  [
    'APPLICATION_NOT_FOUND',
    1,
    'ends the work',
    'application-not-found',
    'The application is not installed on the portal: install it again',
  ],
  [
    'PORTAL_DELETED',
    1,
    'ends the work',
    'portal-deleted',
    'The portal exists no more: remove its installation from the store',
  ],
  ['INVALID_REQUEST', 1, 'ends the work', 'https-required', 'Give the portal’s address with https://'],
  ['METHOD_CONFIRM_WAITING', 1, 'ends the work', 'confirmation-needed', confirmation],
  ['METHOD_CONFIRM_DENIED', 1, 'ends the work', 'confirmation-needed', confirmation],
  ['INTERNAL_SERVER_ERROR', 3, 'unknown', 'portal-refused', said],
  ['ERROR_UNEXPECTED_ANSWER', 3, 'unknown', 'portal-refused', said],
  ['WRONG_ENCODING', 3, 'unknown', 'portal-refused', said],
  ['SOMETHING_NEW', 1, 'refused', 'portal-refused', said],
];

describe.each(refusals)('%s', (error, requests, change, code, hint) => {
  it(`is asked ${requests} times when reading, and then is ${code}`, async () => {
    const { emulator, portal } = await createWorld();
    emulator.fault({ kind: 'error', error, times: Number.POSITIVE_INFINITY });
    expect(await failureOf(portal.readLive())).toMatchObject({ name: 'PortalError', code, hint });
    expect(emulator.requests).toHaveLength(requests);
  });

  it(`to a change: ${change}`, async () => {
    const { emulator, portal } = await createWorld();
    const { portal: as } = await portal.read();
    emulator.clearRequests();
    emulator.fault({ kind: 'error', error, times: Number.POSITIVE_INFINITY });
    const answer = portal.execute(batch(bind('ONTASKADD')), as);
    if (change === 'ends the work') expect(await failureOf(answer)).toMatchObject({ code, hint });
    else expect((await answer).outcomes).toMatchObject([{ kind: change }]);
    // What may have been carried out is never sent again.
    expect(emulator.requests).toHaveLength(change === 'unknown' ? 1 : requests);
  });
});

it.each(['constructor', '__proto__', 'toString'])('%s, which every object has, is an error like any other', (code) => {
  const error = { code, description: '', status: 400 };
  expect([againAfter(error), isFatal(error), isPortalFault(error), isLimit(error)]).toEqual([
    'never',
    false,
    false,
    false,
  ]);
  expect(portalRefusal(error, 'it', 'a.example').code).toBe('portal-refused');
  expect(oauthRefusal(error, 'it').code).toBe('authorisation-refused');
});

describe('an authorisation server', () => {
  const refreshing = async (fault: { readonly error: string; readonly status?: number; readonly times?: number }) => {
    const world = await createWorld();
    world.emulator.expireTokens();
    world.emulator.fault({ kind: 'error', portal: 'oauth', ...fault });
    return world;
  };

  it.each([
    ['invalid_client', 'wrong-client', 'Check BITRIX24_CLIENT_ID and BITRIX24_CLIENT_SECRET'],
    ['wrong_client', 'wrong-client', 'Check BITRIX24_CLIENT_ID and BITRIX24_CLIENT_SECRET'],
    ['PAYMENT_REQUIRED', 'payment-required', 'The application’s subscription on the portal has ended'],
    ['invalid_request', 'authorisation-refused', 'Log in again, or install the application again'],
  ])('that says %s is asked once: %s', async (error, code, hint) => {
    const { emulator, portal } = await refreshing({ error });
    expect(await failureOf(portal.readLive())).toMatchObject({ name: 'PortalError', code, hint });
    expect(requestsOf(emulator).filter((request) => request.startsWith('oauth'))).toHaveLength(1);
  });

  it.each([
    [500, 'invalid_grant'],
    [503, 'invalid_grant'],
    [400, 'INTERNAL_SERVER_ERROR'],
  ])('that answers %i %s may have acted: the old refresh token is tried once more', async (status, error) => {
    const { emulator, portal } = await refreshing({ error, status });
    expect(await portal.readLive()).toEqual([]);
    expect(requestsOf(emulator)).toEqual([
      'event.get 401',
      `oauth:oauth/token ${status}`,
      'oauth:oauth/token 200',
      'event.get 200',
    ]);
  });

  it('that keeps failing is told with its own word', async () => {
    const { portal } = await refreshing({ error: 'out_of_order', status: 500, times: 2 });
    expect(await failureOf(portal.readLive())).toMatchObject({
      code: 'refresh-unknown',
      message: expect.stringContaining('no answer came: out_of_order.') as string,
    });
  });
});
