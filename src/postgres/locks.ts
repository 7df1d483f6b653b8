/** What the locks of a database promise, beyond those of any store. */
import type { HeldLock, LockName, LockOptions } from '../installation/store.ts';

export interface LockSession {
  /**
   * @throws UsageError `locked` when the signal ends the wait, `transaction-pooler`, `invalid-member-id`, and those of the database;
   *   NetworkError `unreachable-store`
   */
  acquire(memberId: string, name: LockName, options?: LockOptions): Promise<HeldLock>;
  /** Gives back whatever is held. */
  close(): Promise<void>;
}

/** How long a lock outlives a silent holder, and the clock and chance that locks go by. */
export interface LockSettings {
  /** Default 60 000: a process that is silent for longer loses its locks. */
  readonly silenceMs?: number | undefined;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1. */
  readonly random?: (() => number) | undefined;
}
