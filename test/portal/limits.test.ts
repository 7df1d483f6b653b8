/** The portal's limits: paced below them, and patient when they are reached all the same. */
import { describe, expect, it } from 'vitest';
import { createPortal } from '../../src/portal/client.ts';
import { createPacers } from '../../src/portal/pacing.ts';
import { batch, bind, createWorld, failureOf, requestsOf } from './world.ts';

/** A wall clock and a monotonic one that both move only while something sleeps; `set` is somebody at the machine's clock. */
function clocks() {
  let wallMs = 1_800_000_000_000;
  let elapsedMs = 0;
  const slept: number[] = [];
  return {
    slept,
    set: (byMs: number) => void (wallMs += byMs),
    now: () => wallMs,
    monotonic: () => elapsedMs,
    sleep: (ms: number) => {
      slept.push(ms);
      wallMs += ms;
      elapsedMs += ms;
      return Promise.resolve();
    },
  };
}

describe('limits', () => {
  it('are kept by pacing: more requests than the bucket holds wait their turn', async () => {
    const { now, monotonic, sleep, slept } = clocks();
    const { emulator, portal, events } = await createWorld({
      emulator: { now, portal: { switches: { leakyBucket: { capacity: 5, perSecond: 2 } } } },
      client: { pacing: { capacity: 5, perSecond: 2 }, now, monotonic, sleep },
    });
    for (let i = 0; i < 8; i++) await portal.readLive();
    expect(requestsOf(emulator)).toEqual(Array(8).fill('event.get 200'));
    expect(slept).toEqual([500, 500, 500]);
    expect(events.filter(({ kind }) => kind === 'wait')).toEqual(
      Array(3).fill({ kind: 'wait', why: 'pacing', waitMs: 500 }),
    );
  });

  it('reached by others make a write wait and come again: nothing was executed', async () => {
    const { emulator, portal, slept } = await createWorld();
    const { portal: as } = await portal.read();
    emulator.fault({ kind: 'error', error: 'QUERY_LIMIT_EXCEEDED', times: 3 });
    expect((await portal.execute(batch(bind('ONTASKADD')), as)).outcomes).toEqual([{ kind: 'done' }]);
    expect(slept).toEqual([1000, 2000, 4000]);
  });

  it('that never end are given up: a write was not sent, a read fails', async () => {
    const { emulator, portal, slept } = await createWorld();
    const { portal: as } = await portal.read();
    emulator.fault({ kind: 'error', error: 'QUERY_LIMIT_EXCEEDED', times: Number.POSITIVE_INFINITY });
    const { outcomes } = await portal.execute(batch(bind('ONTASKADD'), bind('ONCRMDEALADD')), as);
    expect(outcomes).toEqual(Array(2).fill({ kind: 'not-sent', message: 'Too many requests' }));
    expect(slept).toHaveLength(7);
    expect((await failureOf(portal.read())).code).toBe('query-limit');
  });

  it('of operating time are waited for until the portal opens, if the deadline allows it', async () => {
    const { now, monotonic, sleep, slept } = clocks();
    const { emulator, portal } = await createWorld({
      client: { now, monotonic, sleep, deadlineMs: now() + 300_000 },
    });
    const { portal: as } = await portal.read();
    const fault = { kind: 'error', error: 'OPERATION_TIME_LIMIT', operatingResetAt: now() / 1000 + 200 } as const;
    emulator.fault(fault);
    expect((await portal.execute(batch(bind('ONTASKADD')), as)).outcomes).toEqual([{ kind: 'done' }]);
    expect(slept).toEqual([200_000]);
    emulator.fault({ ...fault, operatingResetAt: now() / 1000 + 200 });
    expect((await portal.execute(batch(bind('ONCRMDEALADD')), as)).outcomes).toMatchObject([{ kind: 'not-sent' }]);
    emulator.fault({ ...fault, operatingResetAt: now() / 1000 + 200 });
    expect((await failureOf(portal.read())).code).toBe('operation-time-limit');
    expect(slept).toEqual([200_000]);
  });

  it.each([
    ['an hour back', -3_600_000],
    ['two days ahead', 172_800_000],
  ])('are waited for as long as ever when the clock is set %s', async (_, byMs) => {
    const { set, now, monotonic, sleep, slept } = clocks();
    const { portal } = await createWorld({
      emulator: { portal: { switches: { leakyBucket: false } } },
      client: { pacing: { capacity: 2, perSecond: 2 }, now, monotonic, sleep, deadlineMs: now() + 60_000 },
    });
    await portal.readLive();
    set(byMs);
    for (let i = 0; i < 3; i++) await portal.readLive();
    expect(slept).toEqual([500, 500]);
  });

  it('are shared by all connections to one portal', async () => {
    const pacers = createPacers(() => 0);
    const { session, emulator, ...first } = await createWorld({
      client: { pacers, pacing: { capacity: 3, perSecond: 2 } },
    });
    const slept: number[] = [];
    const second = createPortal({
      session,
      pacers,
      pacing: { capacity: 3, perSecond: 2 },
      sleep: (ms) => Promise.resolve(void slept.push(ms)),
    });
    for (const portal of [first.portal, second, first.portal, second, first.portal]) await portal.readLive();
    expect([first.slept, slept]).toEqual([[1000], [500]]);
    expect(emulator.requests).toHaveLength(5);
  });

  it.each([
    ['far ahead', 7_200, 600_000],
    ['in a year that no timer reaches', 2_000_000_000, 600_000],
    ['long past', -7_200, 60_000],
  ])(
    'of operating time that end %s are waited for ten minutes at most, and that is said',
    async (_, inSeconds, waitMs) => {
      const { now, monotonic, sleep, slept } = clocks();
      const { emulator, portal, events } = await createWorld({ client: { now, monotonic, sleep } });
      const operatingResetAt = now() / 1000 + inSeconds;
      emulator.fault({ kind: 'error', error: 'OPERATION_TIME_LIMIT', operatingResetAt });
      expect(await portal.readLive()).toEqual([]);
      expect(slept).toEqual([waitMs]);
      expect(events.filter(({ kind }) => kind === 'wait')).toEqual([{ kind: 'wait', why: 'limit', waitMs }]);
    },
  );

  it('of operating time that do not end within ten minutes of waiting are given up', async () => {
    const { now, monotonic, sleep, slept } = clocks();
    const { emulator, portal } = await createWorld({ client: { now, monotonic, sleep } });
    const fault = { kind: 'error', error: 'OPERATION_TIME_LIMIT', operatingResetAt: now() / 1000 + 400 } as const;
    emulator.fault(fault);
    emulator.fault({ ...fault, operatingResetAt: now() / 1000 + 800, times: Number.POSITIVE_INFINITY });
    expect((await failureOf(portal.read())).code).toBe('operation-time-limit');
    expect(slept).toEqual([400_000]);
  });

  it('of operating time inside batches are waited for ten minutes one after another, and anew after one without', async () => {
    const { emulator, portal, events } = await createWorld();
    const { portal: as } = await portal.read();
    const limit = { kind: 'command-error', method: 'event.bind', error: 'OPERATION_TIME_LIMIT' } as const;
    const fault = emulator.fault({ ...limit, description: 'x', times: Number.POSITIVE_INFINITY });
    const bindOnce = async () => (await portal.execute(batch(bind('ONTASKADD')), as)).outcomes;
    const waits = [];
    for (let i = 0; i < 11; i++) waits.push(...(await bindOnce()));
    expect(waits).toEqual([
      ...Array(10).fill({ kind: 'limited', message: 'x', waitMs: 60_000 }),
      { kind: 'not-sent', message: 'x' },
    ]);
    expect(events.filter(({ kind }) => kind === 'wait')).toEqual(
      Array(10).fill({ kind: 'wait', why: 'limit', waitMs: 60_000 }),
    );
    fault.remove();
    expect(await bindOnce()).toEqual([{ kind: 'done' }]);
    emulator.fault({ ...limit, description: 'x' });
    expect(await bindOnce()).toMatchObject([{ kind: 'limited' }]);
  });

  it('inside a batch leave that one command unsent, and say how long to wait before it is sent again', async () => {
    const { emulator, portal } = await createWorld();
    const { portal: as } = await portal.read();
    emulator.fault({ kind: 'command-error', method: 'event.bind', error: 'OPERATION_TIME_LIMIT', description: 'x' });
    const { outcomes } = await portal.execute(batch(bind('ONTASKADD'), bind('ONCRMDEALADD')), as);
    expect(outcomes).toEqual([{ kind: 'limited', message: 'x', waitMs: 60_000 }, { kind: 'done' }]);
  });

  it('inside a batch that the deadline leaves no time for end the matter', async () => {
    const { now, monotonic } = clocks();
    const { emulator, portal } = await createWorld({ client: { now, monotonic, deadlineMs: now() + 59_000 } });
    const { portal: as } = await portal.read();
    emulator.fault({ kind: 'command-error', method: 'event.bind', error: 'OPERATION_TIME_LIMIT', description: 'x' });
    const { outcomes } = await portal.execute(batch(bind('ONTASKADD')), as);
    expect(outcomes).toEqual([{ kind: 'not-sent', message: 'x' }]);
  });

  it('met by the listing inside a reading make the whole reading wait and come again', async () => {
    const { emulator, portal, slept } = await createWorld();
    emulator.fault({ kind: 'command-error', method: 'event.get', error: 'QUERY_LIMIT_EXCEEDED', times: 2 });
    expect((await portal.read()).live).toEqual([]);
    expect(slept).toEqual([1000, 2000]);
  });

  it('are not waited for once the caller is interrupted', async () => {
    const abort = new AbortController();
    const { emulator, portal } = await createWorld({ client: { signal: abort.signal, sleep: undefined } });
    emulator.fault({
      kind: 'error',
      error: 'QUERY_LIMIT_EXCEEDED',
      times: Number.POSITIVE_INFINITY,
      onHit: () => void setTimeout(() => abort.abort(), 20),
    });
    expect((await failureOf(portal.read())).code).toBe('query-limit');
    expect(emulator.requests).toHaveLength(1);
  });

  it('are not waited for once the caller wants no further try, and what comes after is still sent', async () => {
    const stop = new AbortController();
    const { emulator, portal } = await createWorld({ client: { stop: stop.signal, sleep: undefined } });
    const { portal: as } = await portal.read();
    emulator.fault({
      kind: 'error',
      error: 'QUERY_LIMIT_EXCEEDED',
      status: 503,
      onHit: () => void setTimeout(() => stop.abort(), 20),
    });
    const call = { kind: 'batch', authConnector: '', commands: [] } as const;
    await portal.execute(call, as);
    expect(emulator.requests).toHaveLength(2);
    expect(await portal.readLive()).toEqual([]);
  });
});
