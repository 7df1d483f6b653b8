/**
 * What authorisation servers say to one application: whose a token is, and new tokens for an old one.
 * Where it is not known which server a portal belongs to, the second is asked when the first does not know the token.
 */
import { domainOf } from '../core/display.ts';
import { NetworkError, PortalError, UsageError } from '../core/errors.ts';
import type { Grant, TokenOwner } from '../installation/installation.ts';
import { authorisationServers } from './authorisation-servers.ts';
import type { Http } from './http.ts';
import { type Application, createOAuth, type OAuth, type OAuthOutcome, oauthFailure } from './oauth.ts';

/** As an application is known to whoever runs it; what is missing is missed when it is needed. */
export interface ApplicationFacts {
  /** Absent: that of the stored installation. */
  readonly clientId?: string | undefined;
  /** Goes to authorisation servers only. */
  readonly clientSecret?: string | undefined;
  /** Instead of the two known authorisation servers. */
  readonly oauthUrl?: string | undefined;
}

/** What is known of the portal that a token is for. */
export interface PortalFacts {
  readonly clientEndpoint?: string | undefined;
  /** The server that verified or granted its tokens before. */
  readonly server?: string | undefined;
}

/** An answer, and the server it came from. */
export interface FromServer<Value> {
  readonly value: Value;
  readonly server: string;
}

/** What became of a question, and the server that was asked. */
export interface Asked<Value> {
  readonly outcome: OAuthOutcome<Value>;
  readonly server: string;
}

export interface Authorisation {
  readonly application: ApplicationFacts;
  /** Whose the token is. Never throws. */
  verify(accessToken: string, portal: PortalFacts): Promise<Asked<TokenOwner>>;
  /** What a code of the portal's consent page is worth. It works once. Never throws. */
  exchange(code: string, application: Application, portal: PortalFacts): Promise<Asked<Grant>>;
  /**
   * New tokens. The refresh token is spent by it, so the caller has to keep them before anything else.
   * @throws PortalError `authorisation-expired` when something it needs was not given, `authorisation-lost` when the chain is dead,
   *   `wrong-client`, `payment-required`, `authorisation-refused`
   * @throws NetworkError `unreachable`, `no-answer`, `refresh-unknown`
   */
  renew(refreshToken: string | undefined, portal: PortalFacts): Promise<FromServer<Grant>>;
}

export function createAuthorisation(application: ApplicationFacts, http: Http, signal?: AbortSignal): Authorisation {
  const serversOf = ({ clientEndpoint, server }: PortalFacts) =>
    authorisationServers({ configured: application.oauthUrl, named: server, clientEndpoint });

  async function ask<Value>(
    portal: PortalFacts,
    question: (oauth: OAuth) => Promise<OAuthOutcome<Value>>,
  ): Promise<Asked<Value>> {
    const [first, ...others] = serversOf(portal);
    const answer = { outcome: await question(createOAuth(first, http, signal)), server: first };
    if (!mayBeUnknownThere(answer.outcome)) return answer;
    for (const server of others) {
      const outcome = await question(createOAuth(server, http, signal));
      if (!mayBeUnknownThere(outcome)) return { outcome, server };
    }
    return answer;
  }

  return {
    application,
    verify: (accessToken, portal) => ask(portal, (oauth) => oauth.verifyToken(accessToken)),
    exchange: (code, whole, portal) => ask(portal, (oauth) => oauth.exchangeCode(whole, code)),

    async renew(refreshToken, portal) {
      const name =
        portal.clientEndpoint === undefined ? 'the given tokens' : `portal '${domainOf(portal.clientEndpoint)}'`;
      const { clientId = '', clientSecret } = application;
      if (refreshToken === undefined || clientId === '' || clientSecret === undefined) {
        throw notRefreshable(name, refreshToken, clientId, clientSecret);
      }
      const whole = { clientId, clientSecret };
      const first = await ask(portal, (oauth) => oauth.refresh(whole, refreshToken));
      if (first.outcome.kind === 'done') return { value: first.outcome.value, server: first.server };
      if (first.outcome.kind !== 'lost') throw refreshFailure(name, first.outcome, first.server, unusableToken);
      // Whether the old token was spent is unknown. If it was not, it still works; if it was, nothing is lost by asking.
      const { message } = first.outcome;
      const second = await createOAuth(first.server, http, signal).refresh(whole, refreshToken);
      if (second.kind === 'done') return { value: second.value, server: first.server };
      if (second.kind === 'refused' || second.kind === 'insecure') {
        const why = `the answer with the new tokens was lost on its way (${message}), and the old refresh token is spent`;
        throw refreshFailure(name, second, first.server, why);
      }
      throw new NetworkError({
        code: 'refresh-unknown',
        message: `the tokens for ${name} were to be refreshed and no answer came: ${second.message}. Whether the old ones still work is not known`,
        hint: 'Run again: the old refresh token is tried once more',
        at: 'authorisation-server',
        cause: second.cause,
      });
    },
  };
}

/** For who keeps nothing: a refresh would spend the token that was given, and its new pair would be lost with the process. */
export function withoutRenewal(authorisation: Authorisation): Authorisation {
  return {
    ...authorisation,
    async renew(refreshToken, portal) {
      if (refreshToken === undefined) return authorisation.renew(refreshToken, portal);
      throw new UsageError({
        code: 'no-store',
        message: `${nameOf(portal)} need to be refreshed, and no store was given: a refresh token works once, and the new pair would be lost with this process`,
        hint: "Give a `store` that keeps it, such as 'file:.bitrix-events', or an access token that is still valid",
      });
    },
  };
}

function nameOf({ clientEndpoint }: PortalFacts): string {
  return clientEndpoint === undefined ? 'the given tokens' : `the tokens for portal '${domainOf(clientEndpoint)}'`;
}

/** A server may refuse what only the other one knows; that an application is not paid for, or a token too old, it says of its own. */
function mayBeUnknownThere(outcome: OAuthOutcome<unknown>): boolean {
  if (outcome.kind === 'not-sent') return true;
  return outcome.kind === 'refused' && !['PAYMENT_REQUIRED', 'expired_token'].includes(outcome.error.code);
}

const unusableToken =
  'the refresh token is no longer valid (used elsewhere, older than 180 days, or the application was removed)';

function refreshFailure(
  portal: string,
  outcome: Exclude<OAuthOutcome<unknown>, { kind: 'done' }>,
  server: string,
  whyLost: string,
): PortalError | NetworkError {
  if (outcome.kind !== 'refused' || outcome.error.code !== 'invalid_grant') return oauthFailure(outcome, server);
  return new PortalError({
    code: 'authorisation-lost',
    message: `the authorisation for ${portal} is lost: ${whyLost}`,
    hint: 'Log in again, give a new pair of tokens by environment, or install the application again',
  });
}

function notRefreshable(
  portal: string,
  refreshToken: string | undefined,
  clientId: string,
  clientSecret: string | undefined,
): PortalError {
  const missing = [
    ...(refreshToken === undefined ? ['BITRIX24_REFRESH_TOKEN'] : []),
    ...(clientId === '' ? ['BITRIX24_CLIENT_ID'] : []),
    ...(clientSecret === undefined ? ['BITRIX24_CLIENT_SECRET'] : []),
  ];
  return new PortalError({
    code: 'authorisation-expired',
    message: `the access token for ${portal} is not valid any more and cannot be refreshed without ${missing.join(' and ')}`,
    hint: `Set ${missing.join(' and ')}, or give a new access token`,
  });
}
