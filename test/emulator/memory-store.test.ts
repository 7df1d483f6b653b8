/** The store in memory: records by value, and locks that exclude and queue. */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { memoryStore } from '../../src/emulator/index.ts';
import type { Store } from '../../src/index.ts';

const record = { memberId: 'm1', scope: ['crm'] };

async function idsOf(store: { memberIds(): AsyncIterable<string> }): Promise<string[]> {
  const ids: string[] = [];
  for await (const id of store.memberIds()) ids.push(id);
  return ids;
}

test('it is a store as connect takes one', () => {
  const store: Store = memoryStore();
  expect(store).toBeDefined();
});

test('records are kept by value and in order', async () => {
  const store = memoryStore([record]);
  const given = { memberId: 'm2', scope: ['task'] };
  await store.write(given);
  given.scope.push('later');
  (await store.read('m2'))?.scope.push('read');
  expect([await idsOf(store), await store.read('m1'), await store.read('m2'), await store.read('m3')]).toEqual([
    ['m1', 'm2'],
    record,
    { memberId: 'm2', scope: ['task'] },
    undefined,
  ]);
  await store.remove('m1');
  await store.remove('m3');
  expect(await idsOf(store)).toEqual(['m2']);
});

test('a lock excludes, and those who wait get it in the order in which they asked', async () => {
  let now = 1000;
  const store = memoryStore([record], () => now);
  const order: string[] = [];
  const first = await store.lock('m1', 'apply');
  now = 1700;
  const holders: unknown[] = [];
  const waiting = ['second', 'third'].map(async (name) => {
    const release = await store.lock('m1', 'apply', { onWait: (holder) => holders.push(holder) });
    order.push(name);
    await Promise.resolve();
    order.push(`${name} is done`);
    await release();
  });
  const others = await Promise.all([store.lock('m1', 'tokens'), store.lock('m2', 'apply')]);
  order.push('first is done');
  await first();
  await Promise.all(waiting);
  expect(order).toEqual(['first is done', 'second', 'second is done', 'third', 'third is done']);
  expect(holders).toEqual(Array(2).fill({ owner: 'this process', ageMs: 700 }));
  await Promise.all(others.map((release) => release()));
  await (await store.lock('m1', 'apply'))();
});

test('a release that comes twice does not free whoever holds the lock by then', async () => {
  const store = memoryStore();
  const first = await store.lock('m1', 'apply');
  const waiting = store.lock('m1', 'apply');
  await first();
  const second = await waiting;
  await first();
  let isThird = false;
  const third = store.lock('m1', 'apply').then((release) => {
    isThird = true;
    return release;
  });
  await setImmediate();
  expect(isThird).toBe(false);
  await second();
  await (await third)();
});

test('a signal ends the wait, and whoever left the queue is passed over', async () => {
  const store = memoryStore();
  const reason = new Error('enough');
  const release = await store.lock('m1', 'apply');
  const controller = new AbortController();
  const left = store.lock('m1', 'apply', { signal: controller.signal });
  const stayed = store.lock('m1', 'apply');
  controller.abort(reason);
  await expect(left).rejects.toBe(reason);
  await expect(store.lock('m2', 'apply', { signal: controller.signal })).rejects.toBe(reason);
  await release();
  await (await stayed)();
});
