/** Authorises an application on a portal by hand: the address to consent at, the code that comes back, the tokens it is worth. */
import { createHmac } from 'node:crypto';
import { PortalError, UsageError } from '../core/errors.ts';
import { domainOf } from '../core/display.ts';
import { normaliseAuthorisationUrl } from '../portal/endpoint.ts';
import { createHttp } from '../portal/http.ts';
import {
  type Application,
  authorisationUrlOf,
  createOAuth,
  type Grant,
  type OAuth,
  oauthFailure,
  type TokenOwner,
} from '../portal/oauth.ts';
import type { Installation } from '../installation/installation.ts';
import type { Store } from '../installation/store.ts';
import { isSameSecret } from './secret-compare.ts';

export interface LoginRequest {
  /** `https://acme.bitrix24.com/rest/` */
  readonly clientEndpoint: string;
  readonly application: Application;
  /** Instead of the two known authorisation servers. */
  readonly oauthUrl?: string | undefined;
}

/** The state is good for this long; the code itself lives 30 s only (F101). */
const stateLifetimeMs = 10 * 60_000;

/** Where a person consents; the state in it is recognised again without having been kept. */
export function consentUrl({ clientEndpoint, application }: LoginRequest, nowMs: number): string {
  const url = new URL('../oauth/authorize/', clientEndpoint);
  const until = (nowMs + stateLifetimeMs).toString(36);
  url.searchParams.set('client_id', application.clientId);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('state', `${until}.${sealOf(until, clientEndpoint, application)}`);
  return url.href;
}

/**
 * The code in what a person pastes: the code alone, or the address the browser was sent to, whose state has to be ours.
 * @throws UsageError `no-code`, `wrong-state`
 */
export function codeIn(pasted: string, { clientEndpoint, application }: LoginRequest, nowMs: number): string {
  const text = pasted.trim();
  if (/^[\w.~-]{1,512}$/.test(text)) return text;
  const params = URL.canParse(text) ? new URL(text).searchParams : undefined;
  const code = params?.get('code') ?? '';
  if (params === undefined || code === '') {
    throw new UsageError({
      code: 'no-code',
      message: 'there is no authorisation code in what was given',
      hint: 'Give the whole address the browser was sent to, or the value of `code` in it',
    });
  }
  const [until = '', seal = ''] = (params.get('state') ?? '').split('.');
  const isOurs = isSameSecret(seal, sealOf(until, clientEndpoint, application));
  if (isOurs && Number.parseInt(until, 36) >= nowMs) return code;
  throw new UsageError({
    code: 'wrong-state',
    message: isOurs
      ? 'the address was opened more than 10 minutes ago'
      : `the address does not come from this login to '${domainOf(clientEndpoint)}'`,
    hint: 'Begin again, and paste the address you are sent to after that',
  });
}

/**
 * Exchanges the code, asks whose the tokens are, and keeps them.
 * @throws PortalError `wrong-code`, `wrong-login`, `wrong-client`, `payment-required`, `authorisation-refused`
 * @throws NetworkError `unreachable`, `no-answer`
 */
export async function logIn(
  code: string,
  request: LoginRequest,
  { store, signal }: { readonly store: Store; readonly signal?: AbortSignal | undefined },
): Promise<Installation> {
  const { clientEndpoint, application, oauthUrl } = request;
  const http = createHttp({ timeoutMs: 30_000 });
  const url = oauthUrl === undefined ? authorisationUrlOf(clientEndpoint) : normaliseAuthorisationUrl(oauthUrl);
  try {
    const oauth = createOAuth(url, http, signal);
    const grant = await exchange(oauth, application, code);
    const owner = await ownerOf(oauth, grant);
    assertExpected(owner, request);
    return await keepGrant(grant, owner, store, signal);
  } finally {
    await http.close();
  }
}

async function exchange(oauth: OAuth, application: Application, code: string): Promise<Grant> {
  const outcome = await oauth.exchangeCode(application, code);
  if (outcome.kind === 'done') return outcome.value;
  if (outcome.kind === 'refused' && outcome.error.code === 'invalid_grant') {
    throw new PortalError({
      code: 'wrong-code',
      message: 'the authorisation server does not accept the code: it lives 30 seconds and works once',
      hint: 'Begin again, and be quick with the new code',
    });
  }
  throw oauthFailure(outcome, oauth.url);
}

async function ownerOf(oauth: OAuth, { accessToken }: Grant): Promise<TokenOwner> {
  const outcome = await oauth.verifyToken(accessToken);
  if (outcome.kind === 'done') return outcome.value;
  throw oauthFailure(outcome, oauth.url);
}

function assertExpected(owner: TokenOwner, { clientEndpoint, application }: LoginRequest): void {
  const [expected, actual] = [domainOf(clientEndpoint), domainOf(owner.clientEndpoint)];
  if (owner.clientId === application.clientId && owner.clientEndpoint === clientEndpoint) return;
  throw new PortalError({
    code: 'wrong-login',
    message:
      owner.clientId === application.clientId
        ? `the code is for portal '${actual}', and the login was for '${expected}'`
        : `the code is for another application than ${application.clientId}`,
    hint: `Run: bitrix-events login ${actual}`,
  });
}

async function keepGrant(
  { accessToken, refreshToken, expires }: Grant,
  { memberId, clientEndpoint, clientId, userId, scope, version }: TokenOwner,
  store: Store,
  signal: AbortSignal | undefined,
): Promise<Installation> {
  const release = await store.lock(memberId, 'tokens', { signal });
  try {
    const { seed, applicationToken } = (await store.read(memberId)) ?? {};
    const installation: Installation = {
      memberId,
      clientEndpoint,
      clientId,
      tokens: { accessToken, refreshToken, ...(expires === undefined ? {} : { expires }) },
      // Kept, so that a pair that still stands in the environment does not win over this one.
      ...(seed === undefined ? {} : { seed }),
      ...(applicationToken === undefined ? {} : { applicationToken }),
      ...(userId === undefined ? {} : { userId }),
      ...(scope === undefined ? {} : { scope }),
      ...(version === undefined ? {} : { version }),
    };
    await store.write(installation);
    return installation;
  } finally {
    await release();
  }
}

function sealOf(until: string, clientEndpoint: string, { clientId, clientSecret }: Application): string {
  return createHmac('sha256', clientSecret)
    .update(`bitrix-events login\n${until}\n${clientId}\n${clientEndpoint}`)
    .digest('base64url');
}
