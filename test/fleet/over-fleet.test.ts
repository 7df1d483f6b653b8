/** The verbs over many portals: one ending a portal, waves that stop themselves, and what is nobody's fault. */
import { describe, expect, it, test } from 'vitest';
import type { PortalHandle } from '../../src/emulator/index.ts';
import { shapeOf } from '../../src/core/fleet.ts';
import { digest } from '../../src/reconcile/platform.ts';
import { plan } from '../../src/reconcile/plan.ts';
import { openPortal, type PortalWorld } from '../../src/connect.ts';
import { loadManifest } from '../../src/manifest/load-manifest.ts';
import { aFleet, fleetManifest, handler, run, written } from './fleet.ts';

const refusing = { kind: 'command-error', method: 'event.bind', error: 'ERROR_CORE', description: 'No' } as const;
function emptied(portal: PortalHandle | undefined): void {
  for (const { id } of portal?.rows ?? []) portal?.removeRow(id);
}

const always = { times: Number.POSITIVE_INFINITY };

test('every portal converges, and the next time each costs one request', async () => {
  const fleet = await aFleet(12);
  const wanted = await fleetManifest('OnCrmDealAdd', 'OnTaskAdd');
  const first = await run(fleet, wanted);
  expect(first).toMatchObject({ counts: { succeeded: 12 }, attention: [], stopped: undefined, hasWritten: true });
  expect(first.shapes).toMatchObject([{ portals: 12, plan: { summary: { bind: 2 } } }]);
  for (const portal of fleet.portals)
    expect(portal.rows.map(({ event }) => event)).toEqual(['ONCRMDEALADD', 'ONTASKADD']);
  fleet.emulator.clearRequests();
  expect(await run(fleet, wanted)).toMatchObject({
    counts: { succeeded: 12 },
    inSync: 12,
    shapes: [],
    hasWritten: false,
  });
  expect(fleet.emulator.requests).toHaveLength(12);
});

test('portals that are well are named only when somebody asks for it', async () => {
  const fleet = await aFleet(3);
  const wanted = await fleetManifest('OnTaskAdd');
  expect((await run(fleet, wanted)).passed).toEqual([]);
  emptied(fleet.portals[1]);
  const { passed, shapes } = await run(fleet, wanted, { verb: 'check', namesPassed: true });
  const memberIdOf = (index: number) => fleet.portals[index]?.memberId;
  const found = new Map(passed.map(({ portal, verdict, shape }) => [portal.memberId, [verdict, shape]]));
  expect(found).toEqual(
    new Map([
      [memberIdOf(0), ['in-sync', undefined]],
      [memberIdOf(1), ['drift', shapes[0]?.shape]],
      [memberIdOf(2), ['in-sync', undefined]],
    ]),
  );
});

test('plan and check say which portals have drifted, and change nothing', async () => {
  const fleet = await aFleet(5);
  const wanted = await fleetManifest('OnTaskAdd');
  await run(fleet, wanted);
  emptied(fleet.portals[3]);
  for (const verb of ['plan', 'check'] as const) {
    fleet.emulator.clearRequests();
    expect(await run(fleet, wanted, { verb })).toMatchObject({
      counts: { succeeded: 5 },
      inSync: 4,
      drifted: 1,
      shapes: [{ portals: 1 }],
    });
    expect(written(fleet)).toEqual([]);
  }
});

describe('a portal that fails', () => {
  it('touches no other, and is listed with what to do', async () => {
    const fleet = await aFleet(40);
    const broken = fleet.portals[7];
    fleet.emulator.fault({ ...refusing, ...always, portal: broken?.memberId ?? '' });
    const result = await run(fleet, await fleetManifest('OnTaskAdd'));
    expect(result.counts).toEqual({ succeeded: 39, failed: 1 });
    expect(result.attention).toMatchObject([
      { memberId: broken?.memberId, state: 'failed', problem: { code: 'not-converged' } },
    ]);
    expect(result.stopped).toBeUndefined();
  });

  it('as one too many stops the wave', async () => {
    const fleet = await aFleet(10);
    fleet.emulator.fault({ ...refusing, ...always });
    const tolerant = { maxFailures: { kind: 'count', value: 2 }, concurrency: 1 } as const;
    const result = await run(fleet, await fleetManifest('OnTaskAdd'), tolerant);
    expect(result).toMatchObject({ counts: { failed: 3 }, untouched: 7 });
    expect(result.stopped).toEqual({ kind: 'failures', wave: 0, failed: 3, tolerance: 2 });
  });

  it('in the canary leaves all others untouched', async () => {
    const fleet = await aFleet(30);
    fleet.emulator.fault({ ...refusing, ...always });
    const serial = [
      { kind: 'count', value: 1 },
      { kind: 'percent', value: 100 },
    ] as const;
    const result = await run(fleet, await fleetManifest('OnTaskAdd'), { serial });
    expect(result).toMatchObject({ counts: { failed: 1 }, untouched: 29, stopped: { kind: 'failures', wave: 0 } });
    expect(written(fleet)).toHaveLength(1);
  });
});

