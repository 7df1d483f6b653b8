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
import { changeInstallation } from '../installation/change-installation.ts';
import { confirmed, type Installation, type TokenOwner } from '../installation/installation.ts';
import { pairDigest } from '../installation/pair-digest.ts';
import type { Store } from '../installation/store.ts';
import type { Claims } from './install-request.ts';

export interface KeepContext {
  readonly store: Store;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** Asks the portal whether the user of these tokens is an administrator. */
  readonly isAdministrator: (candidate: Installation) => Promise<boolean>;
}

/** @param owner whose the claimed access token is, by `server` */
export async function keepTokens(
  claims: Claims,
  owner: TokenOwner,
  server: string,
  context: KeepContext,
): Promise<Installation> {
  const { store, signal } = context;
  const candidate = candidateOf(claims, owner, server, context.nowMs);
  const isBetter = await mayReplace(candidate, await store.read(owner.memberId), context);
  const next = (known: Installation | undefined) =>
    known === undefined ? candidate : merge(known, candidate, isBetter);
  return (await changeInstallation(store, owner.memberId, next, { signal })) ?? candidate;
}

/** Whether an opened page tells of something that the store does not know yet. */
export function isNews({ scope, version, clientEndpoint }: TokenOwner, known: Installation | undefined): boolean {
  if (known === undefined || known.clientEndpoint !== clientEndpoint) return true;
  if (version !== undefined && version !== known.version) return true;
  return scope !== undefined && !isSameSet(scope, known.scope ?? []);
}

function candidateOf(claims: Claims, owner: TokenOwner, server: string, nowMs: number): Installation {
  const { accessToken = '', refreshToken, expiresInSeconds, applicationToken, scope } = claims;
  const claimed: Installation = {
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
  };
  return confirmed(claimed, owner, server);
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
  const { clientEndpoint, scope, version, server } = candidate;
  return {
    ...known,
    clientEndpoint,
    ...(server === undefined ? {} : { server }),
    ...(scope === undefined ? {} : { scope }),
    ...(version === undefined ? {} : { version }),
  };
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === new Set(a).size;
}
