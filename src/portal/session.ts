/**
 * The tokens of one installation while they are used: refreshed when the portal says they have expired, never before,
 * one refresh at a time across all processes, and on disk before anybody uses them.
 *
 * A refresh token works once (F104). Whoever loses the new pair has lost the chain, and somebody has to log in again by hand.
 */
import { domainOf } from '../core/display.ts';
import { BitrixEventsError, PortalError } from '../core/errors.ts';
import { changeInstallation, type InstallationChange } from '../installation/change-installation.ts';
import {
  confirmed,
  type Grant,
  type Installation,
  moved,
  renewed,
  seeded,
  type TokenOwner,
  usedBy,
} from '../installation/installation.ts';
import type { Store } from '../installation/store.ts';
import { withAnotherUser, withoutDead } from '../installation/pairs.ts';
import type { Authorisation, FromServer } from './authorisation.ts';
import { isExpired } from './errors.ts';
import { oauthFailure } from './oauth.ts';

export interface Session {
  /** The installation as it is now; a refresh or a move replaces it, so ask again for each request. */
  current(): Installation;
  /**
   * Gets another access token than the one that was refused. `found`: somebody else had been granted it, some time ago.
   * Where the refresh token is dead, the spare pairs are tried; the first that works is the pair in use from then on.
   * @throws PortalError `foreign-tokens` when the tokens turn out to be another portal’s, and the codes of `Authorisation.renew`
   * @throws NetworkError as there
   */
  refresh(staleAccessToken: string): Promise<'granted' | 'found'>;
  /**
   * Uses the pair of a user whom the portal has not turned away yet, from now on and in the record.
   * @returns whether there is another access token now than the one that was refused
   */
  switchUser(refusedAccessToken: string, turnedAway: ReadonlySet<number | undefined>): Promise<boolean>;
  /**
   * Whose the current access token is, from the authorisation server, and kept in the record where it is as expected.
   * @throws PortalError, NetworkError
   */
  owner(): Promise<TokenOwner>;
  /**
   * Makes sure that an authorisation server, and not only the environment, has said that this is the portal. Asks once in the
   * life of an installation.
   * @throws PortalError `foreign-tokens`; PortalError, NetworkError when it cannot be asked
   */
  confirm(): Promise<void>;
  /** Keeps the portal’s new address. */
  moved(clientEndpoint: string): Promise<void>;
  /** Keeps what the portal says of the user, where it is news and the store takes it. */
  seen(user: { readonly userId: number; readonly isAdmin: boolean }): Promise<void>;
}

export interface SessionOptions {
  readonly store: Store;
  readonly authorisation: Authorisation;
  readonly signal?: AbortSignal | undefined;
}

