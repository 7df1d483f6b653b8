/** What a verb over many portals comes to, in memory that does not grow with those that are well. */
import type { BitrixEventsError } from '../core/errors.ts';
import type { ItemEnding } from '../core/fleet.ts';
import type { Plan } from '../core/plan.ts';
import type { ItemState, PortalName } from '../core/rollout.ts';
import type { StopReason } from '../reconcile/rollout.ts';
import type { FleetEnding, FleetVerb } from './options.ts';

export interface FleetShape {
  readonly shape: string;
  readonly plan: Plan;
  readonly portals: number;
  /** The first of them, `mostNamed` at most. */
  readonly names: readonly PortalName[];
}

/** How many portals of one shape are named. */
const mostNamed = 10;

/** A portal that nobody has to look at. */
export interface FleetPassed {
  readonly portal: PortalName;
  readonly verdict: ItemEnding['verdict'];
  /** Which set of changes it needs, or was given. */
  readonly shape: string | undefined;
}

export type FleetAttention = PortalName & ItemEnding;

export interface FleetResult {
  readonly verb: FleetVerb;
  readonly counts: Readonly<Partial<Record<ItemState, number>>>;
  /** How many of those that were read hold what the manifest asks for, and how many do not. */
  readonly inSync: number;
  readonly drifted: number;
  /** Plans that change something, the most frequent first. */
  readonly shapes: readonly FleetShape[];
  /** Portals that somebody has to look at. */
  readonly attention: readonly FleetAttention[];
  /** Portals that nobody has to look at; empty unless they were to be named. */
  readonly passed: readonly FleetPassed[];
  readonly stopped: StopReason<FleetEnding> | undefined;
  readonly untouched: number;
  /** Those, in the order of the rollout. */
  readonly left: readonly PortalName[];
  readonly hasWritten: boolean;
}

/** Why going on would only collect the same error, where that is why it ended. */
export function everybodysError({ stopped }: Pick<FleetResult, 'stopped'>): BitrixEventsError | undefined {
  return stopped?.kind === 'everybodys' ? stopped.ending.everybodys : undefined;
}

/** Counts, shapes, and those that somebody has to look at; of a portal that is well nothing is kept unless it is to be named. */
export class Sum {
  readonly shapes = new Map<string, { plan: Plan; portals: number; names: PortalName[] }>();
  readonly #verb: FleetVerb;
  readonly #namesPassed: boolean;
  readonly #counts: Partial<Record<ItemState, number>> = {};
  readonly #attention: FleetAttention[] = [];
  readonly #attended = new Set<string>();
  readonly #passed: FleetPassed[] = [];
  #inSync = 0;
  #drifted = 0;
  #hasWritten = false;

  constructor(verb: FleetVerb, namesPassed = false) {
    this.#verb = verb;
    this.#namesPassed = namesPassed;
  }

  add(portal: PortalName, { sample, hasWritten, everybodys: _e, domain: _d, ...ending }: FleetEnding): void {
    const { state, verdict, shape } = ending;
    this.#counts[state] = (this.#counts[state] ?? 0) + 1;
    if (verdict === 'in-sync' || verdict === 'unchanged') this.#inSync += 1;
    if (verdict === 'drift') this.#drifted += 1;
    if (hasWritten === true) this.#hasWritten = true;
    if (shape !== undefined) this.#addShape(portal, shape, sample);
    const isWell = state === 'succeeded' && verdict !== 'cannot-tell' && ending.problem === undefined;
    if (!isWell) this.attend(portal, ending);
    else if (this.#namesPassed) this.#passed.push({ portal, verdict, shape });
  }

  #addShape(portal: PortalName, shape: string, sample: Plan | undefined): void {
    const known = this.shapes.get(shape);
    if (known !== undefined) {
      known.portals += 1;
      if (known.names.length < mostNamed) known.names.push(portal);
    } else if (sample !== undefined) {
      this.shapes.set(shape, { plan: sample, portals: 1, names: [portal] });
    }
  }

  attend({ memberId, domain }: PortalName, ending: ItemEnding): void {
    this.#attended.add(memberId);
    this.#attention.push({ memberId, domain, ...ending });
  }

  hasSucceeded({ memberId }: PortalName): boolean {
    return !this.#attended.has(memberId);
  }

  result(stopped: FleetResult['stopped'], left: readonly PortalName[]): FleetResult {
    const shapes = [...this.shapes]
      .map(([shape, facts]) => ({ shape, ...facts }))
      .sort((a, b) => b.portals - a.portals || (a.shape < b.shape ? -1 : 1));
    return {
      verb: this.#verb,
      counts: this.#counts,
      inSync: this.#inSync,
      drifted: this.#drifted,
      shapes,
      attention: this.#attention.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
      // One that did not hold after its bake is told among those to look at.
      passed: this.#passed.filter(({ portal }) => this.hasSucceeded(portal)),
      stopped,
      untouched: left.length,
      left,
      hasWritten: this.#hasWritten,
    };
  }
}

/** By which portals are in order wherever they are listed. */
function nameOf({ domain, memberId }: PortalName): string {
  return `${domain} ${memberId}`;
}
