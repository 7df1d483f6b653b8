/**
 * Finds the installation that a run is about, in the environment's credentials or in the store.
 *
 * | the environment gives | the store has | used |
 * |---|---|---|
 * | a pair of tokens | the installation it seeded | the store's pair: it is newer |
 * | a pair of tokens | nothing of it, or an installation seeded by another pair | the environment's pair, which seeds the store anew |
 * | no tokens | one installation that fits | the store's pair |
 * | no tokens | none, or several | an error that lists them |
 * | a pair of tokens | – (no store was given) | the environment's pair, as long as its access token works |
 * | no tokens | – | an error |
 */
import { UsageError } from '../core/errors.ts';
import type { Installation } from '../installation/installation.ts';
import type { Store } from '../installation/store.ts';
import { type ApplicationFacts, type Authorisation, createAuthorisation, withoutRenewal } from './authorisation.ts';
import { chooseInstallation, selects } from './choose-installation.ts';
import { normaliseEndpoint } from './endpoint.ts';
import { installationOfTokens } from './environment-tokens.ts';
import type { Http } from './http.ts';
import { createSession, type Session } from './session.ts';

/** As they were given, checked by nobody yet. */
export interface Credentials extends ApplicationFacts {
  /** A domain, or an address such as `https://acme.bitrix24.com/rest/`. Absent: the authorisation server is asked for it. */
  readonly clientEndpoint?: string | undefined;
  /** Good for an hour (F102). */
  readonly accessToken?: string | undefined;
  /** Good for 180 days and for one renewal, which takes a store that keeps the new pair (F102, F104). */
  readonly refreshToken?: string | undefined;
  /** `member_id` of the portal. Absent: the authorisation server is asked for it, or the store searched without it. */
  readonly memberId?: string | undefined;
}

export interface SessionRequest {
  readonly credentials: Credentials;
  readonly store: Store;
  readonly http: Http;
  /** Chooses an installation of the store: its domain or member id. */
  readonly portal?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** As in `SessionWorld`. Without a store that keeps them, no portal is looked for in it either. */
  readonly keepsTokens?: boolean | undefined;
}

/** What is shared by everything that works with one application and one store. */
export interface SessionWorld {
  readonly store: Store;
  readonly http: Http;
  readonly application: ApplicationFacts;
  readonly signal?: AbortSignal | undefined;
  /** False where the store is gone with the process: then no refresh token is spent. Default true. */
  readonly keepsTokens?: boolean | undefined;
}

/** A session on an installation that is at hand. Makes no request. */
export function sessionOf(installation: Installation, world: SessionWorld): Session {
  const { store, signal } = world;
  const facts = applicationOf(world.application);
  const authorisation = authorisationOf({ ...facts, clientId: facts.clientId ?? installation.clientId }, world);
  const { clientId = '' } = authorisation.application;
  return createSession({ ...installation, clientId }, { store, authorisation, signal });
}

/**
 * Finds the installation and opens a session on it. Makes no request when the store knows it or the environment names portal and
 * member id; otherwise it asks the authorisation server once whose the token is, and keeps the answer in the store.
 * @throws UsageError `no-credentials`, `ambiguous-portal`, `unknown-portal`, `webhook-url`, `invalid-endpoint`, `insecure-endpoint`,
 *   `no-store` and those of the store
 * @throws PortalError `foreign-tokens`, `authorisation-lost`, `authorisation-expired` and the other codes of a refresh
 * @throws NetworkError when the authorisation server has to be asked and does not answer
 */
export async function openSession(request: SessionRequest): Promise<Session> {
  const { credentials, store, http, portal, signal, keepsTokens } = request;
  const application = applicationOf(credentials);
  const given = {
    endpoint: ifGiven(credentials.clientEndpoint, normaliseEndpoint),
    memberId: ifGiven(credentials.memberId),
    accessToken: ifGiven(credentials.accessToken),
    refreshToken: ifGiven(credentials.refreshToken),
  };
  const hasPair = given.accessToken !== undefined || given.refreshToken !== undefined;
  const isGiven = hasPair && (portal === undefined || selects(portal, given));
  if (!isGiven && keepsTokens === false) throw nowhereToLook(hasPair ? portal : undefined);
  const authorisation = authorisationOf(application, request);
  const installation = isGiven
    ? await installationOfTokens(given, { store, http, authorisation, signal })
    : await chooseInstallation(store, portal ?? given.memberId ?? given.endpoint);
  const session = sessionOf(installation, { store, http, application, signal, keepsTokens });
  // Chosen by nothing but what the environment claims.
  if (hasPair && portal !== undefined && portal === given.memberId) await session.confirm();
  return session;
}

function authorisationOf(
  application: ApplicationFacts,
  { http, signal, keepsTokens = true }: Pick<SessionWorld, 'http' | 'signal' | 'keepsTokens'>,
): Authorisation {
  const authorisation = createAuthorisation(application, http, signal);
  return keepsTokens ? authorisation : withoutRenewal(authorisation);
}

/** @param other a portal that was chosen, and is not the one that the tokens are for */
function nowhereToLook(other: string | undefined): UsageError {
  if (other !== undefined) {
    return new UsageError({
      code: 'unknown-portal',
      message: `the given tokens are not those of portal '${other}', and there is no store to look for it in`,
      hint: 'Give the tokens of that portal, or the `store` that has them',
    });
  }
  return new UsageError({
    code: 'no-credentials',
    message: 'there are no tokens: none were given, and there is no store to look in',
    hint: 'Give clientEndpoint and accessToken as `credentials`, or the `store` that has them; credentialsFromEnv finds both',
  });
}

function applicationOf({ clientId, clientSecret, oauthUrl }: ApplicationFacts): ApplicationFacts {
  return { clientId: ifGiven(clientId), clientSecret: ifGiven(clientSecret), oauthUrl: ifGiven(oauthUrl) };
}

/** Empty variables are variables that are not set. */
function ifGiven(text: string | undefined, normalise: (text: string) => string = (same) => same): string | undefined {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? undefined : normalise(trimmed);
}