export function createSession(opened: Installation, options: SessionOptions): Session {
  const { store, authorisation, signal } = options;
  const { memberId } = opened;
  let current = opened;
  let inFlight: Promise<'granted' | 'found'> | undefined;

  const change = async (next: InstallationChange): Promise<void> => {
    const kept = await changeInstallation(store, memberId, next, { signal });
    // Older records may not name the application; whoever works with it does.
    if (kept !== undefined) current = { ...kept, clientId: authorisation.application.clientId ?? kept.clientId };
  };

  async function renew(stale: string): Promise<'granted' | 'found'> {
    let granted: (FromServer<Grant> & { readonly for: Installation }) | undefined;
    // A pair that is granted is kept also where the record has gone meanwhile: there is no other copy of it.
    await change(async (known = current) => {
      // Another process was here first. Whether its token is still good, the portal will say; no clock can.
      if (known.tokens.accessToken !== stale) return known;
      // Asked again when the lock was lost meanwhile: the grant is the only one there will be.
      granted ??= await renewAny(known);
      const next = renewed(granted.for, granted.value, granted.server);
      // Whomever it turns out to belong to, the old pair is spent: the new one is on disk before anything is said.
      return next.memberId === memberId ? next : { ...granted.for, tokens: next.tokens };
    });
    if (granted === undefined) return 'found';
    const actual = renewed(granted.for, granted.value, granted.server);
    if (actual.memberId !== memberId) {
      await handOver(actual);
      throw foreignTokens(granted.for, actual);
    }
    return 'granted';
  }

  /** With the pair in use, or with the first of the spares whose refresh token works. */
  async function renewAny(known: Installation): Promise<FromServer<Grant> & { readonly for: Installation }> {
    let dead: unknown;
    for (let next: Installation | undefined = known; next !== undefined; next = withoutDead(next)) {
      try {
        return { ...(await authorisation.renew(next.tokens.refreshToken, next)), for: next };
      } catch (error) {
        if (!isDead(error, next)) throw error;
        dead ??= error;
      }
    }
    throw dead;
  }

  /** Keeps what was learned with the current token, where the record still holds it and the store takes it. */
  async function learn(next: (known: Installation) => Installation): Promise<void> {
    const { accessToken } = current.tokens;
    current = next(current);
    try {
      await change((known) => (known?.tokens.accessToken === accessToken ? next(known) : known));
    } catch (error) {
      // What is known is as good without it, and the next reading brings it again.
      if (!(error instanceof BitrixEventsError)) throw error;
    }
  }

  /** Gives the pair to the portal it belongs to, and only then takes it from the one it was thought to be of. */
  async function handOver(actual: Installation): Promise<void> {
    const { clientEndpoint, clientId, tokens, seed = '', userId, server } = actual;
    const given = { memberId: actual.memberId, clientEndpoint, clientId, tokens };
    const facts = { ...(userId === undefined ? {} : { userId }), ...(server === undefined ? {} : { server }) };
    await changeInstallation(store, actual.memberId, (known) => seeded(known, { ...given, ...facts }, seed), {
      signal,
    });
    await changeInstallation(
      store,
      memberId,
      (known) => (known?.tokens.accessToken === tokens.accessToken ? withoutDead(known) : known),
      { signal },
    );
  }

  const session: Session = {
    current: () => current,

    refresh(stale) {
      if (current.tokens.accessToken !== stale) return Promise.resolve('found');
      inFlight ??= renew(stale).finally(() => {
        inFlight = undefined;
      });
      return inFlight;
    },

    async switchUser(refused, turnedAway) {
      if (current.tokens.accessToken !== refused) return true;
      await change((known) =>
        known?.tokens.accessToken === refused ? (withAnotherUser(known, turnedAway) ?? known) : known,
      );
      return current.tokens.accessToken !== refused;
    },

    async owner() {
      let { outcome, server } = await authorisation.verify(current.tokens.accessToken, current);
      for (
        let renewals = 0;
        outcome.kind === 'refused' && isExpired(outcome.error.code) && renewals < 2;
        renewals += 1
      ) {
        await session.refresh(current.tokens.accessToken);
        ({ outcome, server } = await authorisation.verify(current.tokens.accessToken, current));
      }
      if (outcome.kind !== 'done') throw oauthFailure(outcome, server);
      const owner = outcome.value;
      if (owner.memberId === memberId) await learn((known) => confirmed(known, owner, server));
      return owner;
    },

    async confirm() {
      if (current.server !== undefined) return;
      const owner = await session.owner();
      if (owner.memberId !== memberId) throw foreignTokens(current, owner);
    },

    async moved(clientEndpoint) {
      // Known to this session even if it cannot be kept.
      current = moved(current, clientEndpoint);
      await change((known) => (known === undefined ? undefined : moved(known, clientEndpoint)));
    },

    async seen(user) {
      if (usedBy(current, user) !== current) await learn((known) => usedBy(known, user));
    },
  };
  return session;
}

/** The chain is over, or never had a second link. */
function isDead(error: unknown, { tokens }: Installation): boolean {
  if (!(error instanceof PortalError)) return false;
  return error.code === 'authorisation-lost' || tokens.refreshToken === undefined;
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
