/** What a verb over many portals takes, and how one of them ends. */
import type { DriftKind } from '../core/drift.ts';
import type { BitrixEventsError } from '../core/errors.ts';
import type { ItemEnding } from '../core/fleet.ts';
import type { Consent } from '../core/guards.ts';
import type { Manifest, Prune } from '../core/manifest.ts';
import type { Plan } from '../core/plan.ts';
import type { Amount, PortalName, ToleranceOptions } from '../core/rollout.ts';
import type { HeldLock } from '../installation/store.ts';
import type { PortalWorld } from '../connect.ts';

export type FleetVerb = 'plan' | 'apply' | 'check';

export interface FleetEnding extends ItemEnding {
  /** The plan it was, where its shape had not been seen before. */
  readonly sample?: Plan;
  /** Whether anything on the portal was, or may have been, changed. */
  readonly hasWritten?: boolean;
  readonly everybodys?: BitrixEventsError;
  /** Of the portal, where its record could be read. */
  readonly domain?: string;
}

export interface FleetOptions extends ToleranceOptions {
  readonly verb: FleetVerb;
  /** The same for all of them. */
  readonly manifest: Manifest;
  readonly world: PortalWorld;
  /** In the order of the rollout, see `fleetOf`. */
  readonly portals: readonly PortalName[];
  /** Sizes of the waves; default one wave with all of them. */
  readonly serial?: readonly Amount[] | undefined;
  /** Portals in work at a time. Default 10. */
  readonly concurrency?: number | undefined;
  /** Milliseconds to wait between two waves, and then to check the first of them again. Default none. */
  readonly bakeMs?: number | undefined;
  readonly prune?: Prune | undefined;
  readonly rebind?: readonly string[] | undefined;
  /** How long to wait for somebody else who works on a portal. Default: until they have finished. */
  readonly lockTimeoutMs?: number | undefined;
  readonly consent?: Consent | undefined;
  readonly failOn?: readonly DriftKind[] | undefined;
  /** Shapes of plans that were reviewed; portals whose plan has another one end as `unreviewed`. Default: any. */
  readonly reviewed?: ReadonlySet<string> | undefined;
  /** Whether the result names the portals that are well: for whoever lists every one of them, and grows with them. Default false. */
  readonly namesPassed?: boolean | undefined;
  /** The lock of the portal, where whoever works on it, and on no other, holds it already. Default: taken for an apply. */
  readonly lock?: HeldLock | undefined;
  /** Told of each ending, and waited for; a second time of a portal that did not hold after its bake. */
  readonly onEnd?: ((portal: PortalName, ending: FleetEnding) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}
