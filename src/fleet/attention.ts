/** Which portals need somebody: each is asked how it stands, in one request, side by side. */
import { findEvent, managerOf, scopesOf } from '../catalog/catalog.ts';
import { BitrixEventsError } from '../core/errors.ts';
import { isEverybodys } from '../core/fleet.ts';
import type { Manifest } from '../core/manifest.ts';
import { type Need, needOfError, needsOf, type WantedEvent } from '../core/needs.ts';
import type { PortalName } from '../core/rollout.ts';
import { openPortal, type PortalWorld } from '../connect.ts';
import { inParallel } from '../records/in-parallel.ts';

export interface PortalInNeed extends PortalName {
  readonly needs: readonly Need[];
}

export interface AttentionResult {
  /** By name. */
  readonly inNeed: readonly PortalInNeed[];
  /** How many were asked, or could not be. */
  readonly looked: number;
  /** How many were not come to. */
  readonly untouched: number;
}

export interface AttentionOptions {
  readonly world: PortalWorld;
  readonly portals: readonly PortalName[];
  /** What events are meant. Default: nobody has said, so any will do. */
  readonly manifest?: Pick<Manifest, 'bindings'> | undefined;
  /** Portals in work at a time. Default 10. */
  readonly concurrency?: number | undefined;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly onLooked?: (() => void) | undefined;
  /** Begins nothing more. */
  readonly signal: AbortSignal;
}

/** @throws BitrixEventsError when a server of authorisation cannot be asked, or refuses the application: no portal's fault */
export async function portalsInNeed(options: AttentionOptions): Promise<AttentionResult> {
  const { portals, manifest, concurrency = 10, signal, onLooked } = options;
  const wanted = manifest && wantedIn(manifest);
  const inNeed: PortalInNeed[] = [];
  let looked = 0;
  await inParallel(concurrency, portals, async ({ memberId, domain }) => {
    if (signal.aborted) return;
    const needs = await needsOfPortal(memberId, wanted, options);
    if (needs === undefined) return;
    looked += 1;
    if (needs.length > 0) inNeed.push({ memberId, domain, needs });
    onLooked?.();
  });
  const nameOf = ({ domain, memberId }: PortalName): string => `${domain} ${memberId}`;
  return {
    inNeed: inNeed.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
    looked,
    untouched: portals.length - looked,
  };
}

/** Undefined where it was cut off. */
async function needsOfPortal(
  memberId: string,
  wanted: readonly WantedEvent[] | undefined,
  { world, nowMs, signal }: AttentionOptions,
): Promise<readonly Need[] | undefined> {
  try {
    const installation = await world.store.read(memberId);
    // It was taken out of the store meanwhile.
    if (installation === undefined) return [];
    const diagnosis = await openPortal(installation, world).diagnosis();
    const isPlatforms = (event: string): boolean => managerOf(event) !== undefined;
    return needsOf(await diagnosis.standing(), wanted, isPlatforms, nowMs);
  } catch (error) {
    if (!(error instanceof BitrixEventsError)) throw error;
    if (signal.aborted) return undefined;
    if (isEverybodys(error)) throw error;
    return [needOfError(error)];
  }
}

function wantedIn({ bindings }: Pick<Manifest, 'bindings'>): readonly WantedEvent[] {
  const events = [...new Set(bindings.map(({ event }) => event))];
  return events.map((event) => {
    const known = findEvent(event);
    return { event, scopes: known === undefined ? [] : scopesOf(known) };
  });
}
