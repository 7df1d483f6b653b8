/**
 * A lock that holds across processes: a file that only one of them can create, with its holder's identity inside.
 *
 * | moment | operation | why nobody else gets in |
 * |---|---|---|
 * | take a free lock | link(2) of a finished private file to the lock's name | fails if the name exists, and the content is whole from the first moment |
 * | stay | write the same bytes again every few seconds | moves the file's time, by the clock of whoever keeps the file |
 * | take over from the dead | under a lock of its own (`….recovery`): judge again, then rename(2) over the lock | two recoverers cannot both find the dead holder, and the name is never free in between |
 * | release | unlink(2) it if it is still the file that is kept open | the living are never judged dead on their own machine |
 *
 * The lock of the recovery is this very lock, so a recoverer that dies is recovered like any other holder.
 * A holder on another machine cannot be asked whether it lives; it loses the lock when its file's time stands still for a minute.
 * A lease cannot do better: a machine that sleeps longer than that may wake up believing it holds the lock.
 */
import { link, rename, unlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lockedBy } from '../installation/locked.ts';
import type { LockOptions } from '../installation/store.ts';
import { ignore } from './file-system.ts';
import { type Candidate, createCandidate, giveUp, releaseOf } from './lock-candidate.ts';
import { describeHolder, type FoundLock, readLock } from './lock-record.ts';
import type { TemporaryFiles } from './temporary-files.ts';
import { livenessOf } from '../records/this-process.ts';

/** What is said of whoever holds a lock, and the clocks and chance that locks go by. */
export interface LockSettings {
  /** What the holder is doing, shown to whoever waits. Default `bitrix-events`. */
  readonly command?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds from any beginning, by a clock that nobody sets. */
  readonly monotonicNow?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** Which lock, for people too, and where those that compete for it prepare their claims. */
export interface Lock {
  readonly path: string;
  readonly what: string;
  readonly temporaryFiles: TemporaryFiles;
}

const silenceMs = 60_000;

/** @throws UsageError `locked` when the signal ends the wait */
export async function acquireLock(
  lock: Lock,
  settings: LockSettings,
  options: LockOptions,
): Promise<() => Promise<void>> {
  const { command = 'bitrix-events', now = Date.now } = settings;
  const candidate = await createCandidate(lock.temporaryFiles, basename(lock.path), { command, takenAtMs: now() });
  try {
    await take(candidate, lock, settings, options);
  } catch (error) {
    await giveUp(candidate);
    throw error;
  }
  // Its first name has served. If it cannot be removed now, it is swept later, and the lock is held all the same.
  await unlink(candidate.path).catch(() => undefined);
  return releaseOf(candidate, lock.path);
}

async function take(candidate: Candidate, lock: Lock, settings: LockSettings, options: LockOptions): Promise<void> {
  const { now = Date.now, random = Math.random, monotonicNow = () => performance.now() } = settings;
  const unchangedMs = stopwatch(monotonicNow);
  let hasWaited = false;
  for (;;) {
    if (await takeFree(candidate, lock.path)) return;
    const found = await readLock(lock.path);
    if (found === undefined) continue;
    if (await isAbandoned(found, candidate, unchangedMs(found.state))) {
      // Judged anew under the lock: while this process came there, another one may have put its own in place of the dead one.
      const isStill = async (again: FoundLock) => isAbandoned(again, candidate, unchangedMs(again.state));
      if (await takeOver(candidate, lock, isStill, settings, options)) return;
      continue;
    }
    const holder = describeHolder(found, now());
    // Before the signal is looked at: whoever gives up at once is told for whom all the same.
    if (!hasWaited) options.onWait?.(holder);
    hasWaited = true;
    if (options.signal?.aborted) throw lockedBy(holder, lock.what, now());
    // The jitter keeps a crowd of waiters from asking in step.
    await delay(40 + random() * 40, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

async function takeFree(candidate: Candidate, path: string): Promise<boolean> {
  try {
    await link(candidate.path, path);
    return true;
  } catch (error) {
    ignore('EEXIST')(error);
    return false;
  }
}

async function takeOver(
  candidate: Candidate,
  lock: Lock,
  isStillAbandoned: (found: FoundLock) => Promise<boolean>,
  settings: LockSettings,
  options: LockOptions,
): Promise<boolean> {
  const recovery = { ...lock, path: `${lock.path}.recovery` };
  const release = await acquireLock(recovery, settings, { signal: options.signal });
  try {
    const found = await readLock(lock.path);
    if (found === undefined || !(await isStillAbandoned(found))) return false;
    await rename(candidate.path, lock.path);
    return true;
  } finally {
    await release();
  }
}

async function isAbandoned(found: FoundLock, candidate: Candidate, unchangedMs: number): Promise<boolean> {
  const liveness = found.record === undefined ? 'elsewhere' : await livenessOf(found.record);
  if (liveness !== 'elsewhere') return liveness === 'dead';
  // A file dated ahead, by a machine whose clock is, would not fall silent for hours by its time.
  if (unchangedMs > silenceMs) return true;
  // Both times come from the file system's clock: two machines need not agree on the hour.
  await candidate.touch();
  const { mtimeMs } = await candidate.file.stat();
  return mtimeMs - found.touchedAtMs > silenceMs;
}

/** For how long what it is shown has been the same. */
function stopwatch(monotonicNow: () => number): (state: string) => number {
  let shown: string | undefined;
  let sinceMs = 0;
  return (state) => {
    const nowMs = monotonicNow();
    if (state !== shown) [shown, sinceMs] = [state, nowMs];
    return nowMs - sinceMs;
  };
}
