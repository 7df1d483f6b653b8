/** One portal's tokens and facts, as a value, and the named ways in which it may become another one. */
import { setAside, withoutSparesOf } from './pairs.ts';

/** What speaks to a portal on behalf of a user. */
export interface Tokens {
  /** Good for an hour (F102). */
  readonly accessToken: string;
  /** Good for 180 days and for one renewal (F102, F104). Absent: the access token cannot be renewed. */
  readonly refreshToken?: string;
  /** Unix time in seconds by the clock of whoever was granted them. A hint: only the portal knows whether a token is good. */
  readonly expires?: number;
}

/** Tokens of one authorisation, and what is known of the user they belong to. */
export interface Pair {
  /** Renewed together: the former ones are dead then (F104). */
  readonly tokens: Tokens;
  /** Whose tokens these are, where somebody has said so; renewal keeps the user (F105). */
  readonly userId?: number;
  /** Whether the user of the tokens is an administrator, where the portal has said so. */
  readonly isAdmin?: boolean;
  /** The user is the application's own, which nobody dismisses (F177). */
  readonly isSystem?: true;
  /** An authorisation server itself gave the refresh token; any other is only what a request or a person said. */
  readonly isProven?: true;
}

/** One portal's facts, and the pair of tokens in use. */
export interface Installation extends Pair {
  /** `member_id` of the portal, which renaming, updates and reinstallation leave as it is (F114, F120). */
  readonly memberId: string;
  /** `https://acme.bitrix24.com/rest/`; another one once the portal is known to be renamed. */
  readonly clientEndpoint: string;
  /** The application's id; empty where nobody has said it. */
  readonly clientId: string;
  /** For when the pair in use stops working: at most two, the last used first. */
  readonly spare?: readonly Pair[];
  /** Digest of the token pair that this record was made of (`pairDigest`): a changed pair makes it anew. */
  readonly seed?: string;
  /** What tells events of this portal from forged ones: one for portal and application (F120). Absent: it never came. */
  readonly applicationToken?: string;
  /** The REST scopes granted at installation. Never those of a refresh, which answers `app` (F103). */
  readonly scope?: readonly string[];
  /** The application's version on that portal. */
  readonly version?: number;
  /**
   * Origin of the authorisation server that verified or granted the tokens, and so has confirmed the member id.
   * Absent: nobody but the environment has said whose they are.
   */
  readonly server?: string;
  /** Unix time in seconds of the last event that told of an installation, by the portal's clock: never beyond ours. */
  readonly installedAt?: number;
}

/** What an authorisation server gives for a refresh token or a code. */
export interface Grant {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Unix time in seconds. */
  readonly expires?: number;
  /** Absent from some servers' answers; what was known before then stays true. */
  readonly memberId?: string;
  /** The portal's address: the answer's `domain` is that of the authorisation server itself (F103). */
  readonly clientEndpoint?: string;
  readonly userId?: number;
}

/** Whose an access token is, as the authorisation server says: portals can lie, it cannot. */
export interface TokenOwner {
  readonly clientId: string;
  readonly memberId: string;
  readonly clientEndpoint: string;
  readonly userId?: number;
  readonly scope?: readonly string[];
  readonly version?: number;
  readonly isInstalled?: boolean;
}

/**
 * Made of a pair of tokens, with what was known of the portal and the pair does not change; the pairs it had become spare.
 * @param seed digest of the pair, by which it is recognised later
 */
export function seeded(known: Installation | undefined, given: Omit<Installation, 'seed'>, seed: string): Installation {
  const { applicationToken, version, scope, installedAt } = known ?? {};
  const spare = known === undefined ? [] : setAside(known, given).spare;
  return {
    ...(spare === undefined || spare.length === 0 ? {} : { spare }),
    ...(applicationToken === undefined ? {} : { applicationToken }),
    ...(version === undefined ? {} : { version }),
    ...(scope === undefined ? {} : { scope }),
    ...(installedAt === undefined ? {} : { installedAt }),
    ...given,
    seed,
  };
}

/**
 * New tokens from this server for the old ones: whose they are and where the portal lives is confirmed by it.
 * Other pairs of the same user are not needed any more.
 */
export function renewed(known: Installation, grant: Grant, server: string): Installation {
  const { accessToken, refreshToken, expires, clientEndpoint, memberId, userId } = grant;
  const inUse = ofUser(known, userId);
  return {
    ...withoutSparesOf(inUse, inUse.userId),
    isProven: true,
    ...(clientEndpoint === undefined ? {} : { clientEndpoint }),
    tokens: { accessToken, refreshToken, ...(expires === undefined ? {} : { expires }) },
    // A grant that does not name the portal has confirmed no more than was known.
    ...(memberId === undefined ? {} : { memberId, server }),
  };
}

/** The portal was renamed; who it is has not changed. */
export function moved(known: Installation, clientEndpoint: string): Installation {
  return known.clientEndpoint === clientEndpoint ? known : { ...known, clientEndpoint };
}

/** Known better from what this server says of its access token. */
export function confirmed(known: Installation, owner: TokenOwner, server: string): Installation {
  const { memberId, clientEndpoint, clientId, userId, scope, version } = owner;
  return {
    ...ofUser(known, userId),
    memberId,
    clientEndpoint,
    ...(clientId === '' ? {} : { clientId }),
    ...(scope === undefined ? {} : { scope }),
    ...(version === undefined ? {} : { version }),
    server,
  };
}

/** Known better from the portal, which says who the user of its access token is. */
export function usedBy(
  known: Installation,
  user: { readonly userId: number; readonly isAdmin: boolean },
): Installation {
  const { userId, isAdmin } = user;
  return known.userId === userId && known.isAdmin === isAdmin ? known : { ...known, userId, isAdmin };
}

/** Of another user nobody knows whether they are an administrator, or the application's own. */
function ofUser(known: Installation, userId: number | undefined): Installation {
  if (userId === undefined || userId === known.userId) return known;
  const { isAdmin, isSystem, ...rest } = known;
  return { ...rest, userId };
}
