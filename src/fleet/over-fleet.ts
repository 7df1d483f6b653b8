/** The verbs over many portals, wave by wave: what goes wrong on one of them is its ending, and never touches another. */
import { type PortalName, wavesOf } from '../core/rollout.ts';
import { sleep as sleepByTimer } from '../reconcile/platform.ts';
import { runRollout } from '../reconcile/rollout.ts';
import type { FleetEnding, FleetOptions } from './options.ts';
import { type FleetResult, Sum } from './sum.ts';
import { workOn } from './work-on.ts';

/** Carries a verb out over portals. What goes wrong on one of them is its ending, and never touches another. */
export async function overFleet(options: FleetOptions): Promise<FleetResult> {
  const { portals, serial = [], concurrency = 10, bakeMs = 0, sleep = sleepByTimer, signal, onEnd, verb } = options;
  const sum = new Sum(verb);
  const work = (portal: PortalName, gaveUp: AbortSignal) => workOn(portal, options, sum.shapes, gaveUp);
  const { stopped, untouched } = await runRollout<PortalName, FleetEnding>({
    ...options,
    waves: wavesOf(portals.length, serial),
    concurrency,
    work,
    async onEnd(portal, ending) {
      sum.add(portal, ending);
      await onEnd?.(portal, ending);
    },
    ...(verb === 'apply' && bakeMs > 0
      ? {
          async onWave(wave) {
            await sleep(bakeMs, signal);
            return signal?.aborted !== true && (await isStillAsWanted(wave, options, sum));
          },
        }
      : {}),
  });
  return sum.result(stopped, portals.slice(portals.length - untouched));
}

/** A wave that does not hold after its bake is not followed by another. */
async function isStillAsWanted(wave: readonly PortalName[], options: FleetOptions, sum: Sum): Promise<boolean> {
  let isHeld = true;
  for (const portal of wave) {
    if (!sum.hasSucceeded(portal)) continue;
    const ending = await workOn(portal, { ...options, verb: 'check' }, new Map(), new AbortController().signal);
    if (ending.verdict === 'in-sync') continue;
    isHeld = false;
    sum.attend(portal, { ...ending, state: 'failed' });
  }
  return isHeld;
}
