/**
 * Keeps what a verified request brings, under the portal's lock.
 *
 * What becomes of the record is decided in `src/installation/installed.ts`. Whether the user of the tokens is an administrator is
 * asked of the portal before, and only where it decides something: another user's tokens than those in use, or another application
 * token than the stored one.
 */
import { changeInstallation } from '../installation/change-installation.ts';
import { readUnlessDamaged } from '../installation/damaged-record.ts';
import type { Installation, Pair, TokenOwner } from '../installation/installation.ts';
import { type Brought, heardOf, installed, isKnownAdministrator } from '../installation/installed.ts';
import { pairDigest } from '../installation/pair-digest.ts';
import type { Store } from '../installation/store.ts';
import type { Claims } from './install-request.ts';

export interface KeepContext {
  readonly store: Store;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** Asks the portal whether the owner of the claimed access token is an administrator. */
  readonly isAdministrator: () => Promise<boolean>;
  /** Told where a damaged record is, in whose place these tokens are kept. */
  readonly onSetAside: (place: string) => void;
}

/**
 * @param owner whose the claimed access token is, by `server`
 * @returns what is kept; undefined for an update of what is not installed
 */
export async function keepTokens(
  claims: Claims,
  by: Brought['by'],
  owner: TokenOwner,
  server: string,
  context: KeepContext,
): Promise<Installation | undefined> {
  const { store, signal, nowMs, onSetAside } = context;
  const { accessToken, refreshToken, scope, applicationToken } = claims;
  const seed = pairDigest(accessToken, refreshToken);
  const known = await readUnlessDamaged(store, owner.memberId);
  const isAdmin =
    by === 'page' || (mattersFor(known, claims, seed, owner) ? await context.isAdministrator() : undefined);
  const pair: Pair = {
    tokens: tokensOf(claims, nowMs),
    ...(owner.userId === undefined ? {} : { userId: owner.userId }),
    ...(isAdmin === undefined ? {} : { isAdmin }),
    ...(by === 'user-ready' ? { isSystem: true } : {}),
  };
  const happenedAt = momentOf(claims, nowMs);
  const given = { by, pair, seed, owner, server, scope, applicationToken, happenedAt };
  return changeInstallation(store, owner.memberId, (current) => installed(current, given), { signal, onSetAside });
}

/** Of an event that is proven by what is known already nothing is kept but when it happened. */
export async function noteEvent(
  known: Installation,
  claims: Claims,
  { store, nowMs, signal }: Pick<KeepContext, 'store' | 'nowMs' | 'signal'>,
): Promise<Installation> {
  const event = { applicationToken: claims.applicationToken, happenedAt: momentOf(claims, nowMs) };
  if (heardOf(known, event) === known) return known;
  const change = (current: Installation | undefined) => (current === undefined ? undefined : heardOf(current, event));
  return (await changeInstallation(store, known.memberId, change, { signal })) ?? known;
}

/** Whether an opened page tells of something that the store does not know yet. */
export function isNews({ scope, version, clientEndpoint }: TokenOwner, known: Installation | undefined): boolean {
  if (known === undefined || known.clientEndpoint !== clientEndpoint) return true;
  if (version !== undefined && version !== known.version) return true;
  return scope !== undefined && !isSameSet(scope, known.scope ?? []);
}

function mattersFor(
  known: Installation | undefined,
  { applicationToken }: Claims,
  seed: string,
  { userId }: TokenOwner,
): boolean {
  if (known === undefined || known.seed === seed || isKnownAdministrator(known, userId)) return false;
  const isOtherUser = userId === undefined || userId !== known.userId;
  return isOtherUser || (applicationToken !== undefined && applicationToken !== known.applicationToken);
}

function tokensOf({ accessToken = '', refreshToken, expiresInSeconds }: Claims, nowMs: number): Pair['tokens'] {
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(expiresInSeconds === undefined ? {} : { expires: expiryOf(expiresInSeconds, nowMs) }),
  };
}

/** Only claimed: a token that is said to live for longer than a day is not believed to. */
function expiryOf(expiresInSeconds: number, nowMs: number): number {
  return Math.floor(nowMs / 1000) + Math.min(expiresInSeconds, 86_400);
}

/** A portal's clock may be ahead of ours, and a text may claim anything: nothing has happened later than now. */
function momentOf({ happenedAt }: Claims, nowMs: number): number | undefined {
  return happenedAt === undefined ? undefined : Math.min(happenedAt, Math.floor(nowMs / 1000));
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === new Set(a).size;
}
