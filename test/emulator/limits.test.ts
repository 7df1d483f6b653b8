/** Limits with an injected clock. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { batch, call, pick } from './call.ts';

const start = Date.parse('2026-09-01T12:00:30Z');
let clock = start;
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({
    now: () => clock,
    portal: { switches: { leakyBucket: { capacity: 3, perSecond: 2 }, operatingLimitSeconds: 10 } },
  });
});
beforeEach(async () => {
  clock = start;
  await emulator.reset();
});
afterAll(() => emulator.close());

async function statuses(count: number): Promise<number[]> {
  const seen: number[] = [];
  for (let at = 0; at < count; at += 1) seen.push((await call(emulator, 'profile')).status);
  return seen;
}

test('the bucket takes its capacity at once and drains per second', async () => {
  expect(await statuses(5)).toEqual([200, 200, 200, 503, 503]);
  clock += 500;
  expect(await statuses(2)).toEqual([200, 503]);
  clock += 60_000;
  expect(await statuses(4)).toEqual([200, 200, 200, 503]);
  expect((await call(emulator, 'profile')).body).toEqual({
    error: 'QUERY_LIMIT_EXCEEDED',
    error_description: 'Too many requests',
  });
});

test('a batch is one hit, whatever is inside', async () => {
  const cmd = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`c${at}`, 'profile']));
  await batch(emulator, cmd);
  expect(await statuses(3)).toEqual([200, 200, 503]);
});

test('portals do not share a bucket', async () => {
  await statuses(3);
  const second = emulator.addPortal();
  expect((await call(second, 'profile')).status).toBe(200);
});

test('operating time is billed per method and blocks it until its minutes have passed', async () => {
  emulator.setSwitches({ leakyBucket: false, operatingSecondsPerCall: { 'event.get': 6, profile: 0.1 } });
  expect([(await call(emulator, 'event.get')).status, (await call(emulator, 'event.get')).status]).toEqual([200, 200]);
  expect(await call(emulator, 'event.get')).toEqual({
    status: 429,
    body: { error: 'OPERATION_TIME_LIMIT', error_description: 'Method is blocked due to operation time limit.' },
  });
  expect((await call(emulator, 'profile')).status).toBe(200);
  const time = async (method: string): Promise<unknown> => {
    const response = await fetch(`${emulator.clientEndpoint}${method}?auth=${emulator.accessToken}`);
    return pick(await response.json(), 'time');
  };
  expect(await time('profile')).toMatchObject({ operating: 0 });
  clock = Date.parse('2026-09-01T12:09:59Z');
  expect((await call(emulator, 'event.get')).status).toBe(429);
  clock = Date.parse('2026-09-01T12:10:00Z');
  expect(await time('event.get')).toMatchObject({ operating: 6, operating_reset_at: clock / 1000 + 600 });
});

test('in a batch the methods inside are billed, or the batch, as the switch says', async () => {
  emulator.setSwitches({ leakyBucket: false, operatingSecondsPerCall: { profile: 6 } });
  const cmd = { a: 'profile', b: 'profile', c: 'profile' };
  expect(await batch(emulator, cmd)).toMatchObject({ result_error: { c: { error: 'OPERATION_TIME_LIMIT' } } });
  await emulator.reset();
  emulator.setSwitches({ leakyBucket: false, operatingSecondsPerCall: { profile: 6 }, batchBilling: 'batch' });
  expect((await call(emulator, 'batch', { cmd })).status).toBe(200);
  expect(await call(emulator, 'batch', { cmd })).toMatchObject({
    status: 429,
    body: { error: 'OPERATION_TIME_LIMIT' },
  });
});

test('without the limiter the time has no operating fields', async () => {
  emulator.setSwitches({ operating: false });
  const response = await fetch(`${emulator.clientEndpoint}profile?auth=${emulator.accessToken}`);
  expect(Object.keys(Object(pick(await response.json(), 'time')))).toEqual([
    'start',
    'finish',
    'duration',
    'processing',
    'date_start',
    'date_finish',
  ]);
});
