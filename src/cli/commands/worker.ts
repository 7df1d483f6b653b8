/** `bitrix-events worker`: carries rollouts out, with any number of others, until it is told to stop. */
import { openQueue } from '../../postgres/queue.ts';
import { BitrixEventsError } from '../../core/errors.ts';
import { printable } from '../../core/display.ts';
import { runWorker } from '../../fleet/worker.ts';
import { scheduleCare } from '../../fleet/worker-care.ts';
import { type CareChoices, sweepOf } from '../care-options.ts';
import type { Context } from '../context.ts';
import { openWorld } from '../fleet/open-fleet.ts';
import { careText } from '../render/care-text.ts';
import type { Outcome } from '../result.ts';
import { type RolloutPlace, withRollouts } from '../rollouts/with-rollouts.ts';

export interface WorkerCommandOptions extends CareChoices {
  readonly concurrency?: number;
  readonly authRate?: number;
  readonly json?: boolean;
}

/** A process that was stopped for longer, as by SIGSTOP or a machine that sleeps, loses its locks. */
const silenceMs = 30_000;

export function worker(context: Context, options: WorkerCommandOptions): Promise<Outcome> {
  return withRollouts(context, (place) => workIn(place, context, options), silenceMs);
}

async function workIn(place: RolloutPlace, context: Context, options: WorkerCommandOptions): Promise<Outcome> {
  const { world: outside, deadline } = context;
  const sweep = sweepOf(options);
  const stop = new AbortController();
  outside.onInterrupt(() => {
    context.note('Stopping: finishing the requests in flight. Interrupt again to end at once.\n');
    stop.abort();
  });
  deadline?.signal.addEventListener('abort', () => stop.abort(), { once: true });
  const onProblem = (error: unknown): void => outside.err(`${printable(problemText(error))}\n`);
  const { world, close } = await openWorld(context, place.store, options, stop.signal);
  try {
    const queue = await openQueue(place.url, { name: place.name, isWorker: true, onProblem });
    if (options.json === true || context.options.format === 'json')
      outside.out(`${JSON.stringify({ worker: place.name })}\n`);
    else context.print('Waiting for rollouts. Ctrl+C ends it.\n');
    try {
      await scheduleCare({
        ...place,
        queue,
        world,
        sweep,
        onProblem,
        onEvent: (event) => context.note(`${careText(event)}\n`),
        signal: stop.signal,
      });
    } catch (error) {
      await queue.stop();
      throw error;
    }
    await runWorker({
      ...place,
      queue,
      world,
      concurrency: options.concurrency ?? 10,
      onEnd: (rollout, memberId, { state, verdict, problem }) => {
        const why = problem === undefined ? '' : `: ${problem.message}  [${problem.code}]`;
        context.note(
          `${printable(`${rollout.slice(0, 8)} ${memberId} ${verdict === 'drift' ? 'drifted' : state}${why}`)}\n`,
        );
      },
      onProblem,
      signal: stop.signal,
    });
  } finally {
    await close();
  }
  return { result: { kind: 'stopped' }, ending: 'done' };
}

function problemText(error: unknown): string {
  if (error instanceof BitrixEventsError) return `${error.message}  [${error.code}]`;
  return error instanceof Error ? error.message : String(error);
}
