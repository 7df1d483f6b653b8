/**
 * Which of a portal's token pairs is used, and which are kept for when it stops working. A refresh token that nobody has tried
 * may be worth nothing: it is only claimed to go with its access token. It may take the place of one that works, but not its life.
 *
 * | the pair brought is of | the pair in use is of | then |
 * |---|---|---|
 * | the same user | – | it is used, the old one spare until the new refresh token has worked |
 * | another user of higher rank | – | it is used, the old one spare |
 * | another administrator | an administrator of the same rank | it is used, the old one spare |
 * | an administrator, or the application's own user | a user of higher rank | it is spare |
 * | anybody else | – | nothing changes |
 *
 * Ranks: an administrator who is the application's own user, any other administrator, a user of whom nothing is known, a user
 * known to be none. What cannot be refreshed is gone in an hour: it is no spare, and takes over by rank only.
 */
import type { Installation, Pair } from './installation.ts';

const mostSpares = 2;

/** All pairs of a record, the one in use first. */
export function pairsOf(known: Installation): readonly [Pair, ...Pair[]] {
  const { tokens, userId, isAdmin, isSystem, isProven, spare = [] } = known;
  const inUse: Pair = {
    tokens,
    ...(userId === undefined ? {} : { userId }),
    ...(isAdmin === undefined ? {} : { isAdmin }),
    ...(isSystem === undefined ? {} : { isSystem }),
    ...(isProven === undefined ? {} : { isProven }),
  };
  return [inUse, ...spare];
}

/** With a pair whose access token an authorisation server has just confirmed. The same record where that changes nothing. */
export function brought(known: Installation, given: Pair): Installation {
  const [inUse, ...spare] = pairsOf(known);
  const pair = likeItsUser(given, [inUse, ...spare]);
  if (isSame(pair, inUse)) return isSaidAlready(pair, inUse) ? known : using(known, told(inUse, pair), spare);
  const twin = spare.find((other) => isSame(other, pair));
  const others = spare.filter((other) => other !== twin);
  // A pair that comes again is older than the one that took its place.
  const isNext = twin === undefined ? takesOver(pair, inUse) : rankOf(pair) > rankOf(inUse);
  if (isNext) return using(known, twin === undefined ? pair : told(twin, pair), [inUse, ...others]);
  if (twin !== undefined) return known;
  const isWorthKeeping = (pair.isAdmin === true || pair.isSystem === true) && isRenewable(pair);
  return isWorthKeeping ? using(known, inUse, [pair, ...spare]) : known;
}

/** With another pair in use, whatever its rank: somebody has chosen it. What was in use becomes spare. */
export function setAside(known: Installation, chosen: Pair): Installation {
  const pairs = pairsOf(known);
  return using(
    known,
    likeItsUser(chosen, pairs),
    pairs.filter((pair) => !isSame(pair, chosen)),
  );
}

/** Without the pair in use, whose refresh token does not work, and with the best of the others; undefined when there is none. */
export function withoutDead(known: Installation): Installation | undefined {
  const [, ...spare] = pairsOf(known);
  const next = bestOf(spare.filter(isRenewable));
  return next === undefined
    ? undefined
    : using(
        known,
        next,
        spare.filter((pair) => pair !== next),
      );
}

/**
 * With the best pair of a user whom the portal has not turned away yet; undefined when there is none. The one in use stays as
 * the last of the spares: its user may be let in again.
 */
export function withAnotherUser(
  known: Installation,
  turnedAway: ReadonlySet<number | undefined>,
): Installation | undefined {
  const [inUse, ...spare] = pairsOf(known);
  const next = bestOf(spare.filter(({ userId }) => userId !== inUse.userId && !turnedAway.has(userId)));
  return next === undefined ? undefined : using(known, next, [...spare.filter((pair) => pair !== next), inUse]);
}

/** One pair of this user has worked: those beside it are not needed. */
export function withoutSparesOf(known: Installation, userId: number | undefined): Installation {
  const [inUse, ...spare] = pairsOf(known);
  return using(
    known,
    inUse,
    spare.filter((pair) => userId === undefined || pair.userId !== userId),
  );
}

function using(known: Installation, inUse: Pair, spare: readonly Pair[]): Installation {
  const { tokens: _, userId: _user, isAdmin: _admin, isSystem: _system, isProven: _proven, ...portal } = known;
  const { spare: _spare, ...facts } = portal;
  const kept = capped(inUse, spare);
  return { ...facts, ...inUse, ...(kept.length === 0 ? {} : { spare: kept }) };
}

/**
 * What nobody has tried goes before what has worked, the older before the newer. Never dropped: the pair of the application's own
 * user, and the last that has worked or, where none has, the first there was.
 */
function capped(inUse: Pair, spare: readonly Pair[]): readonly Pair[] {
  const all = [inUse, ...spare];
  const own = bestOf(all.filter(({ isSystem }) => isSystem).reverse());
  const anchor = all.find(({ isProven }) => isProven) ?? all.at(-1);
  let kept = spare;
  while (kept.length > mostSpares) {
    const mayGo = kept.filter((pair) => pair !== own && pair !== anchor);
    const dropped = mayGo.findLast(({ isProven }) => isProven !== true) ?? mayGo.at(-1);
    kept = kept.filter((pair) => pair !== dropped);
  }
  return kept;
}

function takesOver(pair: Pair, inUse: Pair): boolean {
  const mayLast = isRenewable(pair) || !isRenewable(inUse);
  if (pair.userId !== undefined && pair.userId === inUse.userId) return mayLast;
  if (rankOf(pair) === rankOf(inUse)) return mayLast && pair.isAdmin === true;
  return rankOf(pair) > rankOf(inUse);
}

function rankOf({ isAdmin, isSystem }: Pair): number {
  if (isAdmin === true) return isSystem === true ? 3 : 2;
  return isAdmin === undefined ? 1 : 0;
}

/** Of equal rank, the first. */
function bestOf(pairs: readonly Pair[]): Pair | undefined {
  return pairs.reduce<Pair | undefined>(
    (best, pair) => (best === undefined || rankOf(pair) > rankOf(best) ? pair : best),
    undefined,
  );
}

/** What is known of a user holds for all their pairs. */
function likeItsUser(pair: Pair, others: readonly Pair[]): Pair {
  const same = others.filter(({ userId }) => userId !== undefined && userId === pair.userId);
  const isAdmin = pair.isAdmin ?? same.find((other) => other.isAdmin !== undefined)?.isAdmin;
  const isSystem = pair.isSystem ?? same.find((other) => other.isSystem)?.isSystem;
  return { ...pair, ...(isAdmin === undefined ? {} : { isAdmin }), ...(isSystem === undefined ? {} : { isSystem }) };
}

function told(pair: Pair, { isAdmin, isSystem }: Pair): Pair {
  return { ...pair, ...(isAdmin === undefined ? {} : { isAdmin }), ...(isSystem === undefined ? {} : { isSystem }) };
}

function isSaidAlready(pair: Pair, known: Pair): boolean {
  return pair.isAdmin === known.isAdmin && pair.isSystem === known.isSystem;
}

function isSame({ tokens }: Pair, other: Pair): boolean {
  return tokens.accessToken === other.tokens.accessToken && tokens.refreshToken === other.tokens.refreshToken;
}

function isRenewable({ tokens }: Pair): boolean {
  return tokens.refreshToken !== undefined;
}
