/** One portal's tokens and facts, as a value, and the named ways in which it may become another one. */

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Unix time in seconds by the clock of whoever was granted them. A hint: only the portal knows whether a token is good. */
  readonly expires?: number;
}

/** One portal's tokens and facts. */
export interface Installation {
  readonly memberId: string;
  readonly clientEndpoint: string;
  readonly clientId: string;
  readonly tokens: Tokens;
  /** Digest of the token pair that this record was made of (`pairDigest`): a changed pair makes it anew. */
  readonly seed?: string;
  readonly applicationToken?: string;
  /** The REST scopes granted at installation. Never those of a refresh, which answers `app` (F166). */
  readonly scope?: readonly string[];
  readonly userId?: number;
  /** Whether the user of the tokens is an administrator, where the portal has said so. */
  readonly isAdmin?: boolean;
  /** The application's version on that portal. */
  readonly version?: number;
  /**
   * Origin of the authorisation server that verified or granted the tokens, and so has confirmed the member id.
   * Absent: nobody but the environment has said whose they are.
   */
  readonly server?: string;
  /** Unix time in seconds of the last installation, by the portal's clock. */
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
 * Made of a pair of tokens, with what was known of the portal and the pair does not change.
 * @param seed digest of the pair, by which it is recognised later
 */
export function seeded(known: Installation | undefined, given: Omit<Installation, 'seed'>, seed: string): Installation {
  const { applicationToken, version, scope, installedAt } = known ?? {};
  return {
    ...(applicationToken === undefined ? {} : { applicationToken }),
    ...(version === undefined ? {} : { version }),
    ...(scope === undefined ? {} : { scope }),
    ...(installedAt === undefined ? {} : { installedAt }),
    ...given,
    seed,
  };
}

/** New tokens from this server for the old ones: whose they are and where the portal lives is confirmed by it. */
export function renewed(known: Installation, grant: Grant, server: string): Installation {
  const { accessToken, refreshToken, expires, clientEndpoint, memberId, userId } = grant;
  return {
    ...ofUser(known, userId),
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

/** Of another user nobody knows whether they are an administrator. */
function ofUser(known: Installation, userId: number | undefined): Installation {
  if (userId === undefined || userId === known.userId) return known;
  const { isAdmin, ...rest } = known;
  return { ...rest, userId };
}
