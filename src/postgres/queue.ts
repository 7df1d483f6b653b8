/**
 * The queue that wakes workers: pg-boss, which only those who run workers install. A job says "look at this portal" and nothing else;
 * what there is to do stands in the tables of the rollouts, so a job that is lost, doubled or late does no harm.
 */
import pLimit from 'p-limit';
import type * as pgBoss from 'pg-boss';
import type { Clock, ConstructorOptions, Job, PgBoss } from 'pg-boss';
import { UsageError } from '../core/errors.ts';
import { inWords } from './database-errors.ts';
import { shownAddress } from './server-address.ts';

export interface WakeQueue {
  /** In this order; a portal that is to be looked at already is so once. */
  wake(memberIds: readonly string[]): Promise<void>;
  /**
   * Looks at portals that are to be looked at, so many at a time. What `look` rejects with makes another try some seconds later, by
   * whoever is free.
   */
  work(concurrency: number, look: (memberId: string) => Promise<void>): Promise<void>;
  /**
   * Calls `run` at the times of a cron expression in UTC, in one of the processes that ask for it; once for those that came while
   * none of them was there.
   * @param name of the schedule, the same in all of them
   */
  every(name: string, cron: string, run: () => Promise<void>): Promise<void>;
  /** Takes nothing more, and waits for what is in work. */
  stop(): Promise<void>;
}

export interface QueueOptions {
  /** Who works here, for the server's list of connections. */
  readonly name: string;
  /** Whether this process takes part in looking after the queue: jobs of dead workers, schedules. */
  readonly isWorker: boolean;
  readonly onProblem: (error: unknown) => void;
  readonly clock?: Clock | undefined;
}

/** A table of its own beside those of the store. */
const schema = 'bitrix_events_queue';
const portals = 'portals';

/** Seconds: a worker that says nothing for so long is dead, and is looked for so often. */
const heartbeat = 10;
const monitoring = 15;

/** Jobs in one statement. */
const atOnce = 1_000;

/** At a time from the queue, so that one who found two looks again at once. */
const batch = 2;

/**
 * @throws UsageError `missing-package`, `unusable-store`, `invalid-store`; NetworkError `unreachable-store`
 */
export async function openQueue(url: string, { name, isWorker, onProblem, clock }: QueueOptions): Promise<WakeQueue> {
  const server = shownAddress(url);
  const boss = await start(
    {
      connectionString: url,
      schema,
      application_name: `${name}, queue`.replace(/[^ -~]/g, '?').slice(0, 63),
      max: 4,
      supervise: isWorker,
      schedule: isWorker,
      superviseIntervalSeconds: monitoring,
      monitorIntervalSeconds: monitoring,
      monitorVacuum: false,
      ...(clock === undefined ? {} : { clock }),
    },
    server,
    onProblem,
  );

  return {
    async wake(memberIds) {
      // Of jobs that came together the queue keeps no order by itself.
      const jobs = memberIds.map((memberId, index) => ({
        data: { member_id: memberId },
        singletonKey: memberId,
        priority: memberIds.length - index,
      }));
      for (let from = 0; from < jobs.length; from += atOnce) {
        await told(server, () => boss.insert(portals, jobs.slice(from, from + atOnce)));
      }
    },

    async work(concurrency, look) {
      const hands = pLimit(concurrency);
      const options = {
        batchSize: batch,
        burstWhenBatchFull: true,
        localConcurrency: Math.ceil(concurrency / batch),
        pollingIntervalSeconds: 1,
        perJobResults: true,
        includeMetadata: true,
      } as const;
      await boss.work<{ member_id: string }, unknown, typeof options>(portals, options, (jobs) =>
        // What is fetched together comes in no order.
        Promise.all(
          jobs.sort((a, b) => b.priority - a.priority).map((job) => hands(() => resultOf(job, look, onProblem))),
        ),
      );
    },

    async every(schedule, cron, run) {
      const lives = { heartbeatSeconds: heartbeat, expireInSeconds: 6 * 60 * 60 };
      await told(server, () =>
        boss.createQueue(schedule, { policy: 'exclusive', retryLimit: 2, retryDelay: 30, ...lives }),
      );
      await told(server, () => boss.schedule(schedule, cron, {}, { singletonKey: schedule, missed: 'once' }));
      await boss.work(schedule, { pollingIntervalSeconds: 5 }, run);
    },

    stop: () => boss.stop({ graceful: true, timeout: 60_000 }),
  };
}

async function start(
  options: ConstructorOptions,
  server: string,
  onProblem: (error: unknown) => void,
): Promise<PgBoss> {
  const { PgBoss: Boss } = await loadQueue();
  const boss = new Boss(options);
  boss.on('error', (error) => onProblem(inWords(error, server)));
  await told(server, () => boss.start());
  await told(server, () =>
    boss.createQueue(portals, {
      policy: 'exclusive',
      heartbeatSeconds: heartbeat,
      expireInSeconds: 6 * 60 * 60,
      retryLimit: 1_000,
      retryDelay: 5,
      deleteAfterSeconds: 60 * 60,
    }),
  );
  return boss;
}

async function told<Value>(server: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw inWords(error, server);
  }
}

async function resultOf(
  { id, data }: Job<{ member_id: string }>,
  look: (memberId: string) => Promise<void>,
  onProblem: (error: unknown) => void,
): Promise<{ readonly id: string; readonly status: 'completed' | 'failed' }> {
  try {
    await look(data.member_id);
    return { id, status: 'completed' };
  } catch (error) {
    onProblem(error);
    return { id, status: 'failed' };
  }
}

/** @throws UsageError `missing-package` */
async function loadQueue(): Promise<Pick<typeof pgBoss, 'PgBoss'>> {
  try {
    return await import('pg-boss');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) throw cause;
    throw new UsageError({
      code: 'missing-package',
      message: "a queue of rollouts needs the package 'pg-boss', which is not installed",
      hint: 'Install it beside bitrix-events: npm install pg pg-boss',
      cause,
    });
  }
}
