/** Workers inside the test, on a real database and a real queue, with many emulated portals. */
import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { ItemEnding } from '../../src/core/fleet.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import { rulesOf, type ToleranceOptions, wavesOf, type Amount } from '../../src/core/rollout.ts';
import type { NewRollout, RolloutStanding } from '../../src/core/rollout-standing.ts';
import { fleetOf } from '../../src/fleet/portals.ts';
import { runWorker, type WorkerOptions } from '../../src/fleet/worker.ts';
import { openDatabase } from '../../src/postgres/database.ts';
import { storeIn } from '../../src/postgres/postgres-store.ts';
import { openQueue, type WakeQueue } from '../../src/postgres/queue.ts';
import { openRollouts, type Rollouts } from '../../src/postgres/rollouts.ts';
import { aDatabase } from '../support/postgres.ts';
import { aFleet, type Fleet } from './fleet.ts';

export interface WorkerFleet extends Fleet {
  readonly url: string;
  readonly rollouts: Rollouts;
  readonly queue: WakeQueue;
  /** Milliseconds since 1970, where the test moves the clock. */
  now: number | undefined;
  readonly problems: unknown[];
}

/** The portals of `aFleet`, in a database. */
export async function aWorkerFleet(size: number): Promise<WorkerFleet> {
  const fleet = await aFleet(size);
  const url = await aDatabase();
  const database = openDatabase(url, 'test');
  const store = storeIn(database, {});
  for await (const memberId of fleet.store.memberIds()) {
    const installation = await fleet.store.read(memberId);
    if (installation !== undefined) await store.write(installation);
  }
  const problems: unknown[] = [];
  const queue = await openQueue(url, { name: 'test', isWorker: false, onProblem: (error) => problems.push(error) });
  onTestFinished(async () => {
    await queue.stop();
    await store.close();
  });
  const place: WorkerFleet = {
    ...fleet,
    store,
    url,
    queue,
    problems,
    now: undefined,
    rollouts: openRollouts(database, { now: () => place.now ?? Date.now() }),
  };
  return place;
}

export interface Worker {
  readonly endings: { readonly memberId: string; readonly rollout: string; readonly ending: ItemEnding }[];
  stop(): Promise<void>;
}

/** Stopped when the test ends. */
export async function aWorker(
  place: WorkerFleet,
  options: Partial<WorkerOptions> & { readonly silenceMs?: number } = {},
): Promise<Worker> {
  const { url, http, emulator, problems } = place;
  const name = options.name ?? `worker ${randomUUID().slice(0, 4)}`;
  const database = openDatabase(url, name);
  const store = storeIn(database, { command: name, silenceMs: options.silenceMs });
  const onProblem = (error: unknown): void => void problems.push(error);
  const queue = await openQueue(url, { name, isWorker: true, onProblem });
  const { clientId, clientSecret, oauthUrl } = emulator;
  const stop = new AbortController();
  const endings: Worker['endings'] = [];
  const ended = runWorker({
    store,
    rollouts: openRollouts(database, { now: () => place.now ?? Date.now() }),
    queue,
    world: { store, http, application: { clientId, clientSecret, oauthUrl } },
    name,
    concurrency: 4,
    tickMs: 100,
    onProblem,
    onEnd: (rollout, memberId, ending) => void endings.push({ rollout, memberId, ending }),
    signal: stop.signal,
    ...options,
  });
  const worker: Worker = {
    endings,
    async stop() {
      stop.abort();
      await ended;
      await store.close();
    },
  };
  onTestFinished(() => worker.stop());
  return worker;
}

export interface RolloutWishes extends ToleranceOptions {
  readonly serial?: readonly Amount[];
  readonly bakeMs?: number;
  readonly first?: readonly string[];
  readonly supersede?: boolean;
  readonly verb?: 'apply' | 'check';
  /** Member ids whose portals are in it, in this order. Default: all. */
  readonly members?: readonly string[];
}

/** Writes a rollout down and wakes whoever works. @returns its id */
export async function begin(place: WorkerFleet, manifest: Manifest, wishes: RolloutWishes = {}): Promise<string> {
  const { store, rollouts, queue } = place;
  const id = randomUUID();
  const all = await fleetOf(store, { rolloutId: id, first: wishes.first ?? [] });
  const portals =
    wishes.members === undefined
      ? all
      : wishes.members.flatMap((memberId) => all.filter((portal) => portal.memberId === memberId));
  const sizes = wavesOf(portals.length, wishes.serial ?? []);
  const rollout: NewRollout = {
    id,
    origin: 'asked',
    task: { verb: wishes.verb ?? 'apply', manifest },
    portals,
    waves: sizes.map((size, wave) => ({ portals: size, ...rulesOf(wave, sizes, wishes) })),
    bakeMs: wishes.bakeMs ?? 0,
    chosen: '*',
    by: 'a test',
  };
  const other = await rollouts.create(rollout, wishes.supersede === true);
  if (other !== undefined) throw new Error(`rollout ${other} is open`);
  await queue.wake(await rollouts.waiting(Number.MAX_SAFE_INTEGER));
  return id;
}

/** Waits until a rollout stands as wished. */
export async function until(
  { rollouts, problems }: WorkerFleet,
  id: string,
  isThere: (standing: RolloutStanding) => boolean,
): Promise<RolloutStanding> {
  for (let tries = 0; ; tries += 1) {
    const [standing] = await rollouts.find(id);
    if (standing !== undefined && isThere(standing)) return standing;
    if (tries > 1_000)
      throw new Error(`it does not come: ${JSON.stringify(standing)}, ${problems.map(String).join('; ')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const isSettled = ({ state, counts }: RolloutStanding): boolean =>
  state !== 'running' && (counts.running ?? 0) === 0;
