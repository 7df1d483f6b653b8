/** Rollouts that workers carry out, as they stand: values, as commands return them. */
import type { RolloutOutcome } from '../../../src/cli/result.ts';
import { NetworkError } from '../../../src/core/errors.ts';
import type { ItemProblem } from '../../../src/core/fleet.ts';
import type { RolloutItem, RolloutStanding } from '../../../src/core/rollout-standing.ts';
import { failures, type ItemState } from '../../../src/core/rollout.ts';
import { digest } from '../../support/build.ts';
import { hostile } from './scenarios.ts';

const standing: RolloutStanding = {
  id: '3f0f7f0e-5d0b-4a57-9c6c-6f1f7d3d2a11',
  origin: 'asked',
  verb: 'apply',
  state: 'running',
  reason: undefined,
  problem: undefined,
  manifest: {
    name: 'crm-sync',
    environment: 'production',
    file: 'deploy/bitrix-events.yaml',
    fingerprint: digest('a manifest'),
  },
  chosen: '*',
  createdAt: '2026-01-02T03:04:05.000Z',
  by: 'bitrix-events apply on ci-7',
  waves: [
    { portals: 10, tolerance: 0, mode: 'strict' },
    { portals: 290, tolerance: 14, mode: 'soft' },
    { portals: 2_700, tolerance: 135, mode: 'soft' },
  ],
  wave: 1,
  failed: 0,
  bakesUntil: undefined,
  counts: { pending: 3_000 },
  hasWritten: true,
};

export function rolloutResult(
  parts: Partial<RolloutStanding>,
  attention: readonly RolloutItem[] = [],
  error?: NetworkError,
): RolloutOutcome {
  return {
    kind: 'rollout',
    did: 'shown',
    standing: { ...standing, ...parts },
    attention,
    stoodAt: '2026-01-02T04:05:06.000Z',
    ...(error === undefined ? {} : { error }),
  };
}

export function itemOf(
  index: number,
  state: ItemState,
  problem: ItemProblem | undefined,
  parts: Partial<RolloutItem> = {},
): RolloutItem {
  return {
    memberId: digest(`portal ${index}`).slice(0, 32),
    domain: `acme-${index}.bitrix24.com`,
    wave: 1,
    worker: undefined,
    state,
    ...(problem === undefined ? {} : { problem }),
    ...parts,
  };
}

const unpaid: ItemProblem = {
  code: 'payment-required',
  message: 'the portal has not paid for its subscription',
  hint: 'The portal’s owner has to pay; until then it takes no calls',
};

const refused: ItemProblem = {
  code: 'binding-failed',
  message: `the portal refuses: ERROR_CORE ${hostile}`,
  hint: `Run again ${hostile}`,
};

const unreachable: ItemProblem = {
  code: 'unreachable',
  message: 'the portal cannot be reached: connect ETIMEDOUT 203.0.113.7:443',
  hint: 'Check the network',
};

/** So many portals to look at in every state there is one for, of a rollout that has stopped itself. */
export function stopped(portals: number): RolloutOutcome {
  const kinds = [
    ['failed', unreachable],
    ['partial', refused],
    ['unknown', { code: 'timeout', message: 'no answer within 30 s', hint: 'Run again' }],
    ['dead', unpaid],
    ['unreviewed', { code: 'unreviewed', message: 'it needs what nobody has reviewed', hint: 'Plan again' }],
  ] as const;
  const attention = Array.from({ length: portals }, (_, index) => {
    const [state, problem] = kinds[index % 7 < 5 ? index % 7 : 0] ?? kinds[0];
    return itemOf(index, state, problem, index === 1 ? { domain: `x${hostile}` } : {});
  });
  const counted = kinds.map(([kind]) => [kind, attention.filter(({ state }) => state === kind).length] as const);
  return rolloutResult(
    {
      state: 'paused',
      reason: 'failures',
      failed: attention.filter(({ state }) => failures.has(state)).length,
      counts: { ...Object.fromEntries(counted), succeeded: 3_000 - portals - 2_000, pending: 2_000 },
    },
    attention,
  );
}

/** By the name of their files. */
export const rollouts: Readonly<Record<string, RolloutOutcome>> = {
  'rollout-running': rolloutResult(
    {
      counts: { succeeded: 118, failed: 1, dead: 1, running: 20, pending: 2_860 },
      failed: 1,
      manifest: { ...standing.manifest, name: 'crm-sync', file: `deploy/${hostile}` },
      by: `bitrix-events apply on ${hostile}`,
    },
    [itemOf(8, 'dead', unpaid), itemOf(3, 'failed', refused, { domain: `x${hostile}` })],
  ),
  'rollout-baking': rolloutResult(
    { wave: 0, bakesUntil: '2026-01-02T05:00:00.000Z', counts: { succeeded: 10, pending: 2_990 } },
    [],
    new NetworkError({
      code: 'timeout',
      message: 'the command took longer than 60 seconds',
      hint: 'Allow more with --timeout SECONDS',
    }),
  ),
  'rollout-failures': stopped(28),
  'rollout-not-held': rolloutResult(
    { state: 'paused', reason: 'not-held', wave: 0, counts: { succeeded: 9, failed: 1, pending: 2_990 } },
    [itemOf(4, 'failed', undefined, { verdict: 'drift', wave: 0 })],
  ),
  'rollout-everybodys': rolloutResult({
    state: 'paused',
    reason: 'everybodys',
    problem: `the authorisation server refuses the application ${hostile}`,
    wave: 0,
    counts: { succeeded: 3, pending: 2_997 },
  }),
  'rollout-paused': rolloutResult({
    state: 'paused',
    reason: 'asked',
    chosen: 'acme*,|`<b>*',
    counts: { succeeded: 118, pending: 2_882 },
  }),
  'rollout-completed': rolloutResult({ state: 'completed', wave: 2, counts: { succeeded: 2_999, dead: 1 } }, [
    itemOf(8, 'dead', unpaid),
  ]),
  'rollout-with-failures': rolloutResult(
    {
      state: 'completed',
      waves: [{ portals: 1, tolerance: 1, mode: 'soft' }],
      wave: 0,
      failed: 1,
      counts: { failed: 1 },
      hasWritten: false,
    },
    [itemOf(8, 'failed', unreachable, { wave: 0, domain: '' })],
  ),
  'rollout-sweep': rolloutResult(
    { origin: 'sweep', verb: 'check', state: 'completed', wave: 2, counts: { succeeded: 3_000 }, hasWritten: false },
    [
      itemOf(8, 'succeeded', undefined, { verdict: 'drift' }),
      itemOf(9, 'succeeded', undefined, { verdict: 'cannot-tell' }),
    ],
  ),
  'rollout-cancelled': rolloutResult({ state: 'cancelled', counts: { succeeded: 118, cancelled: 2_882 } }),
  'rollout-superseded': rolloutResult(
    { state: 'superseded', failed: 1, counts: { succeeded: 118, failed: 1, superseded: 2_881 } },
    [itemOf(8, 'failed', unreachable)],
  ),
};
