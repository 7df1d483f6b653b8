/** How workers look after a fleet: one cron for sweeps and one for renewals, whichever of them does it. */
import { BitrixEventsError } from '../core/errors.ts';
import type { PortalWorld } from '../connect.ts';
import type { PostgresStore } from '../postgres/postgres-store.ts';
import type { WakeQueue } from '../postgres/queue.ts';
import type { Rollouts } from '../postgres/rollouts.ts';
import { renewIdle } from './renew-idle.ts';
import { beginSweep } from './sweep.ts';

export interface WorkerCareOptions {
  readonly store: PostgresStore;
  readonly rollouts: Rollouts;
  readonly queue: WakeQueue;
  readonly world: PortalWorld;
  /** For people: which process on which host. */
  readonly name: string;
  /** Default: no sweeps. */
  readonly sweep?: { readonly intervalMs: number; readonly heals: boolean } | undefined;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** Told in one line of what was done, or could not be. */
  readonly say: (text: string) => void;
  readonly onProblem: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Sweeps are looked for every hour, and last for days; tokens that nobody has used for 150 days have 30 more. */
const hourly = '17 * * * *';
const daily = '41 3 * * *';

/** Resolves when both are in force; they end with the queue. */
export async function scheduleCare(options: WorkerCareOptions): Promise<void> {
  const { queue, sweep, onProblem } = options;
  const renew = renewing(options);
  const telling = (work: () => Promise<void>) => async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      onProblem(error);
      // What went wrong on our side has another try half a minute later.
      if (!(error instanceof BitrixEventsError)) throw error;
    }
  };
  await queue.every('renewal', daily, telling(renew));
  if (sweep !== undefined) await queue.every('sweep', hourly, telling(sweeping({ ...options, ...sweep })));
}

function renewing({ store, world, signal, say, now = Date.now }: WorkerCareOptions): () => Promise<void> {
  const refused = new Set<string>();
  return async () => {
    let renewed = 0;
    await renewIdle({
      store,
      world,
      nowMs: now(),
      refused,
      signal,
      onRenewed: () => (renewed += 1),
      onFailed: ({ domain, memberId }, { message, code }) =>
        say(`${domain} (${memberId}): not renewed: ${message}  [${code}]`),
    });
    if (renewed > 0) say(`renewed the tokens of ${renewed} portals that nobody had used for 150 days`);
  };
}

function sweeping(options: Parameters<typeof beginSweep>[0] & WorkerCareOptions): () => Promise<void> {
  const { say, queue, rollouts } = options;
  let hasSaid = false;
  return async () => {
    const start = await beginSweep(options);
    switch (start.kind) {
      case 'begun':
        say(`sweep ${start.rollout.slice(0, 8)} begun, over ${start.portals} portals`);
        break;
      case 'resumed':
        say(`sweep ${start.rollout.slice(0, 8)} goes on`);
        break;
      case 'nothing-to-check':
        if (!hasSaid)
          say('no sweep: there is no portal to hold against a rollout that is complete (apply --all --queue)');
        hasSaid = true;
        return;
      case 'not-due':
      case 'gives-way':
        return;
    }
    await queue.wake(await rollouts.waiting(1_000));
  };
}
