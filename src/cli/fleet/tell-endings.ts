/** What is told of many portals while they end: progress on the terminal, and where asked for a line each, in a file and on stdout. */
import { BitrixEventsError } from '../../core/errors.ts';
import { type ItemState, type PortalName, unsuccessful } from '../../core/rollout.ts';
import type { FleetEnding } from '../../fleet/options.ts';
import { endingLine, headLine, type ResultsHead } from '../../fleet/results.ts';
import type { Context } from '../context.ts';
import { createProgress, type Troubles } from '../render/progress.ts';
import { isStreamed } from '../render/renderers.ts';
import type { ResultsFile } from './results-file.ts';

export interface Endings {
  readonly onEnd: (portal: PortalName, ending: FleetEnding) => Promise<void>;
  /** Takes the progress away. */
  readonly clear: () => void;
  /** Why a line could not be kept. */
  readonly problem: () => BitrixEventsError | undefined;
}

export interface EndingsOptions {
  /** What is being done. */
  readonly title: string;
  /** How many there are. */
  readonly portals: number;
  readonly head: ResultsHead;
  readonly results?: ResultsFile | undefined;
  /** Called when a line could not be kept: what is not on record must not be done. */
  readonly onUnwritable: () => void;
}

export function tellEndings(
  context: Context,
  { title, portals, head, results, onUnwritable }: EndingsOptions,
): Endings {
  const { world, options } = context;
  const progress = createProgress(context, title);
  const counts = new Map<ItemState, number>();
  let ended = 0;
  let problem: BitrixEventsError | undefined;

  async function print(line: string): Promise<void> {
    world.out(line);
    // No more is begun than a slow reader can take: lines would pile up in memory. One that went away takes everything.
    await world.drained();
  }

  const troubles = (): Troubles => unsuccessful.map((state) => [counts.get(state) ?? 0, state]);
  const begun = isStreamed(options.format) ? print(headLine(head)) : undefined;
  return {
    async onEnd(portal, ending) {
      ended += 1;
      counts.set(ending.state, (counts.get(ending.state) ?? 0) + 1);
      // One that did not hold after its bake ends a second time.
      progress.update(Math.min(ended, portals), portals, troubles());
      try {
        await results?.append(portal, ending);
      } catch (error) {
        if (!(error instanceof BitrixEventsError)) throw error;
        problem ??= error;
        onUnwritable();
      }
      if (begun === undefined) return;
      await begun;
      await print(endingLine(portal, ending, new Date().toISOString()));
    },
    clear: progress.clear,
    problem: () => problem,
  };
}
