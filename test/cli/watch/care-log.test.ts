/** What looking after a fleet comes to, as lines of a log: each kind of event, and what is said with --quiet too. */
import { expect, test } from 'vitest';
import { NetworkError, PortalError } from '../../../src/core/errors.ts';
import type { CareEvent } from '../../../src/fleet/care-event.ts';
import { careEntry, watchCare } from '../../../src/cli/watch/care-log.ts';
import type { LogEntry } from '../../../src/cli/watch/log.ts';

const portal = { memberId: 'm1', domain: 'acme.bitrix24.com' };
const problem = { code: 'authorisation-lost', message: 'it is lost', hint: 'log in' } as const;
const found = (ending: Extract<CareEvent, { kind: 'found' }>['ending']): CareEvent => ({
  kind: 'found',
  portal,
  ending,
});

const told: readonly (readonly [CareEvent, Partial<LogEntry>])[] = [
  [found({ state: 'dead', problem }), { level: 'warn', outcome: 'dead', more: { ...problem } }],
  [
    found({ state: 'failed', problem: { code: 'no-answer', message: 'm' } }),
    { level: 'error', outcome: 'failed', more: { code: 'no-answer', message: 'm', hint: undefined } },
  ],
  [found({ state: 'succeeded', verdict: 'cannot-tell' }), { level: 'warn', outcome: 'cannot-tell' }],
  [found({ state: 'succeeded', verdict: 'drift' }), { level: 'warn', outcome: 'drifted' }],
  [found({ state: 'succeeded', verdict: 'converged', hasWritten: true }), { level: 'info', outcome: 'healed' }],
  [
    { kind: 'healing-stopped', failed: 3, tolerance: 2 },
    { level: 'error', what: 'healing', outcome: 'stopped' },
  ],
  [
    { kind: 'sweep-begun', rollout: 'r', portals: 4 },
    { level: 'info', what: 'sweep', more: { rollout: 'r', portals: 4 } },
  ],
  [
    { kind: 'sweep-resumed', rollout: 'r' },
    { level: 'info', what: 'sweep', outcome: 'resumed' },
  ],
  [{ kind: 'nothing-to-check' }, { level: 'warn', what: 'sweep', outcome: 'nothing-to-check' }],
  [
    { kind: 'renewed', portals: 7 },
    { level: 'info', what: 'renewal', outcome: 'renewed' },
  ],
  [
    { kind: 'not-renewed', portal, error: new PortalError(problem) },
    { level: 'warn', what: 'renewal', outcome: 'failed', ...portal, more: { ...problem } },
  ],
];

test.for(told)('$0.kind', ([event, entry]) => {
  expect(careEntry(event)).toMatchObject(entry);
  const said: string[] = [];
  const { onEvent } = watchCare({
    log: () => said.push('log'),
    note: () => said.push('note'),
    metrics: undefined,
    metricsUrl: undefined,
    stop: () => Promise.resolve(),
  });
  onEvent(event);
  // What is well can be left out with --quiet.
  expect(said).toEqual([entry.level === 'info' ? 'note' : 'log']);
});

test('what keeps a renewal from its work is told as it is', () => {
  const error = new NetworkError({ code: 'unreachable', message: 'away' });
  expect(careEntry({ kind: 'not-renewed', portal, error })).toMatchObject({
    more: { code: 'unreachable', message: 'away' },
  });
});
