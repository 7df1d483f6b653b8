/** Looks after the portals of the store while a server runs in the same process. */
import type { Manifest } from '../core/manifest.ts';
import { careFor } from '../fleet/care.ts';
import type { CareEvent } from '../fleet/care-event.ts';
import type { PortalEvent } from '../portal/portal-event.ts';
import type { InspectableStore } from '../records/inspectable-store.ts';
import { type CareChoices, sweepOf } from './care-options.ts';
import type { Context } from './context.ts';
import { openWorld } from './fleet/open-fleet.ts';
import { loadQuietly } from './load.ts';

const tickMs = 60_000;

/** Turns that came while a process was started again are not lost by it. */
const lookBackMs = 5 * tickMs;

/** Where it is told what was found, and what went wrong. */
export interface CareLog {
  readonly onEvent: (event: CareEvent) => void;
  readonly onPortalEvent: (event: PortalEvent) => void;
  readonly onProblem: (error: unknown) => void;
}

/**
 * @param manifest as it is at first; a file is read again whenever portals are looked at
 * @returns what ends it, when the requests in flight are finished
 * @throws UsageError `fleet-options`
 */
export async function startCare(
  context: Context,
  store: InspectableStore,
  manifest: Manifest,
  choices: CareChoices,
  log: CareLog,
): Promise<() => Promise<void>> {
  const sweep = sweepOf(choices);
  const stop = new AbortController();
  const { world, close } = await openWorld(context, store, {}, stop.signal);
  const { file, environment } = manifest;
  const isReadOnce = file === '<stdin>';
  const care = careFor({
    ...log,
    store,
    world: { ...world, onEvent: log.onPortalEvent },
    sinceMs: Date.now() - lookBackMs,
    signal: stop.signal,
    check: sweep && {
      ...sweep,
      manifest: () => (isReadOnce ? Promise.resolve(manifest) : loadQuietly(context, environment)),
    },
  });
  let ticking: Promise<void> | undefined;
  const tick = (): void => {
    // What becomes due while it is at work is due at a later tick too.
    ticking ??= care.tick(Date.now()).finally(() => (ticking = undefined));
  };
  tick();
  const timer = setInterval(tick, tickMs);
  return async () => {
    clearInterval(timer);
    stop.abort();
    await ticking;
    await close();
  };
}
