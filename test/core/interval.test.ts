/** When within an interval the turn of a portal comes: once in each, however time is cut, and evenly. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comesBetween, parseInterval, turnOf } from '../../src/core/interval.ts';
import { digest } from '../../src/reconcile/platform.ts';

const day = 86_400_000;

test.for([
  ['1d', day],
  ['7d', 7 * day],
  [' 30d ', 30 * day],
  ['150d', 150 * day],
  ['0d', undefined],
  ['151d', undefined],
  ['12h', undefined],
  ['24h', undefined],
  ['7', undefined],
  ['7 d', undefined],
  ['1.5d', undefined],
  ['-1d', undefined],
  ['', undefined],
] as const)('%s is %s ms', ([text, ms]) => {
  expect(parseInterval(text)).toBe(ms);
});

test('the turn of a portal comes once in each interval, however often somebody looks', () => {
  const cuts = fc.array(fc.integer({ min: 0, max: 30 * day }), { maxLength: 60 });
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 0, max: 2 ** 41 }),
      cuts,
      (id, days, from, times) => {
        const interval = days * day;
        const turn = turnOf(id, interval, digest);
        const ticks = [from, ...times.map((time) => from + (time % interval)), from + interval].sort((a, b) => a - b);
        const turns = ticks.slice(1).filter((tick, index) => comesBetween(turn, interval, ticks[index] ?? 0, tick));
        expect(turns).toHaveLength(1);
      },
    ),
  );
});

test('turns are spread over the whole interval', () => {
  const sevenths = Array.from({ length: 7 }, () => 0);
  for (let portal = 0; portal < 7_000; portal += 1) {
    const seventh = Math.floor(turnOf(`m${portal}`, 7 * day, digest) / day);
    sevenths[seventh] = (sevenths[seventh] ?? 0) + 1;
  }
  expect(Math.min(...sevenths)).toBeGreaterThan(850);
  expect(Math.max(...sevenths)).toBeLessThan(1_150);
});
