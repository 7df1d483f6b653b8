/** Work side by side: on everything, never on more than allowed, and told of the first failure. */
import { expect, it } from 'vitest';
import { inParallel } from '../../src/records/in-parallel.ts';

async function* slowly(count: number): AsyncGenerator<number> {
  for (let item = 0; item < count; item += 1) yield item;
}

it.each([
  ['a list', () => Array.from({ length: 50 }, (_, item) => item)],
  ['what comes by and by', () => slowly(50)],
])('works on all of %s, at most so many at a time', async (_, items) => {
  const done = new Set<number>();
  let going = 0;
  let most = 0;
  await inParallel(4, items(), async (item) => {
    going += 1;
    most = Math.max(most, going);
    await new Promise((next) => setImmediate(next));
    going -= 1;
    done.add(item);
  });
  expect([done.size, most]).toEqual([50, 4]);
});

it('begins nothing more after a failure, ends what was begun, and tells of it', async () => {
  const ended: number[] = [];
  const work = inParallel(2, slowly(50), async (item) => {
    await new Promise((next) => setImmediate(next));
    if (item === 1) throw new Error('no');
    ended.push(item);
  });
  await expect(work).rejects.toThrow('no');
  expect(ended.length).toBeLessThan(5);
});
