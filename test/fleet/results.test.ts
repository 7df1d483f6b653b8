/** The results of a rollout as lines: what is written, what is read back, and what a kill leaves. */
import { expect, test } from 'vitest';
import { endingLine, headLine, parseResults, settledIn } from '../../src/fleet/results.ts';

const head = headLine({ rollout: 'r1', verb: 'apply', manifest: 'f'.repeat(64) });
const at = '2026-01-02T03:04:05.000Z';
const ending = (memberId: string, state: 'succeeded' | 'failed' | 'dead') =>
  endingLine({ memberId, domain: `${memberId}.bitrix24.com` }, { state }, at);

test('a line says who ended how, and why', () => {
  const problem = { code: 'authorisation-lost', message: 'it is lost', hint: 'Log in again' } as const;
  expect(JSON.parse(endingLine({ memberId: 'm', domain: 'd' }, { state: 'dead', problem }, at))).toEqual({
    memberId: 'm',
    domain: 'd',
    state: 'dead',
    ...problem,
    at,
  });
});

test('the last word on a portal counts, and settles it', () => {
  const results = parseResults(
    head +
      ending('a', 'failed') +
      ending('b', 'succeeded') +
      ending('a', 'succeeded') +
      ending('c', 'dead') +
      ending('d', 'failed'),
    'r',
  );
  expect(results).toMatchObject({ rollout: 'r1', verb: 'apply' });
  expect([...settledIn(results, false)].sort()).toEqual(['a', 'b', 'c']);
  expect([...settledIn(results, true)].sort()).toEqual(['a', 'b']);
});

test('a line that a kill cut short is passed over, wherever it was cut', () => {
  const whole = head + ending('a', 'succeeded');
  const last = ending('b', 'succeeded');
  for (let length = 0; length < last.length - 1; length += 1) {
    expect([...settledIn(parseResults(whole + last.slice(0, length), 'r'), false)]).toEqual(['a']);
  }
});

test.each([
  '',
  '{}',
  'nothing',
  '{"format":"bitrix-events-results","formatVersion":2}',
  `${head}nonsense\n${ending('a', 'dead')}`,
])('%j is refused', (text) => {
  expect(() => parseResults(text, 'r.ndjson')).toThrow(expect.objectContaining({ code: 'damaged-results' }));
});
