/** The portal's limits: paced below them, and patient when they are reached all the same. */
import { describe, expect, it } from 'vitest';
import { batch, bind, createWorld, failureOf, requestsOf } from './world.ts';

describe('limits', () => {
  it('are kept by pacing: more requests than the bucket holds wait their turn', async () => {
    let nowMs = 1_800_000_000_000;
    const slept: number[] = [];
    const { emulator, portal, events } = await createWorld({
      emulator: { now: () => nowMs, portal: { switches: { leakyBucket: { capacity: 5, perSecond: 2 } } } },
      client: {
        pacing: { capacity: 5, perSecond: 2 },
        now: () => nowMs,
        sleep: (ms) => {
          slept.push(ms);
          nowMs += ms;
          return Promise.resolve();
        },
      },
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
    let nowMs = 1_800_000_000_000;
    const slept: number[] = [];
    const { emulator, portal } = await createWorld({
      client: {
        now: () => nowMs,
        deadlineMs: nowMs + 300_000,
        sleep: (ms) => {
          slept.push(ms);
          nowMs += ms;
          return Promise.resolve();
        },
      },
    });
    const { portal: as } = await portal.read();
    const fault = { kind: 'error', error: 'OPERATION_TIME_LIMIT', operatingResetAt: nowMs / 1000 + 200 } as const;
    emulator.fault(fault);
    expect((await portal.execute(batch(bind('ONTASKADD')), as)).outcomes).toEqual([{ kind: 'done' }]);
    expect(slept).toEqual([200_000]);
    emulator.fault({ ...fault, operatingResetAt: nowMs / 1000 + 200 });
    expect((await portal.execute(batch(bind('ONCRMDEALADD')), as)).outcomes).toMatchObject([{ kind: 'not-sent' }]);
    emulator.fault({ ...fault, operatingResetAt: nowMs / 1000 + 200 });
    expect((await failureOf(portal.read())).code).toBe('operation-time-limit');
    expect(slept).toEqual([200_000]);
  });

  it('inside a batch leave that one command unsent, and say how long to wait before it is sent again', async () => {
    const { emulator, portal } = await createWorld();
    const { portal: as } = await portal.read();
    emulator.fault({ kind: 'command-error', method: 'event.bind', error: 'OPERATION_TIME_LIMIT', description: 'x' });
    const { outcomes } = await portal.execute(batch(bind('ONTASKADD'), bind('ONCRMDEALADD')), as);
    expect(outcomes).toEqual([{ kind: 'limited', message: 'x', waitMs: 60_000 }, { kind: 'done' }]);
  });

  it('inside a batch that the deadline leaves no time for end the matter', async () => {
    const nowMs = 1_800_000_000_000;
    const { emulator, portal } = await createWorld({ client: { now: () => nowMs, deadlineMs: nowMs + 59_000 } });
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
