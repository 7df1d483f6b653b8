/** What a store promises: where the tokens of installations live, and who may work on a portal at the moment. */
import type { Installation } from './installation.ts';

/** What a lock is for: a whole apply, or the short moment of a token refresh. */
export type LockName = 'apply' | 'tokens';

/** How to wait for a lock. */
export interface LockOptions {
  /** Told once, when somebody else holds the lock, before the wait begins. */
  readonly onWait?: ((holder: LockHolder) => void) | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/** Who has a lock. */
export interface LockHolder {
  /** For people: process id and host, or whatever the store knows. */
  readonly owner: string;
  /** Milliseconds since the lock was taken. */
  readonly ageMs: number;
}

/** A lock whose holder can ask whether it is still theirs. */
export interface HeldLock {
  /**
   * Whether it is still one's own. A process that was stopped for longer than the store puts up with has lost it, and somebody
   * else may have it. Never throws.
   */
  isHeld(): Promise<boolean>;
  /** Never throws: where the store is out of reach, so is the lock. */
  release(): Promise<void>;
}

/** By host and port in lower case, or by the digest of the token pair a record was made of. */
export type InstallationQuery = { readonly domain: string } | { readonly seed: string };

/** Where installations are kept: one record a portal, under the locks of that portal. */
export interface Store {
  /** Ids of all installations, in no promised order. */
  memberIds(): AsyncIterable<string>;
  /**
   * The installation as it was last written; undefined when there is none.
   * @throws UsageError `damaged-store` when the record cannot be read; it is left as it is.
   */
  read(memberId: string): Promise<Installation | undefined>;
  /** Replaces the record atomically: it is durable before this resolves. */
  write(installation: Installation): Promise<void>;
  /** Forgets the record; one that does not exist is no error. */
  remove(memberId: string): Promise<void>;
  /**
   * For a store whose locks can be lost without their holder knowing. Writes `next`, or removes the record where that is undefined,
   * unless it is another one by now than `known`, which `read` gave; undefined: there was none.
   * @returns false when it is, and nothing was written
   */
  replace?(memberId: string, known: Installation | undefined, next: Installation | undefined): Promise<boolean>;
  /**
   * Moves a record that cannot be read to where it is found again but is no installation, so that another can take its place.
   * Called under the lock of the tokens. A store without it keeps such a record, and takes no other in its place.
   * @returns where it is now, for people; undefined when there was none
   */
  setAside?(memberId: string): Promise<string | undefined>;
  /**
   * Ids of the installations that fit, without reading all of them; undefined where this store cannot tell.
   * What it gives is read and compared again, so it may name one too many, but none too few.
   */
  find?(query: InstallationQuery): Promise<readonly string[] | undefined>;
  /**
   * Waits for the lock and resolves with its release. Across processes; a lock whose holder died is recovered.
   * @throws UsageError `locked` when the signal ends the wait
   */
  lock(memberId: string, name: LockName, options?: LockOptions): Promise<() => Promise<void>>;
  /** As `lock`, for a store whose locks can be lost: an apply asks before every request that writes. */
  hold?(memberId: string, name: LockName, options?: LockOptions): Promise<HeldLock>;
}
