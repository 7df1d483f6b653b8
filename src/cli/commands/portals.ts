/** `bitrix-events portals`: which portals of the store need somebody, who that is, and what there is to do. */
import { BitrixEventsError, UsageError } from '../../core/errors.ts';
import type { Manifest } from '../../core/manifest.ts';
import { portalsInNeed } from '../../fleet/attention.ts';
import { type Context, lateness } from '../context.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { loadForCommand } from '../load.ts';
import { createProgress } from '../render/progress.ts';
import type { Outcome } from '../result.ts';
import { withStore } from '../surroundings.ts';
import { stopOf } from '../stop.ts';

export interface PortalsOptions {
  readonly concurrency?: number;
  /** Requests a second. */
  readonly authRate?: number;
  readonly detailedExitcode?: boolean;
}

export function portals(context: Context, options: PortalsOptions): Promise<Outcome> {
  const chosen = (context.options.portal ?? ['*']).join(',');
  context.learn({ portal: chosen });
  return withStore(context, async (store) => {
    const manifest = await manifestIfAny(context);
    const stop = stopOf(context);
    const opened = await openFleet(context, store, options, 'portals', stop.signal);
    const progress = createProgress(context, 'Asking');
    let settled = 0;
    try {
      const result = await portalsInNeed({
        world: opened.world,
        portals: opened.portals,
        manifest,
        concurrency: options.concurrency,
        nowMs: Date.now(),
        onLooked: () => {
          settled += 1;
          progress.update(settled, opened.portals.length);
        },
        signal: stop.signal,
      });
      const error = lateness(context);
      const isFound = options.detailedExitcode === true && result.inNeed.length > 0;
      return {
        result: { kind: 'portals', chosen, manifest, ...result, ...(error === undefined ? {} : { error }) },
        ending: stop.interrupt.aborted ? 'interrupted' : error !== undefined ? 'failed' : isFound ? 'changes' : 'done',
      };
    } catch (error) {
      throw stop.interrupt.aborted && error instanceof BitrixEventsError
        ? new UsageError({ code: 'interrupted', message: 'interrupted', cause: error })
        : error;
    } finally {
      progress.clear();
      stop.forget();
      await opened.close();
    }
  });
}

/** Without one it is not known which events are meant; one that was named has to be there. */
async function manifestIfAny(context: Context): Promise<Manifest | undefined> {
  try {
    return await loadForCommand(context);
  } catch (error) {
    const isAbsent = error instanceof UsageError && error.code === 'no-manifest';
    if (!isAbsent || context.options.manifest !== undefined) throw error;
    return undefined;
  }
}
