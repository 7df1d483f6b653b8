/**
 * The tokens of one installation while they are used: refreshed when the portal says they have expired, never before,
 * one refresh at a time across all processes, and on disk before anybody uses them.
 *
 * A refresh token works once (F104). Whoever loses the new pair has lost the chain, and somebody has to log in again by hand.
 */
import { NetworkError, PortalError } from '../core/errors.ts';
import type { Installation } from '../installation/installation.ts';
import type { Store } from '../installation/store.ts';
import { domainOf } from '../core/domain.ts';
import { isExpired } from './errors.ts';
import { type Grant, oauthFailure, type OAuth, type TokenOwner } from './oauth.ts';

export interface Session {
  /** The installation as it is now; a refresh or a move replaces it, so ask again for each request. */
  current(): Installation;
  /**
   * Gives an installation whose access token is another than the one that was refused.
   * @throws PortalError `authorisation-expired` when something it needs was not given, `authorisation-lost` when the chain is dead,
   * `foreign-tokens` when the tokens turn out to be another portal’s, and `wrong-client`, `payment-required`, `authorisation-refused`
   * @throws NetworkError `unreachable`, `no-answer`, `refresh-unknown`
   */
  refresh(staleAccessToken: string): Promise<Installation>;
  /**
   * Whose the current access token is, from the authorisation server.
   * @throws PortalError, NetworkError
   */
  owner(): Promise<TokenOwner>;
  /** Keeps the portal’s new address. */
  moved(clientEndpoint: string): Promise<void>;
}

export interface SessionOptions {
  readonly store: Store;
  readonly oauth: OAuth;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

export function createSession(opened: Installation, options: SessionOptions): Session {
  const { store, oauth, signal, now } = options;
  const { memberId } = opened;
  let current = opened;
  let inFlight: Promise<Installation> | undefined;

  async function underLock<Value>(work: () => Promise<Value>): Promise<Value> {
    const release = await store.lock(memberId, 'tokens', { signal });
    try {
      return await work();
    } finally {
      await release();
    }
  }

  function adopt(installation: Installation): Installation {
    // Older records may not name the application; the session always knows it.
    current = { ...installation, clientId: options.clientId };
    return current;
  }

  async function save(installation: Installation): Promise<Installation> {
    await store.write(installation);
    return adopt(installation);
  }

  async function refreshUnderLock(stale: string): Promise<Installation> {
    const stored = (await store.read(memberId)) ?? current;
    const { accessToken, expires } = stored.tokens;
    const isUsable = accessToken !== stale && (expires === undefined || expires * 1000 > now());
    if (isUsable) {
      // Another process was here first: its pair is the only one that still works.
      return adopt(stored);
    }
    const grant = await requestGrant(
      `portal '${domainOf(stored.clientEndpoint)}'`,
      stored.tokens.refreshToken,
      options,
    );
    if (grant.memberId !== undefined && grant.memberId !== memberId) {
      // The old pair is spent, so the new one is kept for whom it belongs to before anything is said.
      const { clientEndpoint, clientId, tokens, seed } = stored;
      const own = {
        memberId: grant.memberId,
        clientEndpoint,
        clientId,
        tokens,
        ...(seed === undefined ? {} : { seed }),
      };
      const foreign = granted(own, grant);
      await store.write(foreign);
      await store.remove(memberId);
      throw foreignTokens(stored, foreign);
    }
    return save(granted(stored, grant));
  }

  function refresh(stale: string): Promise<Installation> {
    if (current.tokens.accessToken !== stale) return Promise.resolve(current);
    inFlight ??= underLock(() => refreshUnderLock(stale)).finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  }

  return {
    current: () => current,
    refresh,

    async owner() {
      let outcome = await oauth.verifyToken(current.tokens.accessToken);
      if (outcome.kind === 'refused' && isExpired(outcome.error.code)) {
        await refresh(current.tokens.accessToken);
        outcome = await oauth.verifyToken(current.tokens.accessToken);
      }
      if (outcome.kind !== 'done') throw oauthFailure(outcome, oauth.url);
      return outcome.value;
    },

    async moved(clientEndpoint) {
      // Known to this session even if it cannot be kept.
      current = { ...current, clientEndpoint };
      await underLock(async () => save({ ...((await store.read(memberId)) ?? current), clientEndpoint }));
    },
  };
}

export function granted(installation: Installation, grant: Grant): Installation {
  const { accessToken, refreshToken, expires, clientEndpoint, userId, scope } = grant;
  return {
    ...installation,
    ...(clientEndpoint === undefined ? {} : { clientEndpoint }),
    tokens: { accessToken, refreshToken, ...(expires === undefined ? {} : { expires }) },
    ...(userId === undefined ? {} : { userId }),
    ...(scope === undefined ? {} : { scope }),
  };
}

/**
 * New tokens for a refresh token.
 * @param portal how messages name whom it is for
 */
export async function requestGrant(
  portal: string,
  refreshToken: string | undefined,
  { oauth, clientId, clientSecret }: Pick<SessionOptions, 'oauth' | 'clientId' | 'clientSecret'>,
): Promise<Grant> {
  if (refreshToken === undefined || clientId === '' || clientSecret === undefined) {
    throw notRefreshable(portal, refreshToken, clientId, clientSecret);
  }
  const application = { clientId, clientSecret };
  const first = await oauth.refresh(application, refreshToken);
  if (first.kind === 'done') return first.value;
  if (first.kind === 'refused' && first.error.code === 'invalid_grant') {
    throw authorisationLost(
      portal,
      'the refresh token is no longer valid (used elsewhere, older than 180 days, or the application was removed)',
    );
  }
  if (first.kind !== 'lost') throw oauthFailure(first, oauth.url);
  // Whether the old token was spent is unknown. If it was not, it still works; if it was, nothing is lost by asking.
  const second = await oauth.refresh(application, refreshToken);
  if (second.kind === 'done') return second.value;
  if (second.kind === 'refused' && second.error.code === 'invalid_grant') {
    throw authorisationLost(
      portal,
      `the answer with the new tokens was lost on its way (${first.message}), and the old refresh token is spent`,
    );
  }
  if (second.kind === 'refused') throw oauthFailure(second, oauth.url);
  throw new NetworkError({
    code: 'refresh-unknown',
    message: `the tokens for ${portal} were to be refreshed and no answer came: ${second.message}. Whether the old ones still work is not known`,
    hint: 'Run again: the old refresh token is tried once more',
    cause: second.cause,
  });
}

function authorisationLost(portal: string, why: string): PortalError {
  return new PortalError({
    code: 'authorisation-lost',
    message: `the authorisation for ${portal} is lost: ${why}`,
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

export function foreignTokens(
  expected: Pick<Installation, 'memberId' | 'clientEndpoint'>,
  actual: Pick<Installation, 'memberId' | 'clientEndpoint'>,
): PortalError {
  return new PortalError({
    code: 'foreign-tokens',
    message:
      `the tokens given for portal '${domainOf(expected.clientEndpoint)}' (member id ${expected.memberId}) ` +
      `belong to '${domainOf(actual.clientEndpoint)}' (member id ${actual.memberId})`,
    hint: 'Correct BITRIX24_CLIENT_ENDPOINT and BITRIX24_MEMBER_ID, or give the tokens of that portal',
  });
}
