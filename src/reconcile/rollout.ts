/** The loop over many portals: wave after wave, so many at a time, until all have ended or too many have failed. */
import { type ItemState, failures, isStopped, mayStart, type ToleranceOptions, rulesOf } from '../core/rollout.ts';

export interface Item {
  readonly memberId: string;
}

/** What one portal ended with, as far as the loop has to know. */
export interface Ended {
  readonly state: ItemState;
  /** Why it is no portal's fault, and why going on makes no sense. */
  readonly everybodys?: unknown;
}

export interface RolloutOptions<Portal extends Item, Ending extends Ended> extends ToleranceOptions {
  /** In the order of the rollout. */
  readonly portals: readonly Portal[];
  /** How many portals each wave has. */
  readonly waves: readonly number[];
  /** Portals in work at a time. */
  readonly concurrency: number;
  /** Works on one portal; what goes wrong there is its ending. */
  readonly work: (portal: Portal) => Promise<Ending>;
  /** Told of each ending, and waited for: it is on disk before another portal is begun in its place. */
  readonly onEnd: (portal: Portal, ending: Ending) => Promise<void>;
  /** Between two waves: waits, and looks at the wave again. False ends the rollout. */
  readonly onWave?: ((wave: readonly Portal[], index: number) => Promise<boolean>) | undefined;
  /** Begins nothing more; what is in work is finished. */
  readonly signal?: AbortSignal | undefined;
}

/** Why a rollout ended before its last portal. */
export type StopReason<Ending> =
  | { readonly kind: 'failures'; readonly wave: number; readonly failed: number; readonly tolerance: number }
  | { readonly kind: 'everybodys'; readonly ending: Ending }
  | { readonly kind: 'wave'; readonly wave: number }
  | { readonly kind: 'interrupted' };

export interface RolloutEnd<Ending> {
  /** Undefined when every portal was begun. */
  readonly stopped: StopReason<Ending> | undefined;
  /** Portals that were never begun. */
  readonly untouched: number;
}

/** Never rejects for what a portal does; rejects with what `onEnd` and `onWave` reject with. */
export async function runRollout<Portal extends Item, Ending extends Ended>(
  options: RolloutOptions<Portal, Ending>,
): Promise<RolloutEnd<Ending>> {
  const { portals, waves, onWave } = options;
  let next = 0;
  for (const [index, size] of waves.entries()) {
    const wave = portals.slice(next, next + size);
    const { begun, stopped } = await runWave(wave, index, options);
    next += begun;
    if (stopped !== undefined) return { stopped, untouched: portals.length - next };
    const isLast = index === waves.length - 1;
    if (!isLast && onWave !== undefined && !(await onWave(wave, index))) {
      return { stopped: { kind: 'wave', wave: index }, untouched: portals.length - next };
    }
  }
  return { stopped: undefined, untouched: portals.length - next };
}

async function runWave<Portal extends Item, Ending extends Ended>(
  wave: readonly Portal[],
  index: number,
  { waves, concurrency, work, onEnd, signal, maxFailures, failureMode }: RolloutOptions<Portal, Ending>,
): Promise<{ readonly begun: number; readonly stopped: StopReason<Ending> | undefined }> {
  const rules = rulesOf(index, waves, { maxFailures, failureMode });
  const hands = new Set<Promise<void>>();
  let begun = 0;
  let failed = 0;
  let everybodys: Ending | undefined;

  // Not a race of the hands: one that waits for a minute would remember each that has come and gone meanwhile.
  let wake = (): void => {};
  let broken: { readonly error: unknown } | undefined;

  const begin = (portal: Portal): void => {
    const hand = carryOut(portal)
      .catch((error: unknown) => void (broken ??= { error }))
      .finally(() => {
        hands.delete(hand);
        wake();
      });
    hands.add(hand);
  };
  const carryOut = async (portal: Portal): Promise<void> => {
    const ending = await work(portal);
    if (failures.has(ending.state)) failed += 1;
    if (ending.everybodys !== undefined) everybodys ??= ending;
    await onEnd(portal, ending);
  };
  const isOver = () => everybodys !== undefined || signal?.aborted === true || isStopped(rules, state());
  const state = () => ({ running: hands.size, failed });

  while (broken === undefined) {
    for (let portal = wave[begun]; portal !== undefined && !isOver(); portal = wave[begun]) {
      if (!mayStart(rules, state(), concurrency)) break;
      begun += 1;
      begin(portal);
    }
    if (hands.size === 0) break;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  if (broken !== undefined) {
    await Promise.all(hands);
    throw broken.error;
  }
  return { begun, stopped: reason() };

  function reason(): StopReason<Ending> | undefined {
    if (everybodys !== undefined) return { kind: 'everybodys', ending: everybodys };
    if (isStopped(rules, state())) return { kind: 'failures', wave: index, failed, tolerance: rules.tolerance };
    return signal?.aborted === true && begun < wave.length ? { kind: 'interrupted' } : undefined;
  }
}
