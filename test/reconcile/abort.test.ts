/** One signal of several, and of the time: it comes, whatever the garbage collector takes meanwhile, and leaves nothing behind. */
import { getEventListeners, once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { abortOn, rejectionBy } from '../../src/reconcile/abort.ts';

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

it('comes in time, though nobody holds what it was made of', async () => {
  const outer = new AbortController();
  const { signal } = abortOn([abortOn([outer.signal], 60_000).signal, undefined], 200);
  const nested = abortOn([abortOn([abortOn([], 200).signal]).signal]).signal;
  const ends = Promise.all([signal, nested].map((one) => once(one, 'abort')));
  for (let round = 0; round < 5; round += 1) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ends;
  expect(outer.signal.aborted).toBe(false);
});

it('is aborted by the first of the given, for its reason, and then listens to none', () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const end = abortOn([first.signal, undefined, second.signal], 60_000);
  expect(end.signal.aborted).toBe(false);
  second.abort('that is why');
  first.abort('too late');
  expect([end.signal.aborted, end.signal.reason, end.isTooLate()]).toEqual([true, 'that is why', false]);
  for (const { signal } of [first, second]) expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('is aborted from the start by what is, and by no time at all', () => {
  expect(abortOn([AbortSignal.abort('before')], 60_000).signal.reason).toBe('before');
  const end = abortOn([], 0);
  expect([end.signal.aborted, end.isTooLate()]).toEqual([true, true]);
});

it('is forgotten: neither the time nor another signal comes after that', async () => {
  const outer = new AbortController();
  const end = abortOn([outer.signal], 1);
  end.forget();
  await new Promise((resolve) => setTimeout(resolve, 10));
  outer.abort();
  expect([end.signal.aborted, end.isTooLate(), getEventListeners(outer.signal, 'abort')]).toEqual([false, false, []]);
});

it('waits for longer than a timer can, and warns of no crowd', async () => {
  const outer = new AbortController();
  const warnings: Error[] = [];
  const keep = (warning: Error): void => void warnings.push(warning);
  process.on('warning', keep);
  const ends = Array.from({ length: 30 }, () => abortOn([outer.signal], 2 ** 40));
  const races = Promise.allSettled(ends.map(({ signal }) => rejectionBy(signal)));
  await new Promise((resolve) => setTimeout(resolve, 10));
  process.off('warning', keep);
  expect([ends.some(({ signal }) => signal.aborted), warnings]).toEqual([false, []]);
  outer.abort();
  expect((await races).map(({ status }) => status)).toEqual(ends.map(() => 'rejected'));
});
