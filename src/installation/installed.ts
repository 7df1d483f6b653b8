/** What a verified request makes of the record of its portal. */
import type { Installation, Pair, TokenOwner } from './installation.ts';
import { brought, pairsOf } from './pairs.ts';

/** What was verified, and what was only claimed beside it. */
export interface Brought {
  /** `page` stands for one that an administrator opened. */
  readonly by: 'install' | 'update' | 'user-ready' | 'page';
  /** The access token is the owner's; its refresh token is a claim. */
  readonly pair: Pair;
  /** Digest of the pair. */
  readonly seed: string;
  readonly owner: TokenOwner;
  /** The server that says so. */
  readonly server: string;
  readonly scope?: readonly string[] | undefined;
  readonly applicationToken?: string | undefined;
  /** Unix time in seconds, not beyond now; absent for what is no event. */
  readonly happenedAt?: number | undefined;
}

/** Undefined where there is no record and this makes none: an update is of something. */
export function installed(known: Installation | undefined, given: Brought): Installation | undefined {
  if (known === undefined && given.by === 'update') return undefined;
  const { owner, server, pair, seed } = given;
  const { scope = given.scope ?? known?.scope, version = known?.version } = owner;
  const before: Installation = known ?? {
    ...pair,
    memberId: owner.memberId,
    clientEndpoint: owner.clientEndpoint,
    clientId: owner.clientId,
    seed,
  };
  // The pair that the record was made of may have been renewed since.
  const next = before.seed === seed ? before : brought(before, pair);
  const applicationToken = believedToken(known, given);
  return heardOf(
    {
      ...next,
      ...(next.tokens === pair.tokens ? { seed } : {}),
      clientEndpoint: owner.clientEndpoint,
      clientId: owner.clientId,
      server,
      ...(scope === undefined ? {} : { scope }),
      ...(version === undefined ? {} : { version }),
      ...(applicationToken === undefined ? {} : { applicationToken }),
    },
    given,
  );
}

/** With the time of an event that has the right application token. Nobody else can say when anything happened. */
export function heardOf(
  known: Installation,
  { applicationToken, happenedAt }: Pick<Brought, 'applicationToken' | 'happenedAt'>,
): Installation {
  if (happenedAt === undefined || applicationToken === undefined) return known;
  const isNews = applicationToken === known.applicationToken && happenedAt > (known.installedAt ?? 0);
  return isNews ? { ...known, installedAt: happenedAt } : known;
}

/** Whether the portal has told of an installation that came after this. */
export function isOvertaken({ installedAt = 0 }: Installation, happenedAt: number | undefined): boolean {
  return happenedAt !== undefined && happenedAt < installedAt;
}

/** Of a pair's user, where that is known. */
export function isKnownAdministrator(known: Installation | undefined, userId: number | undefined): boolean {
  if (known === undefined || userId === undefined) return false;
  return pairsOf(known).some((pair) => pair.userId === userId && pair.isAdmin === true);
}

/**
 * | stored | brought by | then |
 * |---|---|---|
 * | none | the platform's event of an installation, a page of an administrator | it is kept |
 * | one | such an event, with an administrator's token | the new one is kept |
 * | one | anything else | the old one stays: pages pass through browsers |
 * | – | an update | it is compared, and never a new one (F181) |
 */
function believedToken(known: Installation | undefined, given: Brought): string | undefined {
  const stored = known?.applicationToken;
  const { applicationToken, by, pair, owner } = given;
  if (applicationToken === undefined || by === 'update') return stored;
  if (stored === undefined) return applicationToken;
  const isAdministrators = pair.isAdmin ?? isKnownAdministrator(known, owner.userId);
  return by !== 'page' && isAdministrators ? applicationToken : stored;
}
