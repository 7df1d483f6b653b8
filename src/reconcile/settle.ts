/** Decides what became of a change from the portal's answer and a later reading. Pure. */
import type { Change } from '../core/plan.ts';
import type { ChangeStatus } from '../core/report.ts';
import type { CommandOutcome } from './port.ts';

export type Settlement =
  | { readonly kind: 'settled'; readonly status: ChangeStatus; readonly message?: string }
  /** Not as wanted yet, and safe to do again now that the portal has been read; `message` tells why if it stays so. */
  | { readonly kind: 'again'; readonly message: string };

export interface Attempt {
  readonly change: Change;
  /** One a command, in order; a rebind has two. */
  readonly outcomes: readonly CommandOutcome[];
  /** How many live rows the later reading shows for the change's key. */
  readonly rows: number;
  /** Whether an earlier attempt at the same change may have been carried out without an answer. */
  readonly isRepeated: boolean;
}

export function settle(attempt: Attempt): Settlement {
  switch (attempt.change.action) {
    case 'bind':
      return settleBind(attempt);
    case 'unbind':
      return settleUnbind(attempt);
    case 'rebind':
      return settleRebind(attempt);
  }
}

function settleBind({ outcomes, rows, isRepeated }: Attempt): Settlement {
  const outcome = outcomes.at(-1);
  if (rows > 0) {
    if (outcome?.kind === 'done') return settled('done');
    if (outcome?.kind === 'unknown') return settled('done', 'the answer was lost; a later reading shows the row');
    return isRepeated
      ? settled('done', 'an earlier answer was lost; a later reading shows the row')
      : settled('already', 'somebody else had bound it');
  }
  switch (outcome?.kind) {
    case 'done':
      return settled('failed', 'the portal accepted it, but a later reading does not show the row');
    case 'already':
      return settled(
        'failed',
        'the portal says it is bound, but does not list it: a row with a hidden connector, or a URL its database takes for the same',
      );
    case 'refused':
      return settled('failed', `${outcome.message} (${outcome.code})`);
    case 'not-sent':
      return settled('not-attempted', outcome.message);
    case 'busy':
      return again('the portal says another process is binding it');
    case 'limited':
    case 'unknown':
      return again(outcome.message);
    case undefined:
      return again('it was not sent');
  }
}

function settleUnbind({ change, outcomes, rows, isRepeated }: Attempt): Settlement {
  const outcome = outcomes.at(-1);
  if (rows === 0) {
    if (outcome?.kind === 'unknown') return settled('done', 'the answer was lost; a later reading shows no row');
    if (outcome?.kind !== 'done') return settled('already', 'somebody else had unbound it');
    const removed = outcome.removed ?? 1;
    if (removed === 0) {
      return isRepeated
        ? settled('done', 'an earlier answer was lost; a later reading shows no row')
        : settled('already', 'the portal found no such row: somebody else had unbound it');
    }
    const expected = change.rows ?? 1;
    return removed === expected
      ? settled('done')
      : settled('done', `the portal removed ${removed} rows where the plan saw ${expected}`);
  }
  switch (outcome?.kind) {
    case 'done':
      return settled('failed', 'the portal accepted it, but a later reading still shows the row');
    case 'refused':
      return settled('failed', `${outcome.message} (${outcome.code})`);
    case 'not-sent':
      return settled('not-attempted', outcome.message);
    case 'limited':
    case 'unknown':
      return again(outcome.message);
    case 'already':
    case 'busy':
    case undefined:
      return again('the portal did not carry it out');
  }
}

/**
 * A reading cannot tell a new row from the old one, so the answers have to: a bind that was done is ours whatever the unbind
 * said, since a key is never bound twice; and so is a row that is there after an unbind that was done.
 */
function settleRebind({ outcomes, rows }: Attempt): Settlement {
  const [unbind, bind] = outcomes;
  if (rows === 0) {
    const why = bind?.kind === 'refused' ? `: ${bind.message} (${bind.code})` : '';
    return again(`it was unbound and is not bound again${why}`);
  }
  if (bind?.kind === 'done') return settled('done');
  switch (unbind?.kind) {
    case 'done':
      return bind?.kind === 'unknown'
        ? settled('done', 'the answer was lost; a later reading shows the row')
        : settled('failed', 'somebody else bound it in between, with options unknown');
    case 'refused':
      return settled('failed', `${unbind.message} (${unbind.code})`);
    case 'not-sent':
      return settled('not-attempted', unbind.message);
    case 'limited':
      return again(unbind.message);
    case 'already':
    case 'busy':
    case 'unknown':
    case undefined:
      return again('the answer was lost, and a reading does not tell with which options it is bound');
  }
}

/** What can be said when no later reading was to be had: success unseen is no success. */
export function settleUnseen(
  outcomes: readonly CommandOutcome[],
  isRepeated: boolean,
): { readonly status: ChangeStatus; readonly message: string } {
  const [first] = outcomes;
  if (!isRepeated && first?.kind === 'not-sent' && outcomes.every(({ kind }) => kind === 'not-sent')) {
    return { status: 'not-attempted', message: first.message };
  }
  if (!isRepeated && first?.kind === 'refused' && outcomes.every(({ kind }) => kind === 'refused')) {
    return { status: 'failed', message: `${first.message} (${first.code})` };
  }
  return { status: 'unknown', message: 'no readable answer came, and the portal could not be read afterwards' };
}

function settled(status: ChangeStatus, message?: string): Settlement {
  return { kind: 'settled', status, ...(message === undefined ? {} : { message }) };
}

function again(message: string): Settlement {
  return { kind: 'again', message };
}
