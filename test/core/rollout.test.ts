/** A rollout's decisions: amounts, waves, tolerance, what may begin, and in which order. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  type Amount,
  inOrder,
  isGlob,
  isStopped,
  matchesPortal,
  mayStart,
  parseAmount,
  rulesOf,
  wavesOf,
} from '../../src/core/rollout.ts';
import { digest } from '../support/build.ts';

const count = (value: number): Amount => ({ kind: 'count', value });
const percent = (value: number): Amount => ({ kind: 'percent', value });

test.each([
  ['5', count(5)],
  ['0', count(0)],
  ['10%', percent(10)],
  ['0.5%', percent(0.5)],
  ['100%', percent(100)],
  ['101%', undefined],
  ['1.5', undefined],
  ['-1', undefined],
  ['', undefined],
  ['%', undefined],
  ['1e3', undefined],
])('the amount %j is %j', (text, expected) => {
  expect(parseAmount(text)).toEqual(expected);
});

describe('waves', () => {
  it.each<[number, readonly Amount[], readonly number[]]>([
    [5000, [count(1), percent(1), percent(10), percent(100)], [1, 50, 500, 4449]],
    [5000, [percent(1), percent(100)], [50, 4950]],
    [10, [count(3)], [3, 3, 3, 1]],
    [3, [percent(1), percent(100)], [1, 2]],
    [1, [percent(1), percent(100)], [1]],
    [0, [count(1)], []],
    [4, [], [4]],
    [4, [count(0)], [1, 1, 1, 1]],
  ])('of %i portals by %j are %j', (portals, serial, expected) => {
    expect(wavesOf(portals, serial)).toEqual(expected);
  });

  it('hold every portal once, whatever the sizes', () => {
    const amount = fc.oneof(fc.nat(50).map(count), fc.nat(100).map(percent));
    fc.assert(
      fc.property(fc.nat(300), fc.array(amount, { maxLength: 5 }), (portals, serial) => {
        const waves = wavesOf(portals, serial);
        expect(waves.reduce((sum, wave) => sum + wave, 0)).toBe(portals);
        expect(waves.every((wave) => wave > 0)).toBe(true);
      }),
    );
  });
});

describe('tolerance', () => {
  it('is nothing in the first of several waves, else a twentieth, rounded down', () => {
    expect(rulesOf(0, [50, 4950], {})).toEqual({ tolerance: 0, mode: 'strict' });
    expect(rulesOf(1, [50, 4950], {})).toEqual({ tolerance: 247, mode: 'soft' });
    expect(rulesOf(0, [5000], {})).toEqual({ tolerance: 250, mode: 'soft' });
    expect(rulesOf(0, [3], {})).toEqual({ tolerance: 0, mode: 'soft' });
  });

  it('is what was asked for', () => {
    expect(rulesOf(0, [1, 9], { maxFailures: count(2), failureMode: 'soft' })).toEqual({ tolerance: 2, mode: 'soft' });
    expect(rulesOf(1, [1, 3], { maxFailures: percent(34) })).toEqual({ tolerance: 1, mode: 'soft' });
  });

  it('of N stops at N and one', () => {
    const rules = { tolerance: 2, mode: 'soft' as const };
    expect(isStopped(rules, { running: 0, failed: 2 })).toBe(false);
    expect(isStopped(rules, { running: 0, failed: 3 })).toBe(true);
  });
});

describe('what may begin', () => {
  it.each([
    [0, 0, 0, true],
    [0, 1, 0, false],
    [2, 2, 0, true],
    [2, 3, 0, false],
    [2, 0, 2, true],
    [2, 1, 2, false],
    [2, 0, 3, false],
  ])('strict with tolerance %i, %i running and %i failed: %s', (tolerance, running, failed, expected) => {
    expect(mayStart({ tolerance, mode: 'strict' }, { running, failed }, 100)).toBe(expected);
  });

  it('strictly, never has more in work than failures are left and one', () => {
    fc.assert(
      fc.property(
        fc.nat(10),
        fc.nat(10),
        fc.nat(20),
        fc.integer({ min: 1, max: 30 }),
        (tolerance, failed, running, hands) => {
          const isBegun = mayStart({ tolerance, mode: 'strict' }, { running, failed }, hands);
          if (isBegun) expect(running + 1).toBeLessThanOrEqual(tolerance - failed + 1);
        },
      ),
    );
  });

  it('softly, as many as there are hands, until it has stopped', () => {
    const rules = { tolerance: 0, mode: 'soft' as const };
    expect(mayStart(rules, { running: 7, failed: 0 }, 8)).toBe(true);
    expect(mayStart(rules, { running: 8, failed: 0 }, 8)).toBe(false);
    expect(mayStart(rules, { running: 0, failed: 1 }, 8)).toBe(false);
  });
});

describe('the order', () => {
  const portals = Array.from({ length: 40 }, (_, index) => ({
    memberId: `m${index}`,
    domain: `p${index}.bitrix24.com`,
  }));
  const ids = (rollout: string, first: readonly string[] = [], of = portals) =>
    inOrder(of, rollout, first, digest).map(({ memberId }) => memberId);

  it('is another one for another rollout, and the same for the same, however the portals come', () => {
    expect(ids('a')).not.toEqual(ids('b'));
    expect(ids('a', [], [...portals].reverse())).toEqual(ids('a'));
    expect([...ids('a')].sort()).toEqual(portals.map(({ memberId }) => memberId).sort());
  });

  it('puts one’s own portals before all others', () => {
    expect(ids('a', ['p7.*', 'm9']).slice(0, 2).sort()).toEqual(['m7', 'm9']);
  });
});

test.each([
  ['*.bitrix24.com', true],
  ['ACME.*', true],
  ['acme.bitrix24.com', true],
  ['acme?bitrix24?com', true],
  ['m1', true],
  ['m*', true],
  ['acme', false],
  ['acme.bitrix24.com.evil', false],
  ['a(c)me*', false],
  ['', false],
])('the glob %j means acme.bitrix24.com (m1): %s', (glob, expected) => {
  expect(matchesPortal(glob, { memberId: 'm1', domain: 'acme.bitrix24.com' })).toBe(expected);
});

test('a name without * and ? is one portal', () => {
  expect(['acme.bitrix24.com', 'm1', '*', 'a?'].map(isGlob)).toEqual([false, false, true, true]);
});
