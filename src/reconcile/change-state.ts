/** What is known of one change while an apply goes on: a value, and the steps that alone make another of it. Pure. */
import type { Action, Change } from '../core/plan.ts';
import type { ChangeStatus } from '../core/report.ts';
import type { CommandOutcome } from './port.ts';
import { settle, settleUnseen } from './settle.ts';

interface Known {
  readonly change: Change;
  /** What is left to be done: of a rebind that was cut in half, the bind. */
  readonly action: Action;
  readonly wasSent: boolean;
  /** Whether an earlier try may have been carried out without an answer. */
  readonly wasLost: boolean;
  /** Whether a row was, or may have been, made or removed: half a rebind counts, whatever became of the whole. */
  readonly hasWritten: boolean;
}

/** To be sent, for the first time or again. */
export interface Waiting extends Known {
  readonly kind: 'waiting';
  /** Why the last try came to nothing. */
  readonly message?: string;
  /** How long a limit that the last try met asks to wait; 0 when it met none. */
  readonly waitMs: number;
}

/** Sent, and not read back yet. */
export interface Sent extends Known {
  readonly kind: 'sent';
  /** One a command, in order. */
  readonly outcomes: readonly CommandOutcome[];
}

export interface Settled extends Known {
  readonly kind: 'settled';
  readonly status: ChangeStatus;
  readonly message?: string;
}

export type ChangeState = Waiting | Sent | Settled;

export function untried(change: Change): Waiting {
  return {
    kind: 'waiting',
    change,
    action: change.action,
    wasSent: false,
    wasLost: false,
    hasWritten: false,
    waitMs: 0,
  };
}

/** A rebind whose row is gone needs only its second half, and needs it soon. */
export function asNeeded(state: Waiting, isLive: boolean): Waiting {
  return state.action === 'rebind' && !isLive ? { ...state, action: 'bind' } : state;
}

/** The portal has answered, or failed to, for some or all of the change's commands. */
export function answered(state: ChangeState, outcomes: readonly CommandOutcome[]): Sent {
  return {
    ...known(state),
    kind: 'sent',
    outcomes: state.kind === 'sent' ? [...state.outcomes, ...outcomes] : outcomes,
    wasSent: true,
    hasWritten: state.hasWritten || outcomes.some((outcome) => outcome.kind === 'done' && outcome.removed !== 0),
  };
}

/** @param rows how many live rows a later reading shows for the change's key */
export function seen(state: Sent, rows: number): Waiting | Settled {
  const { change, action, outcomes, wasLost } = state;
  const settlement = settle({ change: { ...change, action }, outcomes, rows, isRepeated: wasLost });
  const isLost = outcomes.some(({ kind }) => kind === 'unknown');
  const next = {
    ...known(state),
    wasLost: wasLost || isLost,
    hasWritten: state.hasWritten || (isLost && action === 'rebind'),
  };
  if (settlement.kind === 'settled') return settled(next, settlement.status, settlement.message);
  return { ...next, kind: 'waiting', message: settlement.message, waitMs: longestWait(outcomes) };
}

/** No later reading was to be had. */
export function unseen(state: Sent): Settled {
  const { status, message } = settleUnseen(state.outcomes, state.wasLost);
  return settled(state, status, message);
}

export function settled(state: Known, status: ChangeStatus, message?: string): Settled {
  return { ...known(state), kind: 'settled', status, ...(message === undefined ? {} : { message }) };
}

function known({ change, action, wasSent, wasLost, hasWritten }: Known): Known {
  return { change, action, wasSent, wasLost, hasWritten };
}

function longestWait(outcomes: readonly CommandOutcome[]): number {
  return Math.max(0, ...outcomes.map((outcome) => (outcome.kind === 'limited' ? outcome.waitMs : 0)));
}
