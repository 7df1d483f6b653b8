/** What became of a change: every answer against every later reading. */
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/core/plan.ts';
import type { CommandOutcome } from '../../src/reconcile/port.ts';
import { type Settlement, settle, settleUnseen } from '../../src/reconcile/settle.ts';
import { A, online } from '../support/build.ts';

const done: CommandOutcome = { kind: 'done' };
const already: CommandOutcome = { kind: 'already' };
const busy: CommandOutcome = { kind: 'busy' };
const refused: CommandOutcome = { kind: 'refused', code: 'ERROR_EVENT_NOT_FOUND', message: 'Event not found' };
const notSent: CommandOutcome = { kind: 'not-sent', message: 'connection refused' };
const limited: CommandOutcome = { kind: 'limited', message: 'Too many requests', waitMs: 1000 };
const unknown: CommandOutcome = { kind: 'unknown', message: 'no answer' };
const removed = (count: number): CommandOutcome => ({ kind: 'done', removed: count });

function become(
  action: Action,
  outcomes: readonly CommandOutcome[],
  rows: number,
  { isRepeated = false, expected }: { readonly isRepeated?: boolean; readonly expected?: number } = {},
): string {
  const change = {
    id: 'x-1',
    action,
    binding: online('ONTASKADD', A),
    cause: 'missing' as const,
    reason: '',
    dependsOn: [],
    ...(expected === undefined ? {} : { rows: expected }),
  };
  return textOf(settle({ change, outcomes, rows, isRepeated }));
}

function textOf(settlement: Settlement): string {
  const status = settlement.kind === 'again' ? 'again' : settlement.status;
  return settlement.message === undefined ? status : `${status}: ${settlement.message}`;
}

describe('a bind', () => {
  it.each<[string, CommandOutcome | undefined, number, string]>([
    ['done', done, 1, 'done'],
    ['done and not seen', done, 0, 'failed: the portal accepted it, but a later reading does not show the row'],
    ['already there', already, 1, 'already: somebody else had bound it'],
    [
      'already there and not seen',
      already,
      0,
      'failed: the portal says it is bound, but does not list it: a row with a hidden connector, or a URL its database takes for the same',
    ],
    ['busy and seen', busy, 1, 'already: somebody else had bound it'],
    ['busy and not seen', busy, 0, 'again: the portal says another process is binding it'],
    ['refused', refused, 0, 'failed: Event not found (ERROR_EVENT_NOT_FOUND)'],
    ['refused and seen', refused, 1, 'already: somebody else had bound it'],
    ['not sent', notSent, 0, 'not-attempted: connection refused'],
    ['over a limit', limited, 0, 'again: Too many requests'],
    ['lost and seen', unknown, 1, 'done: the answer was lost; a later reading shows the row'],
    ['lost and not seen', unknown, 0, 'again: no answer'],
    ['without an answer', undefined, 0, 'again: it was not sent'],
  ])('%s', (_, outcome, rows, expected) => {
    expect(become('bind', outcome === undefined ? [] : [outcome], rows)).toBe(expected);
  });

  it('that is already there after a lost answer is this one', () => {
    expect(become('bind', [already], 1, { isRepeated: true })).toBe(
      'done: an earlier answer was lost; a later reading shows the row',
    );
  });
});

