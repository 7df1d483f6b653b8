/** What a wave puts up with, by the log of the portals: when it stops, and how much is in work meanwhile. */
import { describe, expect, it, test } from 'vitest';
import type { Amount, FailureMode } from '../../src/core/rollout.ts';
import type { LoggedRequest } from '../../src/emulator/index.ts';
import { aFleet, type Fleet, fleetManifest, run, written } from './fleet.ts';

const count = (value: number): Amount => ({ kind: 'count', value });
const percent = (value: number): Amount => ({ kind: 'percent', value });
const refusing = {
  kind: 'command-error',
  method: 'event.bind',
  error: 'ERROR_CORE',
  description: 'No',
  times: Number.POSITIVE_INFINITY,
} as const;
const wanted = await fleetManifest('OnTaskAdd');

/** Portals that answer in their own time; the first so many of them, in the order of the rollout, refuse. */
async function aWave(size: number, failing: number): Promise<Fleet> {
  const fleet = await aFleet(size);
  const order = await run(fleet, wanted, { verb: 'plan' });
  expect(order.counts).toEqual({ succeeded: size });
  const asked = fleet.emulator.requests.map(({ portal }) => portal);
  for (const portal of asked.slice(0, failing)) fleet.emulator.fault({ ...refusing, portal });
  fleet.portals.forEach((portal, index) => portal.setSwitches({ latencyMs: 1 + (index % 5) * 3 }));
  fleet.emulator.clearRequests();
  return fleet;
}

describe('a wave', () => {
  it.each<[tolerates: string, size: number, maxFailures: Amount, failing: number, failed: number, untouched: number]>([
    ['none of its one', 1, count(0), 1, 1, 0],
    ['its only one', 1, count(1), 1, 1, 0],
    ['nothing of one by five percent', 1, percent(5), 1, 1, 0],
    ['as many as it is told', 6, count(2), 2, 2, 0],
    ['not one more', 6, count(2), 3, 3, 3],
    ['a third of three, rounded down to none', 3, percent(33), 1, 1, 2],
    ['a third of three and a bit', 3, percent(34), 1, 1, 0],
    ['not two of three by that', 3, percent(34), 2, 2, 1],
    ['all of them by a hundred percent', 4, percent(100), 4, 4, 0],
  ])('puts up with %s', async (_, size, maxFailures, failing, failed, untouched) => {
    const fleet = await aWave(size, failing);
    const result = await run(fleet, wanted, { maxFailures, concurrency: 1 });
    expect([result.counts['failed'], result.untouched]).toEqual([failed, untouched]);
    const tolerance = maxFailures.kind === 'count' ? maxFailures.value : Math.floor((size * maxFailures.value) / 100);
    expect(result.stopped).toEqual(failed > tolerance ? { kind: 'failures', wave: 0, failed, tolerance } : undefined);
    expect(written(fleet)).toHaveLength(size - untouched);
  });

  it('that is dead from end to end is gone through', async () => {
    const fleet = await aFleet(5);
    for (const portal of fleet.portals) await portal.uninstall();
    const result = await run(fleet, wanted, { maxFailures: count(0), failureMode: 'strict' });
    expect(result).toMatchObject({ counts: { dead: 5 }, untouched: 0, stopped: undefined });
  });
});

/** For each portal, how many were in work and how many had failed when its first request came, by the log. */
function beginnings(requests: readonly LoggedRequest[], failing: ReadonlySet<string>) {
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  requests.forEach(({ portal }, at) => {
    if (!first.has(portal)) first.set(portal, at);
    last.set(portal, at);
  });
  return [...first].map(([portal, at]) => {
    const others = [...first].filter(([other, begun]) => other !== portal && begun < at);
    const inWork = 1 + others.filter(([other]) => (last.get(other) ?? 0) > at).length;
    const failed = others.filter(([other]) => (last.get(other) ?? 0) < at && failing.has(other)).length;
    return { inWork, failed };
  });
}

const tolerance = 4;
const concurrency = 8;

async function inMode(failureMode: FailureMode) {
  const fleet = await aWave(40, 40);
  const result = await run(fleet, wanted, { maxFailures: count(tolerance), failureMode, concurrency });
  const { requests } = fleet.emulator;
  return { result, fleet, begun: beginnings(requests, new Set(fleet.portals.map(({ memberId }) => memberId))) };
}

test('strict never has more in work than failures are left, and one', async () => {
  const { result, fleet, begun } = await inMode('strict');
  expect(result.counts).toEqual({ failed: tolerance + 1 });
  expect(written(fleet)).toHaveLength(tolerance + 1);
  expect(begun.filter(({ inWork, failed }) => inWork > tolerance - failed + 1)).toEqual([]);
  expect(Math.max(...begun.map(({ inWork }) => inWork))).toBeGreaterThan(1);
});

test('soft overshoots by at most the concurrency', async () => {
  const { result, fleet, begun } = await inMode('soft');
  const { failed = 0 } = result.counts;
  expect(failed).toBeGreaterThan(tolerance);
  expect(failed).toBeLessThanOrEqual(tolerance + concurrency);
  expect(written(fleet)).toHaveLength(failed);
  expect(Math.max(...begun.map(({ inWork }) => inWork))).toBeLessThanOrEqual(concurrency);
});
