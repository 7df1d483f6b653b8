/** What whoever gives up waiting for a lock is told. */
import { UsageError } from '../core/errors.ts';
import type { LockHolder, LockName } from './store.ts';

/** What a lock is of, for people. */
export function lockedThing(memberId: string, name: LockName): string {
  return name === 'tokens' ? `the tokens of portal '${memberId}'` : `portal '${memberId}'`;
}

/** @returns UsageError `locked` */
export function lockedBy({ owner, ageMs }: LockHolder, what: string, nowMs: number): UsageError {
  const since = new Date(nowMs - ageMs).toISOString();
  return new UsageError({
    code: 'locked',
    message: `${what} is locked by ${owner}, since ${since} (${Math.round(ageMs / 1000)} s)`,
    hint: 'Wait until it has finished, or give this run more time with --timeout or --lock-timeout',
  });
}
