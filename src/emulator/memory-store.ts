/** A store of installations in memory, for tests: shaped like the stores `connect` takes, and gone with the process. */

/** Whatever record the client keeps of a portal: only its key matters here. */
export interface StoredInstallation {
  /** `member_id` of the portal: the key of the record. */
  readonly memberId: string;
}

/** Where installations are kept, as the library takes one: in memory, for tests. */
export interface MemoryStore<Installation extends StoredInstallation = StoredInstallation> {
  /** Ids of all installations, in the order in which they were first written. */
  memberIds(): AsyncIterable<string>;
  /** A copy of the record; undefined when there is none. */
  read(memberId: string): Promise<Installation | undefined>;
  /** Replaces the record as a whole, by a copy. */
  write(installation: Installation): Promise<void>;
  /** Forgets the record; one that does not exist is no error. */
  remove(memberId: string): Promise<void>;
  /**
   * Waits for its turn and resolves with the release; whoever asked first comes first. Within this process only.
   * @throws the signal's reason when the signal ends the wait
   */
  lock(memberId: string, name: string, options?: MemoryLockOptions): Promise<() => Promise<void>>;
}

/** How to wait for a lock. */
export interface MemoryLockOptions {
  /** Told once, when somebody else holds the lock, before the wait begins. */
  readonly onWait?: ((holder: { readonly owner: string; readonly ageMs: number }) => void) | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/** Records are copied on the way in and out: what a caller changes later is not stored. */
export function memoryStore<Installation extends StoredInstallation>(
  installations: readonly Installation[] = [],
  now: () => number = Date.now,
): MemoryStore<Installation> {
  const records = new Map(installations.map((one) => [one.memberId, structuredClone(one)]));
  const locks = new Map<string, Lock>();
  return {
    // oxlint-disable-next-line typescript/require-await -- an AsyncIterable by its interface
    async *memberIds() {
      yield* Array.from(records.keys());
    },
    read: (memberId) => Promise.resolve(structuredClone(records.get(memberId))),
    write(installation) {
      records.set(installation.memberId, structuredClone(installation));
      return Promise.resolve();
    },
    remove(memberId) {
      records.delete(memberId);
      return Promise.resolve();
    },
    async lock(memberId, name, options = {}) {
      const { signal, onWait } = options;
      signal?.throwIfAborted();
      const key = JSON.stringify([memberId, name]);
      const lock = locks.get(key) ?? { waiting: [], sinceMs: undefined };
      locks.set(key, lock);
      if (lock.sinceMs !== undefined) {
        onWait?.({ owner: 'this process', ageMs: now() - lock.sinceMs });
        signal?.throwIfAborted();
        await turn(lock, signal);
      }
      lock.sinceMs = now();
      return once(() => {
        const next = lock.waiting.shift();
        if (next === undefined) locks.delete(key);
        else next();
      });
    },
  };
}

interface Lock {
  /** Who waits, first come first. */
  readonly waiting: (() => void)[];
  /** Since when it is held; undefined until it first is. */
  sinceMs: number | undefined;
}

function turn({ waiting }: Lock, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (): void => {
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    const leave = (): void => {
      waiting.splice(waiting.indexOf(give), 1);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('The wait for the lock was ended'));
    };
    signal?.addEventListener('abort', leave, { once: true });
    waiting.push(give);
  });
}

/** A release that does nothing when it is called again. */
function once(release: () => void): () => Promise<void> {
  let isHeld = true;
  return () => {
    if (isHeld) release();
    isHeld = false;
    return Promise.resolve();
  };
}
