/** Whose turn it is: so many at a time, proofs first, and nobody kept out by a flood of others. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInTurn } from '../../src/installer/in-turn.ts';
import { createSeldom } from '../../src/installer/seldom.ts';
import { createShortMemory } from '../../src/installer/short-memory.ts';
import { createTurns, firstCome } from '../../src/installer/turns.ts';
import { nextInLine, type Standing } from '../../src/installer/verification-order.ts';

/** A piece of work that ends when it is told to. */
function held(): { readonly work: () => Promise<void>; readonly end: () => void; begun: boolean } {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const piece = {
    begun: false,
    work: () => {
      piece.begun = true;
      return ended;
    },
    end,
  };
  return piece;
}

const idle = () => new Promise((resolve) => setImmediate(resolve));

test('no more run at a time than may, and the others follow in order', async () => {
  const turns = createTurns<'any'>(2, firstCome);
  const pieces = Array.from({ length: 5 }, held);
  const all = pieces.map(({ work }) => turns.run('any', work));
  const begun = () => pieces.map((piece) => piece.begun);
  await idle();
  expect(begun()).toEqual([true, true, false, false, false]);
  expect(turns.waiting('any')).toBe(3);
  pieces[1]?.end();
  await idle();
  expect(begun()).toEqual([true, true, true, false, false]);
  for (const { end } of pieces) end();
  await Promise.all(all);
  expect(begun()).toEqual([true, true, true, true, true]);
  expect(turns.waiting('any')).toBe(0);
});

test('work that fails gives its turn on like any other', async () => {
  const turns = createTurns<'any'>(1, firstCome);
  const failed = turns.run('any', () => Promise.reject(new Error('no')));
  const next = turns.run('any', () => Promise.resolve('done'));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('done');
  expect(await turns.run('any', () => Promise.resolve('and the next'))).toBe('and the next');
});

test('of one key one runs at a time, of two keys both', async () => {
  const inTurn = createInTurn();
  const [first, second, other] = [held(), held(), held()];
  const all = [inTurn.run('a', first.work), inTurn.run('a', second.work), inTurn.run('b', other.work)];
  await idle();
  expect([first.begun, second.begun, other.begun]).toEqual([true, false, true]);
  for (const { end } of [first, second, other]) end();
  await Promise.all(all);
  await inTurn.settled();
  expect(second.begun).toBe(true);
});

test.for<[readonly Standing[], 'known' | 'new', number]>([
  [['new', 'known', 'proven'], 'known', 2],
  [['new', 'known'], 'known', 0],
  [['new', 'known'], 'new', 1],
  [['new', 'new'], 'new', 0],
  [['known', 'known'], 'known', 0],
])('of %j after a %s one, number %i is next', ([waiting, last, place]) => {
  expect(nextInLine(waiting, last)).toBe(place);
});

test('whoever waits without a proof is overtaken by as many of the other kind at most as stand before them', () => {
  const standing = fc.constantFrom<('known' | 'new')[]>('known', 'new');
  fc.assert(
    fc.property(fc.array(standing, { minLength: 1, maxLength: 30 }), standing, (line, begin) => {
      const waiting = line.map((kind, place) => ({ kind, place }));
      let last = begin;
      const served: typeof waiting = [];
      while (waiting.length > 0) {
        const [next] = waiting.splice(
          nextInLine(
            waiting.map(({ kind }) => kind),
            last,
          ),
          1,
        );
        if (next === undefined) throw new Error('nobody was chosen');
        served.push(next);
        last = next.kind;
      }
      for (const { kind, place } of served) {
        const before = served.slice(
          0,
          served.findIndex((one) => one.place === place),
        );
        const own = before.filter((one) => one.kind === kind).length;
        expect(own).toBe(line.slice(0, place).filter((other) => other === kind).length);
        expect(before.length - own).toBeLessThanOrEqual(own + 1);
      }
    }),
  );
});

test('a memory forgets after its time, and the oldest when there are too many', () => {
  let nowMs = 0;
  const memory = createShortMemory<number>({ forMs: 60, entries: 2, monotonicNow: () => nowMs });
  memory.keep('a', 1);
  nowMs = 59;
  expect(memory.recall('a')).toBe(1);
  nowMs = 60;
  expect(memory.recall('a')).toBeUndefined();
  memory.keep('a', 2);
  memory.keep('b', 3);
  memory.keep('a', 4);
  memory.keep('c', 5);
  expect(['a', 'b', 'c'].map((key) => memory.recall(key))).toEqual([4, undefined, 5]);
  memory.forget('a');
  expect(memory.recall('a')).toBeUndefined();
});

test('what happens often is told at once, and then with its number once in a while', () => {
  let nowMs = 0;
  const told: number[] = [];
  const happen = createSeldom(
    (count) => void told.push(count),
    60,
    () => nowMs,
  );
  happen();
  happen();
  happen();
  expect(told).toEqual([1]);
  nowMs = 60;
  happen();
  expect(told).toEqual([1, 3]);
});
