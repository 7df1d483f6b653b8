/** One thing that a doctor looks at, and what came of it. */
import type { Code } from '../../core/codes.ts';

/** `skipped`: it could not be looked at, or there is nothing to look at. */
export type CheckStatus = 'ok' | 'warning' | 'failed' | 'skipped';

export interface Check {
  /** What was looked at, whatever came of it. */
  readonly code: Extract<Code, `doctor-${string}`>;
  readonly status: CheckStatus;
  readonly message: string;
  /** How to mend it. */
  readonly hint?: string | undefined;
}

export type Verdict = Exclude<CheckStatus, 'skipped'>;

/** The worst of them; what was skipped says nothing. */
export function verdictOf(checks: readonly Check[]): Verdict {
  const worst = (['failed', 'warning'] as const).find((status) => checks.some((check) => check.status === status));
  return worst ?? 'ok';
}

/** `1 event`, `2 events` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** In the largest unit that fits, such as `3 days`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  for (const [unit, length] of [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const) {
    if (seconds >= 2 * length) return counted(Math.floor(seconds / length), unit);
  }
  return counted(seconds, 'second');
}