test('a dead portal is listed and does not count', async () => {
  const fleet = await aFleet(4);
  const dead = fleet.portals[2];
  await dead?.uninstall();
  const result = await run(fleet, await fleetManifest('OnTaskAdd'), { maxFailures: { kind: 'count', value: 0 } });
  expect(result.counts).toEqual({ succeeded: 3, dead: 1 });
  expect(result.attention).toMatchObject([{ memberId: dead?.memberId, state: 'dead' }]);
  expect(result.stopped).toBeUndefined();
});

test('a server of authorisation that refuses the application is no portal’s fault, and ends the rollout', async () => {
  const fleet = await aFleet(6);
  for (const portal of fleet.portals) portal.expireTokens();
  fleet.emulator.fault({ kind: 'error', method: 'oauth/token', error: 'invalid_client', status: 401, ...always });
  const result = await run(fleet, await fleetManifest('OnTaskAdd'), { concurrency: 1 });
  expect(result.stopped).toMatchObject({ kind: 'everybodys', ending: { problem: { code: 'wrong-client' } } });
  expect(result.untouched).toBe(5);
  expect(written(fleet)).toEqual([]);
});

test('only plans that were reviewed are carried out', async () => {
  const fleet = await aFleet(3);
  const wanted = await fleetManifest('OnTaskAdd', 'OnCrmDealAdd');
  fleet.portals[1]?.addRow({ event: 'ONTASKADD', handler: 'https://app.example.com/b24' });
  const [portal] = fleet.portals;
  const installation = await fleet.store.read(portal?.memberId ?? '');
  if (installation === undefined) throw new Error('it is in the store');
  const opened = openPortal(installation, { store: fleet.store, http: fleet.http, application: {} });
  const reviewed = new Set([shapeOf((await plan(wanted, opened)).plan, digest)]);
  fleet.emulator.clearRequests();
  const result = await run(fleet, wanted, { reviewed });
  expect(result.counts).toEqual({ succeeded: 2, unreviewed: 1 });
  expect(result.attention).toMatchObject([{ memberId: fleet.portals[1]?.memberId, problem: { code: 'unreviewed' } }]);
  expect(written(fleet)).not.toContain(fleet.portals[1]?.memberId);
});

test('after its bake a wave is checked again, and one that does not hold is not followed by another', async () => {
  const fleet = await aFleet(6);
  const serial = [{ kind: 'count', value: 2 }] as const;
  const waits: number[] = [];
  const sleep = (ms: number) => {
    waits.push(ms);
    if (waits.length === 2) for (const portal of fleet.portals) emptied(portal);
    return Promise.resolve();
  };
  const result = await run(fleet, await fleetManifest('OnTaskAdd'), { serial, bakeMs: 60_000, sleep });
  expect(waits).toEqual([60_000, 60_000]);
  expect(result).toMatchObject({ counts: { succeeded: 4 }, untouched: 2, stopped: { kind: 'wave', wave: 1 } });
  expect(result.attention).toHaveLength(2);
});

test('an interrupt in the middle of a bake is no failure of the wave', async () => {
  const fleet = await aFleet(4);
  const interrupt = new AbortController();
  const result = await run(fleet, await fleetManifest('OnTaskAdd'), {
    serial: [{ kind: 'count', value: 2 }],
    bakeMs: 60_000,
    signal: interrupt.signal,
    sleep() {
      interrupt.abort();
      return Promise.resolve();
    },
  });
  expect(result).toMatchObject({ counts: { succeeded: 2 }, untouched: 2, stopped: { kind: 'interrupted' } });
  expect(result.attention).toEqual([]);
});

test('an interrupt begins nothing more, and finishes what is in work', async () => {
  const fleet = await aFleet(8);
  const interrupt = new AbortController();
  const onEnd = () => interrupt.abort();
  const result = await run(fleet, await fleetManifest('OnTaskAdd'), {
    concurrency: 2,
    signal: interrupt.signal,
    onEnd,
  });
  expect(result.stopped).toEqual({ kind: 'interrupted' });
  expect(result.untouched).toBeGreaterThanOrEqual(5);
  expect(Object.values(result.counts).reduce((sum, count) => sum + count, 0) + result.untouched).toBe(8);
});

test('a portal that an interrupt leaves half done is no failure: it is cancelled, and the next run finishes it', async () => {
  const fleet = await aFleet(1);
  const [portal] = fleet.portals;
  // More than one request can bind.
  const bindings = Array.from(
    { length: 80 },
    (_, index) => `\n  - { event: OnTaskAdd, handler: "${handler}/${index}" }`,
  );
  const stdin = `version: 1\nbindings:${bindings.join('')}\n`;
  const wanted = await loadManifest({ file: '-', stdin, cwd: '/', env: {} });
  const interrupt = new AbortController();
  const { store, http, emulator } = fleet;
  const world: PortalWorld = {
    store,
    http,
    application: emulator.credentials,
    onEvent: () => void ((portal?.rows.length ?? 0) > 0 && interrupt.abort()),
  };
  const result = await run(fleet, wanted, { world, signal: interrupt.signal });
  const bound = portal?.rows.length ?? 0;
  expect([bound > 0, bound < 80]).toEqual([true, true]);
  expect(result).toMatchObject({ counts: { cancelled: 1 }, attention: [{ state: 'cancelled' }], hasWritten: true });
  expect(await run(fleet, wanted)).toMatchObject({ counts: { succeeded: 1 } });
  expect(portal?.rows).toHaveLength(80);
});
