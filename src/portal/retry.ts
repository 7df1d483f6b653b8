/**
 * Which answers are worth another request, and after how long. Pure.
 *
 * | what came | executed? | read | write |
 * |---|---|---|---|
 * | `QUERY_LIMIT_EXCEEDED` | no | again, 8 tries, from 1 s doubling | the same |
 * | `OPERATION_TIME_LIMIT` | no | again when the portal opens the method, 3 tries, at most 10 minutes in all | the same |
 * | `CONNECTION_ERROR` | no | again at once, 3 tries | the same |
 * | nothing readable, no connection, the portal's own fault | unknown | again at once, 3 tries | never: the caller has to look first |
 * | any other refusal | no | never | never |
 *
 * No wait is begun that would end after the deadline.
 */
import { againAfter } from './errors.ts';
import type { RestError } from './rest-answer.ts';

/** What became of a request, as far as another try is concerned. */
export type Trouble =
  | { readonly kind: 'rate-limit' }
  /** `resetInMs` undefined: the portal did not say when. */
  | { readonly kind: 'time-limit'; readonly resetInMs: number | undefined }
  /** Turned away before anything was carried out, for a reason that passes. */
  | { readonly kind: 'turned-away' }
  | { readonly kind: 'transient' }
  | { readonly kind: 'final' };

export interface RetryQuestion {
  readonly trouble: Trouble;
  /** Requests made so far, from 1. */
  readonly attempt: number;
  readonly isRead: boolean;
  readonly remainingMs: number;
  /** How much longer the limit of operating time may be waited for. */
  readonly limitBudgetMs: number;
  /** From 0 to 1. */
  readonly random: number;
}

/** The portal counts the time that methods take over ten minutes (F97), so after these every limit has passed. */
export const limitWindowMs = 600_000;

/** Milliseconds to wait, or undefined to give up. */
export function retryDelay(question: RetryQuestion): number | undefined {
  const { trouble, attempt, isRead, remainingMs, limitBudgetMs, random } = question;
  const waitMs = wantedDelay(trouble, attempt, isRead, random);
  if (waitMs === undefined || waitMs >= remainingMs) return undefined;
  return trouble.kind === 'time-limit' && waitMs > limitBudgetMs ? undefined : waitMs;
}

function wantedDelay(trouble: Trouble, attempt: number, isRead: boolean, random: number): number | undefined {
  switch (trouble.kind) {
    case 'rate-limit':
      // Others may share the bucket and were refused at the same moment: the spread keeps them apart.
      return attempt < 8 ? Math.min(1000 * 2 ** (attempt - 1), 30_000) * (1 + random / 2) : undefined;
    case 'time-limit':
      return attempt < 3 ? Math.min(untilReset(trouble.resetInMs) + random * 1000, limitWindowMs) : undefined;
    case 'turned-away':
      return attempt < 3 ? 200 * 3 ** (attempt - 1) * (1 + random / 2) : undefined;
    case 'transient':
      return isRead && attempt < 3 ? 200 * 3 ** (attempt - 1) * (1 + random / 2) : undefined;
    case 'final':
      return undefined;
  }
}

/** What the portal says rests on its clock, which need not agree with this one: only what can be true is believed. */
function untilReset(resetInMs: number | undefined): number {
  // The time used is counted in buckets of a minute, so without better knowledge a minute is the least that helps.
  const minuteMs = 60_000;
  if (resetInMs === undefined || Number.isNaN(resetInMs) || resetInMs < -minuteMs) return minuteMs;
  return Math.max(1000, resetInMs);
}

export function troubleOf(error: RestError, nowMs: number): Trouble {
  const { operatingResetAt } = error;
  switch (againAfter(error)) {
    case 'bucket':
      return { kind: 'rate-limit' };
    case 'window':
      return {
        kind: 'time-limit',
        resetInMs: operatingResetAt === undefined ? undefined : operatingResetAt * 1000 - nowMs,
      };
    case 'soon':
      return { kind: 'turned-away' };
    case 'read':
      return { kind: 'transient' };
    case 'renewed':
    case 'never':
      return { kind: 'final' };
  }
}

/** Whether the same request may succeed later. */
export function mayPass(error: RestError): boolean {
  return troubleOf(error, 0).kind !== 'final';
}
