/** What a verb over many portals comes to, in memory that does not grow with those that are well. */
import type { ItemEnding } from '../core/fleet.ts';
import type { Plan } from '../core/plan.ts';
import type { ItemState, PortalName } from '../core/rollout.ts';
import type { StopReason } from '../reconcile/rollout.ts';
import type { FleetEnding, FleetVerb } from './options.ts';

export interface FleetShape {
  readonly shape: string;
  readonly plan: Plan;
  readonly portals: number;
}

export interface FleetResult {
  readonly verb: FleetVerb;
  readonly counts: Readonly<Partial<Record<ItemState, number>>>;
  /** How many of those that were read hold what the manifest asks for, and how many do not. */
  readonly inSync: number;
  readonly drifted: number;
  /** Plans that change something, the most frequent first. */
  readonly shapes: readonly FleetShape[];
  /** Portals that somebody has to look at. */
  readonly attention: readonly (PortalName & ItemEnding)[];
  readonly stopped: StopReason<FleetEnding> | undefined;
  readonly untouched: number;
  readonly hasWritten: boolean;
}

/** Counts, shapes, and those that somebody has to look at; nothing of a portal that is well. */
export class Sum {
  readonly shapes = new Map<string, { plan: Plan; portals: number }>();
  readonly #verb: FleetVerb;
  readonly #counts: Partial<Record<ItemState, number>> = {};
  readonly #attention: (PortalName & ItemEnding)[] = [];
  #inSync = 0;
  #drifted = 0;
  #hasWritten = false;

  constructor(verb: FleetVerb) {
    this.#verb = verb;
  }

  add(portal: PortalName, { sample, hasWritten, everybodys: _, ...ending }: FleetEnding): void {
    const { state, verdict, shape } = ending;
    this.#counts[state] = (this.#counts[state] ?? 0) + 1;
    if (verdict === 'in-sync' || verdict === 'unchanged') this.#inSync += 1;
    if (verdict === 'drift') this.#drifted += 1;
    if (hasWritten === true) this.#hasWritten = true;
    if (shape !== undefined) {
      const known = this.shapes.get(shape);
      if (known !== undefined) known.portals += 1;
      else if (sample !== undefined) this.shapes.set(shape, { plan: sample, portals: 1 });
    }
    if (state !== 'succeeded' || verdict === 'cannot-tell') this.attend(portal, ending);
  }

  attend({ memberId, domain }: PortalName, ending: ItemEnding): void {
    this.#attention.push({ memberId, domain, ...ending });
  }

  hasSucceeded({ memberId }: PortalName): boolean {
    return !this.#attention.some((portal) => portal.memberId === memberId);
  }

  result(stopped: FleetResult['stopped'], untouched: number): FleetResult {
    const shapes = [...this.shapes]
      .map(([shape, facts]) => ({ shape, ...facts }))
      .sort((a, b) => b.portals - a.portals || (a.shape < b.shape ? -1 : 1));
    return {
      verb: this.#verb,
      counts: this.#counts,
      inSync: this.#inSync,
      drifted: this.#drifted,
      shapes,
      attention: this.#attention,
      stopped,
      untouched,
      hasWritten: this.#hasWritten,
    };
  }
}
