/** Progress as it is drawn, by a clock in the test's hand: how far, how fast, how long still, and what is wrong. */
import { describe, expect, it, test } from 'vitest';
import { createPace, durationText } from '../../../src/cli/render/pace.ts';
import { createProgress, progressText } from '../../../src/cli/render/progress.ts';

describe('the line', () => {
  it('says how far it has come', () => {
    expect(progressText('Applying', { settled: 0, all: 4 }, 80)).toBe('Applying [........................] 0/4');
    expect(progressText('Applying', { settled: 3, all: 4 }, 80)).toBe('Applying [##################......] 3/4');
    expect(progressText('Applying', { settled: 0, all: 0 }, 80)).toBe('Applying [########################] 0/0');
  });

  it('says what is wrong, how fast it goes and how long it will still take', () => {
    const troubles = [
      [2, 'failed'],
      [0, 'unknown'],
      [7, 'dead'],
    ] as const;
    expect(progressText('Checking', { settled: 1200, all: 5000, perSecond: 41.6, troubles }, 100)).toBe(
      'Checking [######..................] 1200/5000  2 failed  7 dead  42/s  2 min left',
    );
    expect(progressText('Checking', { settled: 5000, all: 5000, perSecond: 0.25 }, 80)).toBe(
      'Checking [########################] 5000/5000  0.3/s',
    );
    expect(progressText('Checking', { settled: 1, all: 2, perSecond: 0 }, 80)).toMatch(/ 1\/2 {2}0\.0\/s$/);
  });

  it('fits its columns, whatever has to go for it', () => {
    const troubles = [
      [123456, 'failed'],
      [123456, 'dead'],
    ] as const;
    const facts = { settled: 123456, all: 1_000_000, perSecond: 0.5, troubles };
    for (let columns = 40; columns <= 120; columns += 1) {
      const text = progressText('Applying', facts, columns);
      expect(text.length).toBeLessThan(columns);
      expect(text).toContain('] 123456/1000000');
    }
    expect(progressText('Applying', facts, 40)).not.toContain('failed');
  });
});

describe('the pace', () => {
  it('is not guessed before two seconds have passed', () => {
    const pace = createPace(1_000);
    pace.note(100, 2_999);
    expect(pace.rate()).toBeUndefined();
    pace.note(100, 3_000);
    expect(pace.rate()).toBe(50);
  });

  it('is that of the last half minute', () => {
    const pace = createPace(0);
    for (let second = 1; second <= 60; second += 1) pace.note(second * 10, second * 1_000);
    expect(pace.rate()).toBe(10);
    for (let second = 61; second <= 90; second += 1) pace.note(600 + (second - 60), second * 1_000);
    expect(pace.rate()).toBe(1);
  });

  it('remembers no more for a thousand times as many', () => {
    const pace = createPace(0);
    for (let index = 1; index <= 100_000; index += 1) pace.note(index, index);
    expect(pace.rate()).toBe(1_000);
  });
});

test.each([
  [0, '1 s'],
  [0.4, '1 s'],
  [89, '89 s'],
  [90, '2 min'],
  [3_600, '60 min'],
  [7_200, '2 h'],
  [7_500, '2 h 5 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

describe('what is drawn', () => {
  function drawn(steps: readonly (readonly [atMs: number, settled: number])[], isErrTerminal = true, env = {}) {
    let nowMs = 0;
    const lines: string[] = [];
    const world = { ...bare, isErrTerminal, env, err: (text: string) => void lines.push(text) };
    const progress = createProgress({ world, options: { format: 'text' } }, 'Applying', () => nowMs);
    for (const [atMs, settled] of steps) {
      nowMs = atMs;
      progress.update(settled, 10);
    }
    progress.clear();
    return lines.map((line) => line.replace('\r\u001b[K', ''));
  }

  it('is no more than people can read, and always the end', () => {
    const lines = drawn([
      [0, 1],
      [50, 2],
      [99, 3],
      [100, 4],
      [101, 10],
    ]);
    expect(lines.map((line) => /\d+\/10/.exec(line)?.[0])).toEqual(['1/10', '4/10', '10/10', undefined]);
    expect(lines.at(-1)).toBe('');
  });

  it('has a rate and the time that is left', () => {
    expect(
      drawn([
        [1_000, 1],
        [4_000, 4],
      ])[1],
    ).toMatch(/4\/10 {2}1\.0\/s {2}6 s left$/);
  });

  it('is nothing where there is no terminal, or one that cannot go back', () => {
    expect(drawn([[0, 1]], false)).toEqual([]);
    expect(drawn([[0, 1]], true, { TERM: 'dumb' })).toEqual([]);
  });
});

const bare = {
  argv: [],
  cwd: '/',
  isOutTerminal: false,
  columns: 80,
  isInTerminal: false,
  out: () => {},
  drained: () => Promise.resolve(undefined),
  readStdin: () => Promise.resolve(new Uint8Array()),
  ask: () => Promise.resolve(''),
  onInterrupt: () => () => {},
};
