/**
 * Decides what a request has proven. Nothing is written here, and nobody is called but a known authorisation server.
 *
 * | the request | the store | the authorisation server | proven |
 * |---|---|---|---|
 * | event with the very pair of tokens the record was made of, and no other application token | has the portal | not asked | `known`: a repetition |
 * | an access token of a portal on this machine, and no server of its own was given | – | not asked | `refused` |
 * | an access token | – | it is this application's, on this portal | `owned`, by that token |
 * | event with the right application token, and an access token | has the portal | refuses it: it came late | `known` |
 * | event with the right application token, no access token | has the portal | not asked | `known` |
 * | an access token | – | it is, and the portal's address is plain http | `insecure` |
 * | an access token | – | no answer, or too many wait for theirs | `unavailable` |
 * | anything else | – | – | `refused` |
 */
import type { Installation, TokenOwner } from '../installation/installation.ts';
import type { PortalFacts } from '../portal/authorisation.ts';
import { isLoopback } from '../portal/endpoint.ts';
import type { Claims } from './install-request.ts';
import type { Verified } from './verifications.ts';
import { isSameSecret } from '../portal/secret-compare.ts';
import { pairDigest } from '../installation/pair-digest.ts';

export type RefusalReason =
  | 'no-proof'
  | 'token-refused'
  | 'portal-of-this-machine'
  | 'other-application'
  | 'other-portal'
  | 'wrong-application-token'
  | 'not-installed';

export type Proof =
  | { readonly kind: 'known'; readonly installation: Installation; readonly isRepetition: boolean }
  /** By the server that says so. */
  | { readonly kind: 'owned'; readonly owner: TokenOwner; readonly server: string }
  /** Whose it is has been confirmed, so they may be told. */
  | { readonly kind: 'insecure'; readonly origin: string }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
  | { readonly kind: 'unavailable'; readonly reason: 'no-authorisation-server' | 'too-many-verifications' };

export interface ProofContext {
  readonly known: Installation | undefined;
  readonly clientId: string;
  /** Whether the application was set up with an authorisation server of its own. */
  readonly isServerGiven: boolean;
  readonly verify: (accessToken: string, portal: PortalFacts) => Promise<Verified>;
  /** Whether an application token alone proves an event: it does not prove who opens a page. */
  readonly isEvent: boolean;
}

export async function prove(claims: Claims, context: ProofContext): Promise<Proof> {
  const { known, clientId, isServerGiven, verify, isEvent } = context;
  const { accessToken, refreshToken } = claims;
  const token = compareApplicationToken(claims.applicationToken, known);
  if (isEvent && known !== undefined && accessToken !== undefined && token !== 'differs') {
    const isRepetition = known.seed !== undefined && isSameSecret(known.seed, pairDigest(accessToken, refreshToken));
    if (isRepetition) return { kind: 'known', installation: known, isRepetition: true };
  }
  const isProvenByToken = isEvent && known !== undefined && token === 'same';
  if (accessToken === undefined) {
    if (isProvenByToken) return { kind: 'known', installation: known, isRepetition: false };
    return { kind: 'refused', reason: token === 'differs' ? 'wrong-application-token' : 'no-proof' };
  }
  const address = addressOf(claims.domain);
  // The emulator. The known servers know nothing of it, and it is nothing to tell them.
  const isNobodys = !isServerGiven && address !== undefined && isLoopback(new URL(address).hostname);
  if (isNobodys && !isProvenByToken) return { kind: 'refused', reason: 'portal-of-this-machine' };
  // What a request says of its server chooses one of the known ones; its domain is good for a guess.
  const verified = await verify(accessToken, {
    server: claims.serverEndpoint ?? known?.server,
    clientEndpoint: address,
  });
  if (verified === 'crowded') return { kind: 'unavailable', reason: 'too-many-verifications' };
  const { outcome, server } = verified;
  switch (outcome.kind) {
    case 'done':
    case 'insecure': {
      const owner = outcome.kind === 'done' ? outcome.value : outcome.owner;
      if (owner.clientId !== clientId) return { kind: 'refused', reason: 'other-application' };
      if (owner.memberId !== claims.memberId) return { kind: 'refused', reason: 'other-portal' };
      return outcome.kind === 'done'
        ? { kind: 'owned', owner: outcome.value, server }
        : { kind: 'insecure', origin: outcome.owner.origin };
    }
    case 'refused':
      if (isProvenByToken) return { kind: 'known', installation: known, isRepetition: false };
      return { kind: 'refused', reason: 'token-refused' };
    case 'not-sent':
    case 'lost':
      return { kind: 'unavailable', reason: 'no-authorisation-server' };
  }
}

/** Https, whatever was claimed: nothing of a request leads to a service of this machine. */
function addressOf(domain: string | undefined): string | undefined {
  const address = `https://${domain ?? ''}/`;
  return URL.canParse(address) ? address : undefined;
}

/** An uninstallation brings no access token: the application token is all there is (F121). */
export function provesUninstall(
  applicationToken: string | undefined,
  known: Installation | undefined,
): RefusalReason | undefined {
  switch (compareApplicationToken(applicationToken, known)) {
    case 'same':
      return undefined;
    case 'differs':
      return 'wrong-application-token';
    case 'unknown':
      return known === undefined ? 'not-installed' : 'no-proof';
  }
}

function compareApplicationToken(
  claimed: string | undefined,
  known: Installation | undefined,
): 'same' | 'differs' | 'unknown' {
  if (claimed === undefined || known?.applicationToken === undefined) return 'unknown';
  return isSameSecret(claimed, known.applicationToken) ? 'same' : 'differs';
}
