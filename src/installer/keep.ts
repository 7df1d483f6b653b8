/**
 * Keeps what a verified request brings, under the portal's lock.
 *
 * | the store has | the token is | kept |
 * |---|---|---|
 * | nothing | anybody's | everything |
 * | the portal, by this very pair | anybody's | the old pair: it may have been refreshed since |
 * | the portal, by the same user | that user's | the new pair |
 * | the portal, by another user | an administrator's | the new pair |
 * | the portal, by another user | not an administrator's | the old pair; address, version and scope from the authorisation server |
 */
import type { TokenOwner } from '../portal/oauth.ts';
import type { Installation } from '../installation/installation.ts';
import type { Store } from '../installation/store.ts';
import type { Claims } from './install-request.ts';
import { pairDigest } from '../installation/pair-digest.ts';

export interface KeepContext {
  readonly store: Store;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** Asks the portal whether the user of these tokens is an administrator. */
  readonly isAdministrator: (candidate: Installation) => Promise<boolean>;
}

export async function keep(claims: Claims, owner: TokenOwner, context: KeepContext): Promise<Installation> {
  const { store, signal } = context;
  const candidate = candidateOf(claims, owner, context.nowMs);
  const isBetter = await mayReplace(candidate, await store.read(owner.memberId), context);
  const release = await store.lock(owner.memberId, 'tokens', { signal });
  try {
    const known = await store.read(owner.memberId);
    const installation = known === undefined ? candidate : merge(known, candidate, isBetter);
    await store.write(installation);
    return installation;
  } finally {
    await release();
  }
}

/** Whether an opened page tells of something that the store does not know yet. */
export function isNews({ scope, version, clientEndpoint }: TokenOwner, known: Installation | undefined): boolean {
  if (known === undefined || known.clientEndpoint !== clientEndpoint) return true;
  if (version !== undefined && version !== known.version) return true;
  return scope !== undefined && !isSameSet(scope, known.scope ?? []);
}

function candidateOf(claims: Claims, owner: TokenOwner, nowMs: number): Installation {
  const { accessToken = '', refreshToken, expiresInSeconds, applicationToken } = claims;
  const scope = owner.scope ?? claims.scope;
  return {
    memberId: owner.memberId,
    clientEndpoint: owner.clientEndpoint,
    clientId: owner.clientId,
    tokens: {
      accessToken,
      ...(refreshToken === undefined ? {} : { refreshToken }),
      ...(expiresInSeconds === undefined ? {} : { expires: expiryOf(expiresInSeconds, nowMs) }),
    },
    seed: pairDigest(accessToken, refreshToken),
    ...(applicationToken === undefined ? {} : { applicationToken }),
    ...(scope === undefined ? {} : { scope }),
    ...(owner.userId === undefined ? {} : { userId: owner.userId }),
    ...(owner.version === undefined ? {} : { version: owner.version }),
  };
}

/** Only claimed: a token that is said to live for longer than a day is not believed to. */
function expiryOf(expiresInSeconds: number, nowMs: number): number {
  return Math.floor(nowMs / 1000) + Math.min(expiresInSeconds, 86_400);
}

/** A token that cannot be refreshed is gone in an hour: it replaces nothing that can. */
async function mayReplace(
  candidate: Installation,
  known: Installation | undefined,
  context: KeepContext,
): Promise<boolean> {
  if (known === undefined) return true;
  if (candidate.seed === known.seed) return false;
  if (candidate.tokens.refreshToken === undefined && known.tokens.refreshToken !== undefined) return false;
  if (candidate.userId !== undefined && candidate.userId === known.userId) return true;
  return context.isAdministrator(candidate);
}

function merge(known: Installation, candidate: Installation, isBetter: boolean): Installation {
  if (isBetter) {
    const { applicationToken = known.applicationToken } = candidate;
    return { ...candidate, ...(applicationToken === undefined ? {} : { applicationToken }) };
  }
  const { clientEndpoint, scope, version } = candidate;
  return {
    ...known,
    clientEndpoint,
    ...(scope === undefined ? {} : { scope }),
    ...(version === undefined ? {} : { version }),
  };
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === new Set(a).size;
}
