/** Workers and rollouts on a real database: every portal in its turn, nothing after a stop, nothing left behind. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import type { RolloutStanding } from '../../src/core/rollout-standing.ts';
import { cutLockConnections } from '../postgres/place.ts';
import { runSql } from '../support/postgres.ts';
import { fleetManifest } from './fleet.ts';
import { aWorker, aWorkerFleet, begin, isSettled, until, type WorkerFleet } from './workers.ts';

const count = (value: number) => ({ kind: 'count', value }) as const;
const always = { times: Number.POSITIVE_INFINITY };
const refusingBind = {
  kind: 'command-error',
  method: 'event.bind',
  error: 'ERROR_CORE',
  description: 'No',
  ...always,
} as const;

/** Member ids of portals that were asked to change something, in order. */
function written({ emulator }: WorkerFleet): readonly string[] {
  return emulator.requests
    .filter(({ commands = [] }) => commands.some(({ method }) => /^event\.(un)?bind$|option\.set$/.test(method)))
    .map(({ portal }) => portal);
}

const bound = (place: WorkerFleet) => place.portals.map(({ rows }) => rows.map(({ event }) => event).join());

test('two workers carry a rollout out, each portal once', async () => {
  const place = await aWorkerFleet(12);
  const workers = [await aWorker(place), await aWorker(place)];
  const id = await begin(place, await fleetManifest('OnTaskAdd'));
  const standing = await until(place, id, isSettled);
  expect(standing).toMatchObject({ state: 'completed', counts: { succeeded: 12 }, hasWritten: true });
  expect(new Set(bound(place))).toEqual(new Set(['ONTASKADD']));
  expect(workers.flatMap(({ endings }) => endings.map(({ memberId }) => memberId)).sort()).toEqual(
    place.portals.map(({ memberId }) => memberId).sort(),
  );
  expect(place.problems).toEqual([]);
});

test('a canary that fails stops all others, although a job for each of 5 000 is queued', async () => {
  const place = await aWorkerFleet(40);
  const [canary, ...others] = place.portals;
  place.emulator.fault({ ...refusingBind, portal: canary?.memberId ?? '' });
  const id = randomUUID();
  // Most of them are names alone: whoever touched one would end it.
  const named = Array.from({ length: 4_960 }, (_, index) => `named${index}`);
  const members = [canary, ...others].flatMap((portal) => portal?.memberId ?? []).concat(named);
  const waves = [1, 4_999].map((portals) => ({ portals, tolerance: 0, mode: 'soft' as const }));
  const task = { verb: 'apply', manifest: await fleetManifest('OnTaskAdd') } as const;
  const portals = members.map((memberId) => ({ memberId, domain: '' }));
  await place.rollouts.create(
    { id, origin: 'asked', task, portals, waves, bakeMs: 0, chosen: '*', by: 'a test' },
    false,
  );
  await place.queue.wake(members);
  await aWorker(place, { concurrency: 8 });
  expect(await until(place, id, isSettled)).toMatchObject({
    state: 'paused',
    reason: 'failures',
    counts: { failed: 1, pending: 4_999 },
  });
  await jobsGone(place);
  expect([...new Set(written(place))]).toEqual([canary?.memberId]);
});

