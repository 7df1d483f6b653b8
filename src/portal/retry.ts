/**
 * Which answers are worth another request, and after how long. Pure.
 *
 * | what came | executed? | read | write |
 * |---|---|---|---|
 * | `QUERY_LIMIT_EXCEEDED` | no | again, 8 tries, from 1 s doubling | the same |
 * | `OPERATION_TIME_LIMIT` | no | again when the portal opens the method, 3 tries | the same |
 * | `CONNECTION_ERROR` | no | again at once, 3 tries | the same |
 * | nothing readable, no connection, the portal's own fault | unknown | again at once, 3 tries | never: the caller has to look first |
 * | any other refusal | no | never | never |
 *
 * No wait is begun that would end after the deadline.
 */
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
  /** From 0 to 1. */
  readonly random: number;
}

/** Milliseconds to wait, or undefined to give up. */
export function retryDelay({ trouble, attempt, isRead, remainingMs, random }: RetryQuestion): number | undefined {
  const waitMs = wantedDelay(trouble, attempt, isRead, random);
  return waitMs !== undefined && waitMs < remainingMs ? waitMs : undefined;
}

function wantedDelay(trouble: Trouble, attempt: number, isRead: boolean, random: number): number | undefined {
  switch (trouble.kind) {
    case 'rate-limit':
      // Others may share the bucket and were refused at the same moment: the spread keeps them apart.
      return attempt < 8 ? Math.min(1000 * 2 ** (attempt - 1), 30_000) * (1 + random / 2) : undefined;
    case 'time-limit':
      // The time used is counted in buckets of a minute, so without better knowledge a minute is the least that helps.
      return attempt < 3 ? Math.max(1000, trouble.resetInMs ?? 60_000) + random * 1000 : undefined;
    case 'turned-away':
      return attempt < 3 ? 200 * 3 ** (attempt - 1) * (1 + random / 2) : undefined;
    case 'transient':
      return isRead && attempt < 3 ? 200 * 3 ** (attempt - 1) * (1 + random / 2) : undefined;
    case 'final':
      return undefined;
  }
}

/** The portal failed, not the request: whether a method had run by then is not known. */
const portalFaults = new Set(['INTERNAL_SERVER_ERROR', 'ERROR_UNEXPECTED_ANSWER', 'WRONG_ENCODING']);

export function isPortalFault({ code }: RestError): boolean {
  return portalFaults.has(code);
}

export function troubleOf(error: RestError, nowMs: number): Trouble {
  switch (error.code) {
    case 'QUERY_LIMIT_EXCEEDED':
      return { kind: 'rate-limit' };
    case 'OPERATION_TIME_LIMIT':
      return {
        kind: 'time-limit',
        resetInMs: error.operatingResetAt === undefined ? undefined : error.operatingResetAt * 1000 - nowMs,
      };
    // The portal could not ask the authorisation server.
    case 'CONNECTION_ERROR':
      return { kind: 'turned-away' };
    default:
      return { kind: isPortalFault(error) ? 'transient' : 'final' };
  }
}

/** Whether the same request may succeed later. */
export function mayPass(error: RestError): boolean {
  return troubleOf(error, 0).kind !== 'final';
}
