/** How workers look after a fleet: one cron for sweeps and one for renewals, whichever of them does it. */
import { BitrixEventsError } from '../core/errors.ts';
import type { PortalWorld } from '../connect.ts';
import type { PostgresStore } from '../postgres/postgres-store.ts';
import type { WakeQueue } from '../postgres/queue.ts';
import type { Rollouts } from '../postgres/rollouts.ts';
import type { CareEvent } from './care-event.ts';
import { renewing } from './renew-idle.ts';
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
  readonly onEvent: (event: CareEvent) => void;
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
  const { now = Date.now } = options;
  const telling = (work: () => Promise<void>) => async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      onProblem(error);
      // What went wrong on our side has another try half a minute later.
      if (!(error instanceof BitrixEventsError)) throw error;
    }
  };
  await queue.every(
    'renewal',
    daily,
    telling(() => renew(now())),
  );
  if (sweep !== undefined) await queue.every('sweep', hourly, telling(sweeping({ ...options, ...sweep })));
}

function sweeping(options: Parameters<typeof beginSweep>[0] & WorkerCareOptions): () => Promise<void> {
  const { onEvent, queue, rollouts } = options;
  let hasSaid = false;
  return async () => {
    const start = await beginSweep(options);
    switch (start.kind) {
      case 'begun':
        onEvent({ ...start, kind: 'sweep-begun' });
        break;
      case 'resumed':
        onEvent({ ...start, kind: 'sweep-resumed' });
        break;
      case 'nothing-to-check':
        if (!hasSaid) onEvent({ kind: 'nothing-to-check' });
        hasSaid = true;
        return;
      case 'not-due':
      case 'gives-way':
        return;
    }
    await queue.wake(await rollouts.waiting(1_000));
  };
}
