/**
 * Renews the tokens of portals that nobody has spoken to for so long that they would die: a refresh token lives 180 days (F104),
 * and only its use gives another one. Tokens that anybody has renewed meanwhile are left alone, as the platform asks of applications.
 */
import { domainOf } from '../core/display.ts';
import { BitrixEventsError } from '../core/errors.ts';
import { isEverybodys } from '../core/fleet.ts';
import type { PortalName } from '../core/rollout.ts';
import { type PortalWorld, renewTokens } from '../connect.ts';
import type { Installation } from '../installation/installation.ts';
import { pairDigest } from '../installation/pair-digest.ts';
import { inParallel } from '../records/in-parallel.ts';
import type { InspectableStore } from '../records/inspectable-store.ts';
import type { CareEvent } from './care-event.ts';

const dayMs = 24 * 60 * 60 * 1_000;

/** Since when, at least and at most, nobody has renewed a chain that is renewed now. A longer one is dead, and nobody is asked. */
const idleMs = 150 * dayMs;
const deadMs = 180 * dayMs;

export interface RenewalOptions {
  readonly store: InspectableStore;
  /** How often a server of authorisation is asked is up to its `authorisationHttp`. */
  readonly world: PortalWorld;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Portals in work at a time. Default 10. */
  readonly concurrency?: number | undefined;
  /** Chains that were refused. Kept by the caller for as long as it lives, so that each is asked for once. */
  readonly refused: Set<string>;
  readonly onRenewed?: ((portal: PortalName) => void) | undefined;
  readonly onFailed: (portal: PortalName, error: BitrixEventsError) => void;
  /** Begins nothing more; a renewal that was begun is finished, because its answer comes once. */
  readonly signal: AbortSignal;
}

/** The renewals of one process, which it makes once a day and tells of. */
export function renewing({
  onEvent,
  ...options
}: Pick<RenewalOptions, 'store' | 'world' | 'signal'> & { readonly onEvent: (event: CareEvent) => void }): (
  nowMs: number,
) => Promise<void> {
  const refused = new Set<string>();
  return async (nowMs) => {
    let portals = 0;
    try {
      await renewIdle({
        ...options,
        nowMs,
        refused,
        onRenewed: () => (portals += 1),
        onFailed: (portal, error) => onEvent({ kind: 'not-renewed', portal, error }),
      });
    } finally {
      if (portals > 0) onEvent({ kind: 'renewed', portals });
    }
  };
}

/**
 * Each under the lock of its tokens. Records that cannot be read are passed over.
 * @throws BitrixEventsError when the server of authorisation cannot be asked, or refuses the application: all others would meet it
 */
export async function renewIdle(options: RenewalOptions): Promise<void> {
  const { store, nowMs, concurrency = 10, signal } = options;
  await inParallel(concurrency, store.grantedBetween(nowMs - deadMs, nowMs - idleMs), async (known) => {
    if (!signal.aborted) await renewChain(known, options);
  });
}

async function renewChain(known: Installation, { world, refused, onRenewed, onFailed }: RenewalOptions): Promise<void> {
  const { memberId, clientEndpoint } = known;
  const { accessToken, refreshToken } = known.tokens;
  const chain = `${memberId} ${pairDigest(accessToken, refreshToken)}`;
  if (refreshToken === undefined || refused.has(chain)) return;
  const portal = { memberId, domain: domainOf(clientEndpoint) };
  try {
    if ((await renewTokens(known, world)) === 'granted') onRenewed?.(portal);
  } catch (error) {
    if (!(error instanceof BitrixEventsError) || isEverybodys(error)) throw error;
    refused.add(chain);
    onFailed(portal, error);
  }
}
