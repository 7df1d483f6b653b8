/**
 * Locks that hold across processes: session-level advisory locks of the server, which lets go of them when their connection
 * ends, and so of those of processes that died. All locks of a process are on one connection of their own.
 *
 * Nobody waits on that connection, for a statement that waits would hold up every other lock on it: a lock is tried, and tried
 * again. Within the process, those that want the same lock come one after the other, since a session may take its own lock twice.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { lockedBy, lockedThing } from '../installation/locked.ts';
import { checkMemberId } from '../installation/member-id.ts';
import type { LockHolder, LockOptions } from '../installation/store.ts';
import { createTurns } from '../installation/turns.ts';
import type { Database } from './database.ts';
import { inWords, isLost } from './database-errors.ts';
import { type LockConnection, openLockConnection } from './lock-connection.ts';
import type { LockSession, LockSettings } from './locks.ts';
import { holderQuery, releaseStatement, takeStatement, unlockStatement } from './lock-statements.ts';
import { transactionPooler } from './pooler.ts';

interface Taken {
  readonly on: LockConnection;
  /** Tells the connection that it is not needed for this any more. */
  readonly letGo: () => void;
}

/** Somebody who wants a lock, and is told once for whom they wait. */
interface Waiter {
  readonly lock: string;
  readonly what: string;
  readonly signal: AbortSignal | undefined;
  readonly isTold: boolean;
  tell(holder: LockHolder): void;
}

const lossesAtMost = 5;

export interface SessionSettings extends LockSettings {
  /** Who works here, for those who wait. */
  readonly owner: () => Promise<string>;
}

export function openLockSession(database: Database, settings: SessionSettings): LockSession {
  const { owner, silenceMs = 60_000, now = Date.now, random = Math.random } = settings;
  const turnOf = createTurns();
  let connection: Promise<LockConnection> | undefined;

  const connected = (): Promise<LockConnection> => {
    if (connection !== undefined) return connection;
    const forget = (): void => {
      if (connection === opening) connection = undefined;
    };
    const opening = openLockConnection(database, { silenceMs, onEnd: forget }).catch((error: unknown) => {
      forget();
      throw inWords(error, database.server);
    });
    connection = opening;
    return opening;
  };

  const holderOf = async (lock: string): Promise<LockHolder | undefined> => {
    const [row] = await database.query(holderQuery, [lock]);
    return row && { owner: String(row['owner']), ageMs: Number(row['age_ms']) };
  };

  /** @returns whether it is ours now */
  const tryOnce = async (lock: string, on: LockConnection): Promise<boolean> => {
    try {
      const [row] = await on.ask(takeStatement, [lock, await owner()]);
      if (row?.['backend'] === on.backend) return row['taken'] === true;
    } catch (error) {
      // The note of who holds it may have failed, and the lock outlives the statement.
      if (on.isOpen()) await on.ask(unlockStatement, [lock]).catch(() => on.end());
      throw error;
    }
    on.end();
    throw transactionPooler(database.server);
  };

  /** @returns undefined where somebody else holds it */
  const attempt = async (lock: string): Promise<Taken | undefined> => {
    const on = await connected();
    const letGo = on.use();
    let isTaken = false;
    try {
      isTaken = await tryOnce(lock, on);
    } finally {
      if (!isTaken) letGo();
    }
    return isTaken ? { on, letGo } : undefined;
  };

  const take = async (waiter: Waiter): Promise<Taken> => {
    const { lock, signal } = waiter;
    let losses = 0;
    let pauseMs = 25;
    for (;;) {
      try {
        const taken = await attempt(lock);
        if (taken !== undefined) return taken;
      } catch (error) {
        losses += 1;
        if (!isLost(error) || losses > lossesAtMost) throw inWords(error, database.server);
      }
      const holder = waiter.isTold && signal?.aborted !== true ? undefined : await holderOf(lock);
      if (holder !== undefined) {
        waiter.tell(holder);
        if (signal?.aborted === true) throw lockedBy(holder, waiter.what, now());
      }
      // The jitter keeps a crowd of waiters from asking in step.
      await delay(pauseMs * (0.5 + random()), undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(250, pauseMs * 2);
    }
  };

  /** Waits for those of this process that asked before. */
  const comeToTurn = async (before: Promise<void>, waiter: Waiter): Promise<void> => {
    const holder = (await holderOf(waiter.lock)) ?? { owner: 'this process', ageMs: 0 };
    waiter.tell(holder);
    if ((await first(before, waiter.signal)) === 'aborted') throw lockedBy(holder, waiter.what, now());
  };

  const giveBack = async (lock: string, on: LockConnection): Promise<void> => {
    if (!on.isOpen()) return;
    try {
      await on.ask(releaseStatement, [lock]);
    } catch {
      if (on.isOpen()) await on.ask(unlockStatement, [lock]).catch(() => on.end());
    }
  };

  return {
    async acquire(memberId, name, options = {}) {
      checkMemberId(memberId);
      const lock = `${memberId} ${name}`;
      const waiter = waiterFor(lock, lockedThing(memberId, name), options);
      const turn = turnOf(lock);
      try {
        if (turn.before !== undefined) await comeToTurn(turn.before, waiter);
        const { on, letGo } = await take(waiter);
        let released: Promise<void> | undefined;
        const release = async (): Promise<void> => {
          await giveBack(lock, on);
          letGo();
          turn.end();
        };
        return {
          release: () => (released ??= release()),
          async isHeld() {
            if (released !== undefined || !on.isOpen()) return false;
            const rows = await on.ask('SELECT pg_backend_pid() AS backend', []).catch(() => []);
            return rows[0]?.['backend'] === on.backend;
          },
        };
      } catch (error) {
        turn.end();
        throw error;
      }
    },

    async close() {
      const open = await connection?.catch(() => undefined);
      open?.end();
    },
  };
}

function waiterFor(lock: string, what: string, { onWait, signal }: LockOptions): Waiter {
  let isTold = false;
  return {
    lock,
    what,
    signal,
    get isTold() {
      return isTold;
    },
    tell(holder) {
      if (!isTold) onWait?.(holder);
      isTold = true;
    },
  };
}

function first(turn: Promise<void>, signal: AbortSignal | undefined): Promise<'begun' | 'aborted'> {
  const begun = turn.then(() => 'begun' as const);
  if (signal === undefined) return begun;
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted');
    else signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
  return Promise.race([begun, aborted]);
}
