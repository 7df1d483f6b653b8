/**
 * Finds the installation that a run is about, in the environment's credentials or in the store.
 *
 * | the environment gives | the store has | used |
 * |---|---|---|
 * | a pair of tokens | the installation it seeded | the store's pair: it is newer |
 * | a pair of tokens | nothing of it, or an installation seeded by another pair | the environment's pair, which seeds the store anew |
 * | no tokens | one installation that fits | the store's pair |
 * | no tokens | none, or several | an error that lists them |
 */
import type { Installation } from '../installation/installation.ts';
import type { Store } from '../installation/store.ts';
import { type ApplicationFacts, createAuthorisation } from './authorisation.ts';
import { chooseInstallation, selects } from './choose-installation.ts';
import { normaliseEndpoint } from './endpoint.ts';
import { installationOfTokens } from './environment-tokens.ts';
import type { Http } from './http.ts';
import { createSession, type Session } from './session.ts';

/** As they were given, checked by nobody yet. */
export interface Credentials extends ApplicationFacts {
  readonly clientEndpoint?: string | undefined;
  readonly accessToken?: string | undefined;
  readonly refreshToken?: string | undefined;
  readonly memberId?: string | undefined;
}

export interface SessionRequest {
  readonly credentials: Credentials;
  readonly store: Store;
  readonly http: Http;
  /** Chooses an installation of the store: its domain or member id. */
  readonly portal?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is shared by everything that works with one application and one store. */
export interface SessionWorld {
  readonly store: Store;
  readonly http: Http;
  readonly application: ApplicationFacts;
  readonly signal?: AbortSignal | undefined;
}

/** A session on an installation that is at hand. Makes no request. */
export function sessionOf(installation: Installation, { store, http, application, signal }: SessionWorld): Session {
  const facts = applicationOf(application);
  const authorisation = createAuthorisation(
    { ...facts, clientId: facts.clientId ?? installation.clientId },
    http,
    signal,
  );
  const { clientId = '' } = authorisation.application;
  return createSession({ ...installation, clientId }, { store, authorisation, signal });
}

/**
 * Finds the installation and opens a session on it. Makes no request when the store knows it or the environment names portal and
 * member id; otherwise it asks the authorisation server once whose the token is, and keeps the answer in the store.
 * @throws UsageError `no-credentials`, `ambiguous-portal`, `unknown-portal`, `webhook-url`, `invalid-endpoint`, `insecure-endpoint` and those of the store
 * @throws PortalError `foreign-tokens`, `authorisation-lost`, `authorisation-expired` and the other codes of a refresh
 * @throws NetworkError when the authorisation server has to be asked and does not answer
 */
export async function openSession({ credentials, store, http, portal, signal }: SessionRequest): Promise<Session> {
  const application = applicationOf(credentials);
  const given = {
    endpoint: ifGiven(credentials.clientEndpoint, normaliseEndpoint),
    memberId: ifGiven(credentials.memberId),
    accessToken: ifGiven(credentials.accessToken),
    refreshToken: ifGiven(credentials.refreshToken),
  };
  const hasPair = given.accessToken !== undefined || given.refreshToken !== undefined;
  const authorisation = createAuthorisation(application, http, signal);
  const installation =
    hasPair && (portal === undefined || selects(portal, given))
      ? await installationOfTokens(given, { store, http, authorisation, signal })
      : await chooseInstallation(store, portal ?? given.memberId ?? given.endpoint);
  const session = sessionOf(installation, { store, http, application, signal });
  // Chosen by nothing but what the environment claims.
  if (hasPair && portal !== undefined && portal === given.memberId) await session.confirm();
  return session;
}

function applicationOf({ clientId, clientSecret, oauthUrl }: ApplicationFacts): ApplicationFacts {
  return { clientId: ifGiven(clientId), clientSecret: ifGiven(clientSecret), oauthUrl: ifGiven(oauthUrl) };
}

/** Empty variables are variables that are not set. */
function ifGiven(text: string | undefined, normalise: (text: string) => string = (same) => same): string | undefined {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? undefined : normalise(trimmed);
}