describe('an unbind', () => {
  it.each<[string, CommandOutcome | undefined, number, string]>([
    ['done', removed(1), 0, 'done'],
    ['done without a count', done, 0, 'done'],
    ['that removed nothing', removed(0), 0, 'already: the portal found no such row: somebody else had unbound it'],
    ['that removed more than the plan saw', removed(3), 0, 'done: the portal removed 3 rows where the plan saw 1'],
    ['done and still seen', removed(1), 1, 'failed: the portal accepted it, but a later reading still shows the row'],
    ['refused', refused, 1, 'failed: Event not found (ERROR_EVENT_NOT_FOUND)'],
    ['refused and gone', refused, 0, 'already: somebody else had unbound it'],
    ['not sent', notSent, 1, 'not-attempted: connection refused'],
    ['over a limit', limited, 1, 'again: Too many requests'],
    ['not sent and gone', notSent, 0, 'already: somebody else had unbound it'],
    ['lost and gone', unknown, 0, 'done: the answer was lost; a later reading shows no row'],
    ['lost and still seen', unknown, 1, 'again: no answer'],
    ['busy', busy, 1, 'again: the portal did not carry it out'],
    ['without an answer', undefined, 1, 'again: the portal did not carry it out'],
  ])('%s', (_, outcome, rows, expected) => {
    expect(become('unbind', outcome === undefined ? [] : [outcome], rows)).toBe(expected);
  });

  it('that finds nothing after a lost answer was this one', () => {
    expect(become('unbind', [removed(0)], 0, { isRepeated: true })).toBe(
      'done: an earlier answer was lost; a later reading shows no row',
    );
  });

  it('of rows that look the same expects as many', () => {
    expect(become('unbind', [removed(2)], 0, { expected: 2 })).toBe('done');
    expect(become('unbind', [removed(1)], 0, { expected: 2 })).toBe(
      'done: the portal removed 1 rows where the plan saw 2',
    );
  });
});

describe('a rebind', () => {
  const gone = 'again: it was unbound and is not bound again';
  const lost = 'again: the answer was lost, and a reading does not tell with which options it is bound';
  it.each<[string, readonly CommandOutcome[], number, string]>([
    ['with both halves answered and seen', [removed(1), done], 1, 'done'],
    [
      'of which the second half was refused',
      [removed(1), refused],
      0,
      `${gone}: Event not found (ERROR_EVENT_NOT_FOUND)`,
    ],
    ['of which the second half was lost', [removed(1), unknown], 0, gone],
    [
      'of which the second half was lost and is seen',
      [removed(1), unknown],
      1,
      'done: the answer was lost; a later reading shows the row',
    ],
    ['of which the first half was lost and the second done', [unknown, done], 1, 'done'],
    ['of which the first half met a limit', [limited, already], 1, 'again: Too many requests'],
    ['of which both halves were lost and nothing is seen', [unknown, unknown], 0, gone],
    ['of which both halves were lost and a row is seen', [unknown, unknown], 1, lost],
    ['of which the first half was refused', [refused, already], 1, 'failed: Event not found (ERROR_EVENT_NOT_FOUND)'],
    ['of which the first half was lost and had not happened', [unknown, already], 1, lost],
    ['that was not sent', [notSent, notSent], 1, 'not-attempted: connection refused'],
    [
      'that somebody else got in between',
      [removed(1), already],
      1,
      'failed: somebody else bound it in between, with options unknown',
    ],
  ])('%s', (_, outcomes, rows, expected) => {
    expect(become('rebind', outcomes, rows)).toBe(expected);
  });
});

describe('without a later reading', () => {
  const unseen = { status: 'unknown', message: 'no readable answer came, and the portal could not be read afterwards' };
  it.each<[string, readonly CommandOutcome[], object]>([
    [
      'what was never sent was not attempted',
      [notSent, notSent],
      { status: 'not-attempted', message: 'connection refused' },
    ],
    [
      'what was refused has failed',
      [refused],
      { status: 'failed', message: 'Event not found (ERROR_EVENT_NOT_FOUND)' },
    ],
    ['a success is not known', [done], unseen],
    ['a duplicate is not known', [already], unseen],
    ['a lost answer is not known', [unknown], unseen],
    ['half a rebind is not known', [removed(1), notSent], unseen],
    ['nothing at all is not known', [], unseen],
  ])('%s', (_, outcomes, expected) => {
    expect(settleUnseen(outcomes, false)).toEqual(expected);
  });

  it('nothing is known of a rebind of which only one half has no readable answer', () => {
    expect(settleUnseen([notSent, unknown], false)).toEqual(unseen);
    expect(settleUnseen([refused, unknown], false)).toEqual(unseen);
    expect(settleUnseen([notSent, refused], false)).toEqual(unseen);
  });

  it('nothing is known of a change whose answer was lost before', () => {
    expect(settleUnseen([notSent], true)).toEqual(unseen);
    expect(settleUnseen([refused], true)).toEqual(unseen);
  });
});
