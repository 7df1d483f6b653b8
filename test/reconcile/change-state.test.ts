/** What is known of one change while an apply goes on, step by step. */
import { describe, expect, it } from 'vitest';
import type { Action, Change } from '../../src/core/plan.ts';
import {
  answered,
  asNeeded,
  type ChangeState,
  type Sent,
  seen,
  settled,
  unseen,
  untried,
  type Waiting,
} from '../../src/reconcile/change-state.ts';
import type { CommandOutcome } from '../../src/reconcile/port.ts';
import { A, online } from '../support/build.ts';

const done: CommandOutcome = { kind: 'done' };
const unknown: CommandOutcome = { kind: 'unknown', message: 'no answer' };
const limited = (waitMs: number): CommandOutcome => ({ kind: 'limited', message: 'busy hour', waitMs });

function change(action: Action): Change {
  const cause = { bind: 'missing', rebind: 'options-differ', unbind: 'recorded' } as const;
  return {
    id: `${action}-1`,
    action,
    binding: online('ONTASKADD', A),
    cause: cause[action],
    reason: '',
    dependsOn: [],
  };
}

function waiting(state: ChangeState): Waiting {
  if (state.kind !== 'waiting') throw new Error(`it is ${state.kind}`);
  return state;
}

const sent = (action: Action, ...outcomes: readonly CommandOutcome[]): Sent =>
  answered(untried(change(action)), outcomes);

it('begins with nothing sent, nothing lost and nothing written', () => {
  expect(untried(change('rebind'))).toEqual({
    kind: 'waiting',
    change: change('rebind'),
    action: 'rebind',
    wasSent: false,
    wasLost: false,
    hasWritten: false,
    waitMs: 0,
  });
});

describe('an answer', () => {
  it('is kept until the portal is read; the next one joins it', () => {
    const first = sent('rebind', done);
    expect(first).toMatchObject({ kind: 'sent', outcomes: [done], wasSent: true });
    expect(answered(first, [unknown]).outcomes).toEqual([done, unknown]);
  });

  it.each<[string, CommandOutcome, boolean]>([
    ['done', done, true],
    ['done with rows', { kind: 'done', removed: 2 }, true],
    ['done without a row', { kind: 'done', removed: 0 }, false],
    ['already', { kind: 'already' }, false],
    ['unknown', unknown, false],
    ['not sent', { kind: 'not-sent', message: '' }, false],
  ])('%s tells whether something was written', (_, outcome, expected) => {
    expect(sent('unbind', outcome).hasWritten).toBe(expected);
  });

  it('to a later try does not take back that something was written', () => {
    const half = waiting(seen(sent('rebind', done, limited(5)), 0));
    expect(answered(half, [limited(5)])).toMatchObject({ hasWritten: true, outcomes: [limited(5)] });
  });
});

describe('a reading', () => {
  it('settles what is as wanted', () => {
    expect(seen(sent('bind', done), 1)).toMatchObject({ kind: 'settled', status: 'done' });
  });

  it('lets the rest wait as long as the longest limit asks, and tells why', () => {
    expect(seen(sent('rebind', limited(100), limited(300)), 1)).toMatchObject({
      kind: 'waiting',
      message: 'busy hour',
      waitMs: 300,
      wasLost: false,
    });
  });

  it('remembers that an answer was lost, for every later try', () => {
    const lost = waiting(seen(sent('bind', unknown), 0));
    expect(lost).toMatchObject({ wasLost: true, hasWritten: false, waitMs: 0 });
    expect(waiting(seen(answered(lost, [limited(5)]), 0)).wasLost).toBe(true);
    expect(seen(answered(lost, [{ kind: 'already' }]), 1)).toMatchObject({ kind: 'settled', status: 'done' });
  });

  it('that leaves open what became of a rebind counts it as written', () => {
    expect(seen(sent('rebind', unknown, unknown), 1)).toMatchObject({ kind: 'waiting', hasWritten: true });
  });
});

describe('a rebind', () => {
  it('whose row is gone has its bind left to do, and nothing else has', () => {
    const half = waiting(seen(sent('rebind', done, { kind: 'busy' }), 0));
    expect(half.action).toBe('rebind');
    expect(asNeeded(half, true)).toBe(half);
    expect(asNeeded(half, false)).toEqual({ ...half, action: 'bind' });
    const unbind = untried(change('unbind'));
    expect(asNeeded(unbind, false)).toBe(unbind);
  });

  it('is judged by what was left of it', () => {
    const half = asNeeded(waiting(seen(sent('rebind', done, { kind: 'busy' }), 0)), false);
    const state = seen(answered(half, [{ kind: 'already' }]), 1);
    expect(state).toMatchObject({ kind: 'settled', status: 'already', change: change('rebind'), hasWritten: true });
  });
});

describe('without a later reading', () => {
  it('only what was surely not sent is known', () => {
    expect(unseen(sent('bind', { kind: 'not-sent', message: 'offline' }))).toMatchObject({ status: 'not-attempted' });
    expect(unseen(sent('bind', done))).toMatchObject({ status: 'unknown' });
  });

  it('not even that, when an earlier answer was lost', () => {
    const lost = waiting(seen(sent('bind', unknown), 0));
    expect(unseen(answered(lost, [{ kind: 'not-sent', message: 'offline' }]))).toMatchObject({ status: 'unknown' });
  });
});

it('what is settled keeps what was written and forgets the rest', () => {
  expect(settled(sent('bind', done), 'blocked', 'why')).toEqual({
    kind: 'settled',
    change: change('bind'),
    action: 'bind',
    status: 'blocked',
    message: 'why',
    wasSent: true,
    wasLost: false,
    hasWritten: true,
  });
});
