/** The plan for one portal: read it, compare, object. */
import { managerOf, registrarOf } from '../catalog/catalog.ts';
import { type Objection, RefusedError, UsageError } from '../core/errors.ts';
import { type Consent, isPinnedByMemberId, objectionToPortal, objectionsTo } from '../core/guards.ts';
import type { Manifest, Prune } from '../core/manifest.ts';
import type { Plan } from '../core/plan.ts';
import { plan as computePlan } from '../core/planner.ts';
import type { Reading } from '../core/reading.ts';
import type { Connection } from './connection.ts';
import { digest } from './platform.ts';

/** What to plan differently from the manifest, and what is consented to. */
export interface PlanOptions {
  /** Instead of the manifest's `prune`. */
  readonly prune?: Prune | undefined;
  /** Events to unbind and bind anew, so that their options are certain. Any letter case. */
  readonly rebind?: readonly string[] | undefined;
  /** What the guards need not object to. */
  readonly consent?: Consent | undefined;
}

/** A plan, and what it rests on. */
export interface Planned {
  /** What an apply would change. */
  readonly plan: Plan;
  /** What an apply would refuse without further consent. */
  readonly objections: readonly Objection[];
  /** The portal as it was planned for. */
  readonly reading: Reading;
}

/**
 * Reads the portal in one HTTP request and computes what an apply would change. Changes nothing.
 * @throws RefusedError `wrong-portal` when the manifest names other portals
 * @throws UsageError `nothing-to-rebind` when an event to rebind is not in the manifest
 * @throws PortalError, NetworkError when the portal cannot be read
 */
export async function plan(manifest: Manifest, connection: Connection, options: PlanOptions = {}): Promise<Planned> {
  assertDesired(options.rebind ?? [], manifest);
  const reading = await connection.port.read();
  await assertPinned(manifest, reading, connection);
  const effective = options.prune === undefined ? manifest : { ...manifest, prune: options.prune };
  const computed = computePlan({
    manifest: effective,
    reading,
    protectedBy: managerOf,
    sharedWith: registrarOf,
    rebind: options.rebind ?? [],
    digest,
  });
  return { plan: computed, objections: objectionsTo(computed, options.consent ?? {}), reading };
}

/**
 * Whether the portal is one that the manifest is for. A pin by member id holds against what the authorisation server says.
 * @throws RefusedError `wrong-portal`; PortalError `foreign-tokens`; PortalError, NetworkError when that server gives no answer
 */
export async function assertPinned(
  manifest: Manifest,
  { portal }: Reading,
  { port }: Pick<Connection, 'port'>,
): Promise<void> {
  const objection = objectionToPortal(manifest, portal);
  if (objection !== undefined) throw new RefusedError([objection]);
  if (isPinnedByMemberId(manifest, portal)) await port.confirm();
}

/** A name nobody asked for is a slip of the pen: doing nothing about it would look like having done it. */
function assertDesired(rebind: readonly string[], { bindings }: Manifest): void {
  const desired = new Set(bindings.map(({ event }) => event));
  const stray = rebind.find((event) => !desired.has(event.toUpperCase()));
  if (stray === undefined) return;
  throw new UsageError({
    code: 'nothing-to-rebind',
    message: `'${stray}' cannot be rebound: the manifest does not ask for it`,
    hint: 'Name an event of the manifest',
  });
}
