/** A worker: one of any number of processes that drain the rollouts of a database. */
import pLimit from 'p-limit';
import type { ItemEnding } from '../core/fleet.ts';
import type { RolloutTask } from '../core/rollout-standing.ts';
import type { PortalWorld } from '../connect.ts';
import { UsageError } from '../core/errors.ts';
import type { PostgresStore } from '../postgres/postgres-store.ts';
import type { WakeQueue } from '../postgres/queue.ts';
import type { BakedWave } from '../postgres/rollout-waves.ts';
import type { Rollouts } from '../postgres/rollouts.ts';
import { type MemberWork, type Worked, workOnMember } from './work-on-member.ts';
import { workOn } from './work-on.ts';

export interface WorkerOptions {
  readonly store: PostgresStore;
  readonly rollouts: Rollouts;
  readonly queue: WakeQueue;
  readonly world: PortalWorld;
  /** For people: which process on which host. */
  readonly name: string;
  /** Portals in work at a time. */
  readonly concurrency: number;
  /** Milliseconds between two looks for what nobody was woken for. Default 5 000. */
  readonly tickMs?: number | undefined;
  /** Milliseconds to wait for somebody else who works on a portal. Default 20 000. */
  readonly lockTimeoutMs?: number | undefined;
  /** Told of every portal that has ended; without what was done where another worker had lost it. */
  readonly onEnd?:
    | ((rollout: string, memberId: string, ending: ItemEnding, worked: Worked | undefined) => void)
    | undefined;
  readonly onProblem: (error: unknown) => void;
  /** Begins nothing more; requests in flight are finished. */
  readonly signal: AbortSignal;
}

/** Resolves when the signal has ended it and what was in work has been put down. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { rollouts, queue, concurrency, onProblem, signal, tickMs = 5_000, lockTimeoutMs = 20_000, onEnd } = options;
  let looks = 0;

  const wakeWaiting = async (most: number): Promise<void> => {
    if (!signal.aborted) await queue.wake(await rollouts.waiting(most));
  };
  const goOn = async (): Promise<void> => {
    for (const wave of await rollouts.baked()) {
      if (!signal.aborted && (await openNext(wave, options))) await wakeWaiting(Number.MAX_SAFE_INTEGER);
    }
  };
  const work: MemberWork = {
    ...options,
    worker: options.name,
    lockTimeoutMs,
    taskOf: remembering((id) => rollouts.task(id)),
    async onEnd(rollout, memberId, ending, after, worked) {
      onEnd?.(rollout, memberId, ending, worked);
      if (after.isWaveOver) await goOn();
      else if (after.room !== undefined && after.state === 'running') await wakeWaiting(after.room);
    },
  };

  await queue.work(concurrency, async (memberId) => {
    looks += 1;
    await workOnMember(memberId, work);
  });

  /** What no job will be there for: waves that have baked, and portals whose job came while the gate was closed, or was lost. */
  const look = async (): Promise<void> => {
    try {
      await goOn();
      if (looks === 0) await wakeWaiting(1_000);
      looks = 0;
    } catch (error) {
      onProblem(error);
    }
  };
  await look();
  await new Promise<void>((resolve) => {
    let looking = Promise.resolve();
    const timer = setInterval(() => {
      looking = looking.then(look);
    }, tickMs);
    const stop = (): void => {
      clearInterval(timer);
      resolve(looking);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  await queue.stop();
}

/** @returns whether the next wave is open now, by us */
async function openNext(wave: BakedWave, options: WorkerOptions): Promise<boolean> {
  const { store, rollouts } = options;
  const held = await store
    .hold(`rollout-${wave.rollout}`, 'apply', { signal: AbortSignal.abort() })
    .catch((error: unknown) => {
      // Another worker is at it.
      if (error instanceof UsageError && error.code === 'locked') return undefined;
      throw error;
    });
  if (held === undefined) return false;
  try {
    if (wave.isLookedAt && !(await isHeldStill(wave, options))) return false;
    return await rollouts.openNext(wave);
  } finally {
    await held.release();
  }
}

/** Looks at every portal of a wave that had succeeded; one that does not hold any more stops the rollout. */
async function isHeldStill({ rollout, wave }: BakedWave, options: WorkerOptions): Promise<boolean> {
  const { rollouts, world, concurrency, signal } = options;
  const task = await rollouts.task(rollout);
  const succeeded = await rollouts.items(rollout, ['succeeded'], Number.MAX_SAFE_INTEGER, wave);
  const hands = pLimit(concurrency);
  const isHeld = await Promise.all(
    succeeded.map((portal) =>
      hands(async () => {
        if (signal.aborted) return false;
        const checked = { ...task, reviewed: undefined, verb: 'check', portals: [], world, signal } as const;
        const { verdict, state, problem, everybodys } = await workOn(portal, checked, new Map());
        if (everybodys !== undefined) await rollouts.pause(rollout, 'everybodys', everybodys.message);
        else if (verdict !== 'in-sync' && state !== 'cancelled')
          await rollouts.notHeld(rollout, portal.memberId, problem);
        return verdict === 'in-sync';
      }),
    ),
  );
  return isHeld.every(Boolean);
}

/** A worker needs the same task for thousands of portals, and those of a few rollouts at most. */
function remembering(read: (id: string) => Promise<RolloutTask>): (id: string) => Promise<RolloutTask> {
  const known = new Map<string, Promise<RolloutTask>>();
  return (id) => {
    const task = known.get(id) ?? read(id);
    known.delete(id);
    known.set(id, task);
    task.catch(() => known.delete(id));
    const [oldest] = known.keys();
    if (known.size > 4 && oldest !== undefined) known.delete(oldest);
    return task;
  };
}
