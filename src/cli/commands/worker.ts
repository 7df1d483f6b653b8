/** `bitrix-events worker`: carries rollouts out, with any number of others, until it is told to stop. */
import { openQueue } from '../../postgres/queue.ts';
import { runWorker } from '../../fleet/worker.ts';
import { scheduleCare } from '../../fleet/worker-care.ts';
import { type CareChoices, sweepOf } from '../care-options.ts';
import type { Context } from '../context.ts';
import { openWorld } from '../fleet/open-fleet.ts';
import type { Outcome } from '../result.ts';
import { type RolloutPlace, withRollouts } from '../rollouts/with-rollouts.ts';
import { watchCare } from '../watch/care-log.ts';
import { openWatch, type Watch, type WatchChoices } from '../watch/watch.ts';
import { watchWorker } from '../watch/watch-worker.ts';
import { stopOf } from '../stop.ts';

export interface WorkerCommandOptions extends CareChoices, WatchChoices {
  readonly concurrency?: number;
  readonly authRate?: number;
  readonly json?: boolean;
}

/** A process that was stopped for longer, as by SIGSTOP or a machine that sleeps, loses its locks. */
const silenceMs = 30_000;

export function worker(context: Context, options: WorkerCommandOptions): Promise<Outcome> {
  const work = async (place: RolloutPlace): Promise<Outcome> => {
    const watch = await openWatch(context, options, '127.0.0.1');
    try {
      return await workIn(place, context, options, watch);
    } finally {
      await watch.stop();
    }
  };
  return withRollouts(context, work, silenceMs);
}

async function workIn(
  place: RolloutPlace,
  context: Context,
  options: WorkerCommandOptions,
  watch: Watch,
): Promise<Outcome> {
  const { world: outside } = context;
  const sweep = sweepOf(options);
  const stop = stopOf(context, () => {
    const message = 'finishing the requests in flight; interrupt again to end at once';
    watch.note({ level: 'info', what: 'stopping', more: { message } });
  });
  const { onEnd, onEvent, onProblem } = watchWorker(watch);
  const { world, close } = await openWorld(context, place.store, options, stop.signal);
  try {
    const queue = await openQueue(place.url, { name: place.name, isWorker: true, onProblem });
    const { metricsUrl } = watch;
    if (options.json === true || context.options.format === 'json') {
      outside.out(`${JSON.stringify({ worker: place.name, metrics: metricsUrl })}\n`);
    } else {
      const metrics = metricsUrl === undefined ? '' : ` Metrics are at ${metricsUrl}.`;
      context.print(`Waiting for rollouts.${metrics} Ctrl+C ends it.\n`);
    }
    try {
      const care = { ...watchCare(watch), onProblem };
      await scheduleCare({ ...place, ...care, queue, world: { ...world, onEvent }, sweep, signal: stop.signal });
    } catch (error) {
      await queue.stop();
      throw error;
    }
    await runWorker({
      ...place,
      queue,
      world: { ...world, onEvent },
      concurrency: options.concurrency ?? 10,
      onEnd,
      onProblem,
      signal: stop.signal,
    });
  } finally {
    stop.forget();
    await close();
  }
  return { result: { kind: 'stopped' }, ending: 'done' };
}
