/** The verdict of a report: what became of the changes, and whether the last reading shows what the plan wanted. */
import { describe, expect, it } from 'vitest';
import { type ChangeResult, type ChangeStatus, isAsWanted, verdictOf } from '../../src/core/report.ts';
import { A, B, ledgerOf, ledgers, online, planOf } from '../support/build.ts';

const deal = online('ONCRMDEALADD', A);
const task = online('ONTASKADD', A);
const lead = online('ONCRMLEADADD', A);
const notice = online('ONOFFLINEEVENT', A);
const old = online('ONCRMDEALADD', B);
const stray = online('ONUSERADD', B);

/** A bind, a rebind, an unbind, a row in sync, one whose options cannot be told, and one that is nobody's. */
const plan = planOf(
  {
    bindings: [deal, task, online(lead.event, A, 0, { active: true }), online(notice.event, A, 0, { minTimeout: 9 })],
  },
  {
    live: [task, lead, notice, old, stray],
    ledgers: ledgers({ default: ledgerOf(task, online(notice.event, A, 0, { minTimeout: 5 }), old) }),
  },
);
const wanted = [deal, task, lead, notice];

function results(status: ChangeStatus): readonly ChangeResult[] {
  return plan.changes.map(({ id, action, binding }) => ({ id, action, binding, status }));
}

const verdict = (live: typeof wanted, status: ChangeStatus, mayHaveWritten = false) =>
  verdictOf({ plan, results: results(status), live, mayHaveWritten });

it('is about a plan with everything in it', () => {
  expect(plan.changes.map(({ id }) => id)).toEqual(['bind-1', 'rebind-1', 'unbind-1']);
  expect(plan.kept.map((item) => item.verdict)).toEqual(['unverified', 'in-sync', 'unmanaged']);
});

describe('a portal as wanted', () => {
  it('has converged when something was changed, and is unchanged otherwise', () => {
    expect(verdict([...wanted, stray], 'done')).toBe('converged');
    expect(verdict(wanted, 'already')).toBe('unchanged');
    expect(verdict(wanted, 'already', true)).toBe('converged');
  });

  it.each(wanted.map((binding) => [binding.event, binding] as const))('is not one without %s', (_, missing) => {
    const live = wanted.filter((binding) => binding !== missing);
    expect(verdict(live, 'done')).toBe('partial');
    expect(verdict(live, 'already')).toBe('failed');
  });

  it('is not one where a row is left that had to go', () => {
    expect(verdict([...wanted, old], 'done')).toBe('partial');
    expect(verdict([...wanted, old], 'already')).toBe('failed');
  });

  it('is not one where something is blocked', () => {
    const blocked = planOf({ bindings: [task, stray] }, { live: [task], offeredEvents: new Set([task.event]) });
    expect(verdictOf({ plan: blocked, results: [], live: [task, stray], mayHaveWritten: false })).toBe('failed');
  });
});

it.each(['failed', 'blocked', 'not-attempted', 'unknown'] as const)(
  'a change that is %s is not as wanted',
  (status) => {
    expect(verdict(wanted, status)).toBe(status === 'unknown' ? 'partial' : 'failed');
    expect(verdict(wanted, status, true)).toBe('partial');
  },
);

it('two of the four verdicts say that the portal is as wanted', () => {
  const verdicts = ['converged', 'unchanged', 'partial', 'failed'] as const;
  expect(verdicts.filter((one) => isAsWanted({ verdict: one }))).toEqual(['converged', 'unchanged']);
});
