/** What a doctor makes of answers of handlers and of their certificates. */
import { expect, test } from 'vitest';
import { handlerChecks } from '../../../src/cli/doctor/handler-checks.ts';
import type { Probe } from '../../../src/portal/probe-handler.ts';

const day = 86_400_000;
const url = 'https://app.example.com/b24';

function found(probe: Partial<Extract<Probe, { kind: 'answer' }>>) {
  const answer = {
    kind: 'answer',
    status: 200,
    location: undefined,
    durationMs: 5,
    certificateEndsMs: undefined,
  } as const;
  return handlerChecks(new Map([[url, { ...answer, ...probe }]]), 1_000).map(({ status, message }) => [
    status,
    message,
  ]);
}

test('a certificate with two weeks left is good, and with less it is not', () => {
  const line = (days: string) => `the certificate of app.example.com is valid for ${days} more`;
  expect(found({ certificateEndsMs: 1_000 + 14 * day })[1]).toEqual(['ok', line('14 days')]);
  expect(found({ certificateEndsMs: 1_000 + 14 * day - 1 })[1]).toEqual(['warning', line('13 days')]);
  expect(found({ certificateEndsMs: 1_000 + day })[1]).toEqual(['warning', line('1 day')]);
});

test('a handler that takes more than two seconds is slow', () => {
  expect(found({ durationMs: 2_000 })).toEqual([['ok', `${url} answers 200 in 2000 ms`]]);
  expect(found({ durationMs: 2_001 })).toEqual([['warning', `${url} answers 200 in 2001 ms`]]);
});

test('several handlers of one host have one certificate', () => {
  const answer = {
    kind: 'answer',
    status: 200,
    location: undefined,
    durationMs: 5,
    certificateEndsMs: 100 * day,
  } as const;
  const checks = handlerChecks(
    new Map([
      [url, answer],
      [`${url}/2`, answer],
    ]),
    0,
  );
  expect(checks.map(({ code }) => code)).toEqual(['doctor-handler', 'doctor-handler', 'doctor-handler-tls']);
});
