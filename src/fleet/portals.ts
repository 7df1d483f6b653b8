/** Which portals of a store a verb is about, and in which order. */
import { domainOf } from '../core/display.ts';
import { BitrixEventsError } from '../core/errors.ts';
import { inOrder, matchesPortal, type PortalName } from '../core/rollout.ts';
import type { Store } from '../installation/store.ts';
import { digest } from '../reconcile/platform.ts';

/**
 * The portals of a store that the globs mean, in the order of a rollout. Records are read only where a glob asks for a domain;
 * where they are not, or cannot be, a portal is in it under its member id alone.
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
  const areAll = globs.includes('*');
  const isIdEnough = areAll && first.length === 0;
  for await (const memberId of store.memberIds()) {
    const portal = { memberId, domain: isIdEnough ? '' : await domainIn(store, memberId) };
    if (areAll || globs.some((glob) => matchesPortal(glob, portal))) portals.push(portal);
  }
  return inOrder(portals, rolloutId, first, digest);
}

/** Empty for a record that cannot be read: it is reported when its turn comes. */
async function domainIn(store: Store, memberId: string): Promise<string> {
  try {
    const installation = await store.read(memberId);
    return installation === undefined ? '' : domainOf(installation.clientEndpoint);
  } catch (error) {
    if (error instanceof BitrixEventsError) return '';
    throw error;
  }
}
