/** Work that is done once for many, and never begun too early for any of them. */
import { expect, it } from 'vitest';
import { shared } from '../../src/store/shared-work.ts';

it('serves whoever asks during a run by one that begins after it, all of them by the same', async () => {
  const happened: string[] = [];
  const ends: (() => void)[] = [];
  const ask = shared(() => {
    happened.push('run');
    return new Promise((done) => ends.push(done));
  });
  const asked = async (name: string): Promise<void> => {
    happened.push(name);
    await ask();
    happened.push(`${name} served`);
  };
  const all = [asked('a')];
  await turn();
  all.push(asked('b'), asked('c'));
  await turn();
  ends[0]?.();
  await turn();
  all.push(asked('d'));
  ends[1]?.();
  await turn();
  ends[2]?.();
  await Promise.all(all);
  expect(happened).toEqual(['a', 'run', 'b', 'c', 'a served', 'run', 'd', 'b served', 'c served', 'run', 'd served']);
});

it('tells those of a run that fails, and runs again for the next', async () => {
  let runs = 0;
  const ask = shared(async () => {
    runs += 1;
    if (runs === 1) throw new Error('no');
  });
  const first = [ask(), ask()];
  expect((await Promise.allSettled(first)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await ask();
  expect(runs).toBe(2);
});

/** Long enough for whatever needs no more than promises. */
function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
