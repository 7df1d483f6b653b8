/** What the locks of a database promise, beyond those of any store. */
import type { LockName, LockOptions } from '../installation/store.ts';

/** A lock of a database, which can be lost without its holder being told. */
export interface HeldLock {
  /**
   * Whether it is still one's own, as the server answers on the connection that holds it. A process that was stopped for longer
   * than the server puts up with has lost it, and somebody else may have it. Never throws.
   */
  isHeld(): Promise<boolean>;
  /** Never throws: where the connection is gone, so is the lock. */
  release(): Promise<void>;
}

export interface LockSession {
  /**
   * @throws UsageError `locked` when the signal ends the wait, `transaction-pooler`, `invalid-member-id`, and those of the database;
   *   NetworkError `unreachable-store`
   */
  acquire(memberId: string, name: LockName, options?: LockOptions): Promise<HeldLock>;
  /** Gives back whatever is held. */
  close(): Promise<void>;
}

export interface LockSettings {
  /** Default 60 000: a process that is silent for longer loses its locks. */
  readonly silenceMs?: number | undefined;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1. */
  readonly random?: (() => number) | undefined;
}
