/** The verbs over many portals, wave by wave: what goes wrong on one of them is its ending, and never touches another. */
import { type PortalName, wavesOf } from '../core/rollout.ts';
import { sleep as sleepByTimer } from '../reconcile/platform.ts';
import { runRollout } from '../reconcile/rollout.ts';
import type { FleetEnding, FleetOptions } from './options.ts';
import { type FleetResult, Sum } from './sum.ts';
import { workOn } from './work-on.ts';

/** Rejects with what `onEnd` rejects with, and never for what a portal does. */
export async function overFleet(options: FleetOptions): Promise<FleetResult> {
  const { portals, serial = [], concurrency = 10, bakeMs = 0, sleep = sleepByTimer } = options;
  const { signal, onEnd, verb } = options;
  const sum = new Sum(verb, options.namesPassed);
  const work = (portal: PortalName) => workOn(portal, options, sum.shapes);
  const { stopped, untouched } = await runRollout<PortalName, FleetEnding>({
    ...options,
    waves: wavesOf(portals.length, serial),
    concurrency,
    work,
    async onEnd(listed, ending) {
      const portal = named(listed, ending);
      sum.add(portal, ending);
      await onEnd?.(portal, ending);
    },
    ...(verb === 'apply' && bakeMs > 0
      ? {
          async onWave(wave) {
            await sleep(bakeMs, signal);
            return isStillAsWanted(wave, { ...options, concurrency }, sum);
          },
        }
      : {}),
  });
  return sum.result(stopped, portals.slice(portals.length - untouched));
}

/** A wave that does not hold after its bake is not followed by another. Every portal is looked at, to be told which do not. */
async function isStillAsWanted(
  wave: readonly PortalName[],
  options: FleetOptions & { readonly concurrency: number },
  sum: Sum,
): Promise<boolean> {
  const portals = wave.filter((portal) => sum.hasSucceeded(portal));
  let isHeld = true;
  await runRollout<PortalName, FleetEnding>({
    portals,
    waves: [portals.length],
    concurrency: options.concurrency,
    maxFailures: { kind: 'percent', value: 100 },
    signal: options.signal,
    work: (portal) => workOn(portal, { ...options, verb: 'check' }, new Map()),
    async onEnd(listed, ending) {
      if (ending.verdict === 'in-sync' || ending.state === 'cancelled') return;
      isHeld = false;
      const portal = named(listed, ending);
      sum.attend(portal, { ...ending, state: 'failed' });
      await options.onEnd?.(portal, { ...ending, state: 'failed' });
    },
  });
  return isHeld;
}

/** By its domain too, which the list may not have told. */
function named(portal: PortalName, { domain }: FleetEnding): PortalName {
  return domain === undefined ? portal : { memberId: portal.memberId, domain };
}