/** Nobody has anything to look at any more. */
async function jobsGone({ url }: WorkerFleet): Promise<void> {
  for (;;) {
    const [row] = await runSql(
      url,
      "SELECT count(*)::integer AS jobs FROM bitrix_events_queue.job WHERE name = 'portals' AND state < 'completed'",
    );
    if (row?.['jobs'] === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a rollout over an open one', () => {
  it('lets nothing of the old manifest come after it, not even on a portal that is in work', async () => {
    const place = await aWorkerFleet(8);
    // Slow portals: both readings are in flight when the new rollout comes.
    for (const { memberId } of place.portals)
      place.emulator.fault({ kind: 'delay', delayMs: 400, times: 1, portal: memberId });
    const old = await begin(place, await fleetManifest('OnTaskDelete'));
    await aWorker(place, { concurrency: 2 });
    await until(place, old, ({ counts }) => counts.running === 2);
    const id = await begin(place, await fleetManifest('OnTaskAdd'), { supersede: true });
    expect(await until(place, id, isSettled)).toMatchObject({ state: 'completed', counts: { succeeded: 8 } });
    expect((await place.rollouts.find(old))[0]).toMatchObject({ state: 'superseded', counts: { superseded: 8 } });
    expect(new Set(bound(place))).toEqual(new Set(['ONTASKADD']));
    const binds = place.emulator.requests.flatMap(({ commands = [] }) =>
      commands.filter(({ method }) => method === 'event.bind'),
    );
    expect(new Set(binds.map(({ params }) => params['event']))).toEqual(new Set(['ONTASKADD']));
  });

  it('loses no portal whose job was dropped, because an older one was in work', async () => {
    const place = await aWorkerFleet(1);
    place.emulator.fault({ kind: 'delay', delayMs: 600 });
    const old = await begin(place, await fleetManifest('OnTaskDelete'));
    // No look at what was left behind.
    await aWorker(place, { tickMs: 1_000_000 });
    await until(place, old, ({ counts }) => counts.running === 1);
    const id = await begin(place, await fleetManifest('OnTaskAdd'), { supersede: true });
    expect(await until(place, id, isSettled)).toMatchObject({ state: 'completed', counts: { succeeded: 1 } });
  });
});

test('a wave is not complete while portals hold the old manifest and were not read for the new one', async () => {
  const place = await aWorkerFleet(3);
  const worker = await aWorker(place);
  const old = await begin(place, await fleetManifest('OnTaskAdd'));
  await until(place, old, isSettled);
  await worker.stop();
  place.emulator.clearRequests();
  const id = await begin(place, await fleetManifest('OnTaskAdd', 'OnTaskDelete'), { serial: [count(2), count(1)] });
  expect((await place.rollouts.find(id))[0]).toMatchObject({ wave: 0, counts: { pending: 3 } });
  expect(await place.rollouts.baked()).toEqual([]);
  await aWorker(place);
  expect(await until(place, id, isSettled)).toMatchObject({ state: 'completed', counts: { succeeded: 3 } });
  expect(bound(place)).toEqual(Array(3).fill('ONTASKADD,ONTASKDELETE'));
});

test('the lock cut in the middle of an apply: nothing more is written by whoever lost it, and the portal ends all the same', async () => {
  const place = await aWorkerFleet(1);
  place.emulator.fault({ kind: 'delay', delayMs: 500 });
  const id = await begin(place, await fleetManifest('OnTaskAdd'));
  await aWorker(place);
  await until(place, id, ({ counts }) => counts.running === 1);
  expect(await cutLockConnections(place.url)).toBe(1);
  const mine = await place.store.lock(place.portals[0]?.memberId ?? '', 'apply');
  await until(place, id, ({ counts }) => counts.pending === 1);
  expect(written(place)).toEqual([]);
  await mine();
  expect(await until(place, id, isSettled)).toMatchObject({ state: 'completed', counts: { succeeded: 1 } });
  expect(written(place)).toHaveLength(1);
});

test('what a dead worker has left of a rollout that is over ends without being touched', async () => {
  const place = await aWorkerFleet(2);
  const [one, two] = place.portals.map(({ memberId }) => memberId);
  const left = async (memberId = ''): Promise<string> => {
    const id = await begin(place, await fleetManifest('OnTaskAdd'), { members: [memberId], supersede: true });
    await place.rollouts.begin({ rollout: id, memberId, claim: randomUUID() }, 'a worker that is dead');
    return id;
  };
  const superseded = await left(one);
  const cancelled = await left(two);
  await place.rollouts.cancel(cancelled);
  await aWorker(place);
  await place.queue.wake([one ?? '', two ?? '']);
  const isEnded = ({ counts }: RolloutStanding): boolean => counts.running === undefined;
  expect(await until(place, superseded, isEnded)).toMatchObject({ counts: { superseded: 1 } });
  expect(await until(place, cancelled, isEnded)).toMatchObject({ counts: { unknown: 1 } });
  expect(await place.rollouts.attention(cancelled)).toMatchObject([{ problem: { code: 'worker-lost' } }]);
  expect(place.emulator.requests).toEqual([]);
});

test('a wave bakes, is looked at again by the clock, and one that does not hold is not followed by another', async () => {
  const place = await aWorkerFleet(4);
  place.now = Date.UTC(2026, 0, 1);
  const members = place.portals.map(({ memberId }) => memberId);
  await aWorker(place);
  const wishes = { serial: [count(2), count(2)], members, bakeMs: 30 * 60_000 };
  const id = await begin(place, await fleetManifest('OnTaskAdd'), wishes);
  await until(place, id, ({ bakesUntil }) => bakesUntil !== undefined);
  expect(bound(place)).toEqual(['ONTASKADD', 'ONTASKADD', '', '']);
  place.now += 29 * 60_000;
  for (const { id: row } of place.portals[1]?.rows ?? []) place.portals[1]?.removeRow(row);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((await place.rollouts.find(id))[0]).toMatchObject({ state: 'running', wave: 0 });
  place.now += 60_000;
  expect(await until(place, id, isSettled)).toMatchObject({
    state: 'paused',
    reason: 'not-held',
    counts: { succeeded: 1, failed: 1 },
  });
  expect(await place.rollouts.retry(id, false)).toBe(1);
  await until(place, id, ({ bakesUntil }) => bakesUntil !== undefined);
  place.now += 30 * 60_000;
  expect(await until(place, id, isSettled)).toMatchObject({ state: 'completed', counts: { succeeded: 4 } });
  expect(bound(place)).toEqual(Array(4).fill('ONTASKADD'));
});

test('portals of one’s own come first, and retry begins just the failed ones again', async () => {
  const place = await aWorkerFleet(6);
  const [, , third] = place.portals;
  place.emulator.fault({ ...refusingBind, portal: third?.memberId ?? '' });
  const first = [third?.memberId ?? ''];
  const id = await begin(place, await fleetManifest('OnTaskAdd'), { first, maxFailures: count(1) });
  const worker = await aWorker(place, { concurrency: 1 });
  expect(await until(place, id, isSettled)).toMatchObject({ state: 'completed', counts: { failed: 1, succeeded: 5 } });
  expect((await place.rollouts.attention(id)).map(({ memberId }) => memberId)).toEqual(first);
  expect(worker.endings[0]?.memberId).toBe(first[0]);
  place.emulator.clearFaults();
  place.emulator.clearRequests();
  expect(await place.rollouts.retry(id, false)).toBe(1);
  expect(await until(place, id, isSettled)).toMatchObject({ state: 'completed', counts: { succeeded: 6 } });
  expect(new Set(place.emulator.requests.map(({ portal }) => portal))).toEqual(new Set(first));
});

test('a server of authorisation that is away pauses the rollout, and is no portal’s fault', async () => {
  const place = await aWorkerFleet(5);
  for (const portal of place.portals) portal.expireTokens();
  place.emulator.fault({ kind: 'error', method: 'oauth/token', error: 'invalid_client', status: 400, ...always });
  const id = await begin(place, await fleetManifest('OnTaskAdd'));
  await aWorker(place);
  expect(await until(place, id, isSettled)).toMatchObject({
    state: 'paused',
    reason: 'everybodys',
    counts: { pending: 5 },
  });
  expect(written(place)).toEqual([]);
  place.emulator.clearFaults();
  expect(await place.rollouts.resume(id)).toBe(true);
  expect(await until(place, id, isSettled)).toMatchObject({ state: 'completed', counts: { succeeded: 5 } });
});

test('a worker that is told to stop puts down what it has, and another one goes on', async () => {
  const place = await aWorkerFleet(10);
  for (const { memberId } of place.portals)
    place.emulator.fault({ kind: 'delay', delayMs: 200, times: 1, portal: memberId });
  const id = await begin(place, await fleetManifest('OnTaskAdd'));
  const worker = await aWorker(place, { concurrency: 2 });
  await until(place, id, ({ counts }) => (counts.succeeded ?? 0) > 1);
  await worker.stop();
  const [standing] = await place.rollouts.find(id);
  expect(standing?.counts.running ?? 0).toBe(0);
  await aWorker(place);
  expect(await until(place, id, isSettled)).toMatchObject({ state: 'completed', counts: { succeeded: 10 } });
});
