/**
 * Finds the installation that a run is about, in the environment's credentials or in the store, and opens a session on it.
 *
 * | the environment gives | the store has | used |
 * |---|---|---|
 * | a pair of tokens | the installation it seeded | the store's pair: it is newer |
 * | a pair of tokens | nothing of it, or an installation seeded by another pair | the environment's pair, which seeds the store anew |
 * | no tokens | one installation that fits | the store's pair |
 * | no tokens | none, or several | an error that lists them |
 */
import type { Store } from '../installation/store.ts';
import { chooseInstallation, selects } from './choose-installation.ts';
import { normaliseAuthorisationUrl, normaliseEndpoint } from './endpoint.ts';
import { createHttp, type Http } from './http.ts';
import { authorisationUrlOf, createOAuth } from './oauth.ts';
import { seedInstallation } from './seed.ts';
import { createSession, type Session } from './session.ts';

/** As they were given, checked by nobody yet. */
export interface Credentials {
  readonly clientEndpoint?: string | undefined;
  readonly accessToken?: string | undefined;
  readonly refreshToken?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly memberId?: string | undefined;
  readonly oauthUrl?: string | undefined;
}

export interface SessionRequest {
  readonly credentials: Credentials;
  readonly store: Store;
  /** Chooses an installation of the store: its domain or member id. */
  readonly portal?: string | undefined;
  /** Connections to share. */
  readonly http?: Http | undefined;
  /** For one request. Default 65 000. Unused with `http`. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a session. Makes no request when the store knows the installation or the environment names portal and member id;
 * otherwise it asks the authorisation server once whose the token is, and keeps the answer in the store.
 * @throws UsageError `no-credentials`, `ambiguous-portal`, `unknown-portal`, `webhook-url`, `invalid-endpoint`, `insecure-endpoint` and those of the store
 * @throws PortalError `foreign-tokens`, `authorisation-lost`, `authorisation-expired` and the other codes of a refresh
 * @throws NetworkError when the authorisation server has to be asked and does not answer
 */
export async function openSession(request: SessionRequest): Promise<Session> {
  const { store, portal, now = Date.now, signal } = request;
  const { clientEndpoint, accessToken, refreshToken, clientId, clientSecret, memberId, oauthUrl } = request.credentials;
  const http = request.http ?? createHttp({ timeoutMs: request.timeoutMs });
  const endpoint = ifGiven(clientEndpoint, normaliseEndpoint);
  const configuredOAuth = ifGiven(oauthUrl, normaliseAuthorisationUrl);
  const oauthOf = (address: string | undefined) =>
    createOAuth(configuredOAuth ?? authorisationUrlOf(address), http, signal);

  const given = {
    endpoint,
    memberId: ifGiven(memberId),
    accessToken: ifGiven(accessToken),
    refreshToken: ifGiven(refreshToken),
    clientId: ifGiven(clientId) ?? '',
    clientSecret: ifGiven(clientSecret),
  };
  const hasPair = given.accessToken !== undefined || given.refreshToken !== undefined;
  const installation =
    hasPair && (portal === undefined || selects(portal, given))
      ? await seedInstallation(given, { store, http, oauth: oauthOf(endpoint), now, signal })
      : await chooseInstallation(store, portal ?? given.memberId ?? endpoint);
  const application = given.clientId === '' ? installation.clientId : given.clientId;
  return createSession(
    { ...installation, clientId: application },
    {
      store,
      oauth: oauthOf(installation.clientEndpoint),
      clientId: application,
      clientSecret: given.clientSecret,
      now,
      signal,
    },
  );
}

/** Empty variables are variables that are not set. */
function ifGiven(text: string | undefined, normalise: (text: string) => string = (same) => same): string | undefined {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? undefined : normalise(trimmed);
}
