/** Authorises an application on a portal by hand: the address to consent at, the code that comes back, the tokens it is worth. */
import { createHmac } from 'node:crypto';
import { PortalError, UsageError } from '../core/errors.ts';
import { domainOf } from '../core/display.ts';
import { changeInstallation } from '../installation/change-installation.ts';
import { confirmed, type Installation, renewed, type TokenOwner } from '../installation/installation.ts';
import { setAside } from '../installation/pairs.ts';
import type { Store } from '../installation/store.ts';
import { type Authorisation, createAuthorisation, type FromServer, type PortalFacts } from './authorisation.ts';
import type { Http } from './http.ts';
import { type Application, oauthFailure } from './oauth.ts';
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

export interface ConsentCode {
  readonly code: string;
  /** The authorisation server that gave it, as the address says (F102): believed when it is a known one. */
  readonly server?: string | undefined;
}

/**
 * The code in what a person pastes: the code alone, or the address the browser was sent to, whose state has to be ours.
 * @throws UsageError `no-code`, `wrong-state`
 */
export function codeIn(pasted: string, { clientEndpoint, application }: LoginRequest, nowMs: number): ConsentCode {
  const text = pasted.trim();
  if (/^[\w.~-]{1,512}$/.test(text)) return { code: text };
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
  if (isOurs && Number.parseInt(until, 36) >= nowMs) return { code, server: params.get('server_domain') ?? undefined };
  throw new UsageError({
    code: 'wrong-state',
    message: isOurs
      ? 'the address was opened more than 10 minutes ago'
      : `the address does not come from this login to '${domainOf(clientEndpoint)}'`,
    hint: 'Begin again, and paste the address you are sent to after that',
  });
}

export interface LoginWorld {
  readonly store: Store;
  readonly http: Http;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Exchanges the code, asks whose the tokens are, and keeps them.
 * @throws PortalError `wrong-code`, `wrong-login`, `wrong-client`, `payment-required`, `authorisation-refused`
 * @throws NetworkError `unreachable`, `no-answer`
 */
export async function logIn(
  { code, server }: ConsentCode,
  request: LoginRequest,
  { store, http, signal }: LoginWorld,
): Promise<Installation> {
  const { clientEndpoint, application, oauthUrl } = request;
  const authorisation = createAuthorisation({ ...application, oauthUrl }, http, signal);
  const { outcome, server: granter } = await authorisation.exchange(code, application, { clientEndpoint, server });
  if (outcome.kind === 'refused' && outcome.error.code === 'invalid_grant') {
    throw new PortalError({
      code: 'wrong-code',
      message: 'the authorisation server does not accept the code: it lives 30 seconds and works once',
      hint: 'Begin again, and be quick with the new code',
    });
  }
  if (outcome.kind !== 'done') throw oauthFailure(outcome, granter);
  const grant = outcome.value;
  const owner = await ownerOf(grant.accessToken, { clientEndpoint, server: granter }, authorisation);
  assertExpected(owner.value, request);
  const { memberId } = owner.value;
  const fresh = { memberId, clientEndpoint, clientId: application.clientId, tokens: { accessToken: '' } };
  // The seed stays, so that a pair that still stands in the environment does not win over this one.
  const tokens = { accessToken: grant.accessToken, refreshToken: grant.refreshToken };
  const chosen = { tokens, ...(owner.value.userId === undefined ? {} : { userId: owner.value.userId }) };
  // Whoever logs in may be dismissed one day; what the store had before may not be.
  const next = (known?: Installation) =>
    confirmed(
      renewed(known === undefined ? fresh : setAside(known, chosen), { ...grant, memberId }, granter),
      owner.value,
      owner.server,
    );
  return (await changeInstallation(store, memberId, next, { signal })) ?? next();
}

async function ownerOf(
  accessToken: string,
  portal: PortalFacts,
  authorisation: Authorisation,
): Promise<FromServer<TokenOwner>> {
  const { outcome, server } = await authorisation.verify(accessToken, portal);
  if (outcome.kind === 'done') return { value: outcome.value, server };
  throw oauthFailure(outcome, server);
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

function sealOf(until: string, clientEndpoint: string, { clientId, clientSecret }: Application): string {
  return createHmac('sha256', clientSecret)
    .update(`bitrix-events login\n${until}\n${clientId}\n${clientEndpoint}`)
    .digest('base64url');
}
