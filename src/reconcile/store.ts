/** Where the tokens of installations live, and who may work on a portal at the moment. */

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Unix time in seconds, where the authorisation server told it. */
  readonly expires?: number;
}

/** One portal's tokens and facts. */
export interface Installation {
  readonly memberId: string;
  readonly clientEndpoint: string;
  readonly clientId: string;
  readonly tokens: Tokens;
  /** Digest of the token pair given by the environment that seeded this record: a changed pair seeds it anew. */
  readonly seed?: string;
  readonly applicationToken?: string;
  /** The REST scopes granted at installation. */
  readonly scope?: readonly string[];
  readonly userId?: number;
  /** The application's version on that portal. */
  readonly version?: number;
}

/** What a lock is for: a whole apply, or the short moment of a token refresh. */
export type LockName = 'apply' | 'tokens';

export interface LockOptions {
  /** Told once, when somebody else holds the lock, before the wait begins. */
  readonly onWait?: ((holder: LockHolder) => void) | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

export interface LockHolder {
  /** For people: process id and host, or whatever the store knows. */
  readonly owner: string;
  /** Milliseconds since the lock was taken. */
  readonly ageMs: number;
}

export interface Store {
  /** Ids of all installations, in no promised order. */
  memberIds(): AsyncIterable<string>;
  /** @throws UsageError `damaged-store` when the record cannot be read; it is left as it is. */
  read(memberId: string): Promise<Installation | undefined>;
  /** Replaces the record atomically: it is durable before this resolves. */
  write(installation: Installation): Promise<void>;
  remove(memberId: string): Promise<void>;
  /**
   * Waits for the lock and resolves with its release. Across processes; a lock whose holder died is recovered.
   * @throws UsageError `locked` when the signal ends the wait
   */
  lock(memberId: string, name: LockName, options?: LockOptions): Promise<() => Promise<void>>;
}
