/** How little it costs to be asked whether one is ready. */
import { expect, test } from 'vitest';
import { openMemoryStore } from '../../src/installation/memory-store.ts';
import type { Store } from '../../src/installation/store.ts';
import { createReadiness } from '../../src/installer/readiness.ts';
import { manifest } from './world.ts';

interface Asked {
  readonly ready: () => Promise<void>;
  readonly used: string[];
  readonly clock: { nowMs: number; broken: boolean };
}

/** A real store that counts how it is used, and fails when it is told to. */
async function asked(): Promise<Asked> {
  const inner = openMemoryStore();
  const used: string[] = [];
  const clock = { nowMs: 0, broken: false };
  const store: Store = {
    ...inner,
    read(memberId) {
      used.push('read');
      return clock.broken ? Promise.reject(new Error('broken')) : inner.read(memberId);
    },
    lock(memberId, name, options) {
      used.push('lock');
      return inner.lock(memberId, name, options);
    },
  };
  const ready = createReadiness({
    store,
    portalOptions: { manifest: await manifest() },
    monotonicNow: () => clock.nowMs,
  });
  return { ready, used, clock };
}

test('a hundred at once are one look, and so are those of the next two seconds', async () => {
  const { ready, used, clock } = await asked();
  await Promise.all(Array.from({ length: 100 }, ready));
  clock.nowMs = 1_999;
  await ready();
  expect(used).toEqual(['read', 'lock']);
});

test('the store is looked at again then, and written once a minute', async () => {
  const { ready, used, clock } = await asked();
  for (clock.nowMs = 0; clock.nowMs <= 60_000; clock.nowMs += 2_000) await ready();
  expect(used.filter((use) => use === 'read')).toHaveLength(31);
  expect(used.filter((use) => use === 'lock')).toHaveLength(2);
});

test('bad news is good for as long, and is the same for all who ask', async () => {
  const { ready, used, clock } = await asked();
  clock.broken = true;
  const errors = await Promise.all(Array.from({ length: 10 }, () => ready().catch((error: unknown) => error)));
  expect(new Set(errors).size).toBe(1);
  expect(used).toEqual(['read']);
  clock.broken = false;
  await expect(ready()).rejects.toThrow('broken');
  clock.nowMs = 2_000;
  await ready();
  expect(used).toEqual(['read', 'read', 'lock']);
});
