/** What a plan says about drift: how much of each kind, and whether it counts. */
import { describe, expect, it } from 'vitest';
import { defaultFailOn, type DriftKind, driftKinds, judgeDrift } from '../../src/core/drift.ts';
import type { Plan } from '../../src/core/plan.ts';
import { A, B, ledgerOf, ledgers, offline, online, ordinaryUser, planOf } from '../support/build.ts';

const deal = online('ONCRMDEALADD', A);
const task = online('ONTASKADD', A);
const stray = online('ONUSERADD', B);
const notice = (minTimeout: number) => online('ONOFFLINEEVENT', A, 0, { minTimeout });
const recorded = (...bindings: readonly (typeof deal)[]) => ledgers({ default: ledgerOf(...bindings) });

const inSync = planOf({ bindings: [deal] }, { live: [deal] });
const drifted: Readonly<Record<DriftKind, Plan>> = {
  missing: planOf({ bindings: [deal, task] }, { live: [deal] }),
  extra: planOf({ bindings: [deal] }, { live: [deal, task], ledgers: recorded(deal, task) }),
  changed: planOf({ bindings: [notice(9)] }, { live: [notice(0)], ledgers: recorded(notice(5)) }),
  unmanaged: planOf({ bindings: [deal] }, { live: [deal, stray] }),
};
/** The same, where nothing can be done about it. */
const blocked: Readonly<Record<Exclude<DriftKind, 'unmanaged'>, Plan>> = {
  missing: planOf({ bindings: [deal, task] }, { live: [deal], offeredEvents: new Set([deal.event]) }),
  extra: planOf(
    { bindings: [deal], prune: 'all' },
    { live: [deal, offline('ONTASKADD', 'erp')], allowsConnectors: false },
  ),
  changed: planOf({ bindings: [notice(9)] }, { live: [notice(0), notice(0)], ledgers: recorded(notice(5)) }),
};

const none = { missing: 0, extra: 0, changed: 0, unmanaged: 0 };

it('there is none where the portal holds what is asked for', () => {
  expect(judgeDrift(inSync)).toEqual({ verdict: 'in-sync', drift: none, failOn: defaultFailOn, plan: inSync });
});

describe.each(driftKinds)('%s', (kind) => {
  it('is counted, and is drift when it is to count', () => {
    const plan = drifted[kind];
    expect(judgeDrift(plan, [kind])).toEqual({
      verdict: 'drift',
      drift: { ...none, [kind]: 1 },
      failOn: [kind],
      plan,
    });
    const others = driftKinds.filter((other) => other !== kind);
    expect(judgeDrift(plan, others)).toMatchObject({ verdict: 'in-sync', drift: { ...none, [kind]: 1 } });
  });
});

it('what is not managed counts only when asked for', () => {
  expect(driftKinds.filter((kind) => judgeDrift(drifted[kind]).verdict === 'drift')).toEqual([
    'missing',
    'extra',
    'changed',
  ]);
});

it.each(['missing', 'extra', 'changed'] as const)('%s that is blocked counts as well', (kind) => {
  expect(blocked[kind].changes).toEqual([]);
  expect(judgeDrift(blocked[kind])).toMatchObject({ verdict: 'drift', drift: { ...none, [kind]: 1 } });
});

it('what the caller cannot see is unknown, and no drift, whatever else there is', () => {
  const plan = planOf({ bindings: [deal, online('ONTASKADD', A, 7)] }, { portal: ordinaryUser });
  expect(plan.blocked.map(({ state }) => state)).toEqual(['unknown']);
  expect(judgeDrift(plan)).toMatchObject({ verdict: 'unknown', drift: { ...none, missing: 1 } });
  expect(judgeDrift(plan, [])).toMatchObject({ verdict: 'unknown' });
});
