/** Which portals of a store a verb is about, and in which order. */
import { domainOf } from '../core/display.ts';
import { BitrixEventsError } from '../core/errors.ts';
import { inOrder, matchesPortal, type PortalName } from '../core/rollout.ts';
import type { Store } from '../installation/store.ts';
import { digest } from '../reconcile/platform.ts';

/**
 * The portals of a store that the globs mean, in the order of a rollout.
 * A record that cannot be read is in it under its member id alone, so that it is reported and not passed over.
 */
export async function fleetOf(
  store: Store,
  {
    globs = ['*'],
    first = [],
    rolloutId,
  }: { readonly globs?: readonly string[]; readonly first?: readonly string[]; readonly rolloutId: string },
): Promise<readonly PortalName[]> {
  const portals: PortalName[] = [];
  for await (const memberId of store.memberIds()) {
    const installation = await store.read(memberId).catch((error: unknown) => {
      if (error instanceof BitrixEventsError) return undefined;
      throw error;
    });
    const portal = { memberId, domain: installation === undefined ? '' : domainOf(installation.clientEndpoint) };
    if (globs.some((glob) => matchesPortal(glob, portal))) portals.push(portal);
  }
  return inOrder(portals, rolloutId, first, digest);
}
