/** A store of installations in memory, for tests: shaped like the stores `connect` takes, and gone with the process. */

/** Whatever record the client keeps of a portal: only its key matters here. */
export interface StoredInstallation {
  readonly memberId: string;
}

export interface MemoryStore<Installation extends StoredInstallation = StoredInstallation> {
  /** Ids of all installations, in the order in which they were first written. */
  memberIds(): AsyncIterable<string>;
  read(memberId: string): Promise<Installation | undefined>;
  write(installation: Installation): Promise<void>;
  remove(memberId: string): Promise<void>;
  /**
   * Waits for its turn and resolves with the release; whoever asked first comes first. Within this process only.
   * @throws the signal's reason when the signal ends the wait
   */
  lock(memberId: string, name: string, options?: MemoryLockOptions): Promise<() => Promise<void>>;
}

export interface MemoryLockOptions {
  /** Told once, when somebody else holds the lock, before the wait begins. */
  readonly onWait?: ((holder: { readonly owner: string; readonly ageMs: number }) => void) | undefined;
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
    async *memberIds() {
      yield* [...records.keys()];
    },
    read: async (memberId) => structuredClone(records.get(memberId)),
    write: async (installation) => void records.set(installation.memberId, structuredClone(installation)),
    remove: async (memberId) => void records.delete(memberId),
    lock: async (memberId, name, options = {}) => {
      options.signal?.throwIfAborted();
      const key = JSON.stringify([memberId, name]);
      const held = locks.get(key);
      if (held === undefined) locks.set(key, { waiting: [], sinceMs: now() });
      else {
        options.onWait?.({ owner: 'this process', ageMs: now() - held.sinceMs });
        options.signal?.throwIfAborted();
        await turn(held, options.signal);
      }
      return releaseOf(locks, key, now);
    },
  };
}

interface Lock {
  /** Who waits, first come first. */
  readonly waiting: (() => void)[];
  sinceMs: number;
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

/** Hands the lock to the next who waits; a second call does nothing. */
function releaseOf(locks: Map<string, Lock>, key: string, now: () => number): () => Promise<void> {
  const lock = locks.get(key);
  let isHeld = true;
  return async () => {
    if (!isHeld || lock === undefined) return;
    isHeld = false;
    const next = lock.waiting.shift();
    if (next === undefined) locks.delete(key);
    else {
      lock.sinceMs = now();
      next();
    }
  };
}
