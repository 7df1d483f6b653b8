/** A process's claim to a lock: whole on disk under a name of its own before it competes, kept fresh, and given back. */
import { randomUUID } from 'node:crypto';
import { lstat, unlink } from 'node:fs/promises';
import { systemCode, writeWhole } from './file-system.ts';
import { type LockRecord, readLock } from './lock-record.ts';
import { discard, type TemporaryFile, type TemporaryFiles } from './temporary-files.ts';
import { thisProcess } from '../records/this-process.ts';

/** Its file stays open until the lock is given back: nothing that can run out is needed then. */
export interface Candidate extends TemporaryFile {
  readonly token: string;
  /** Writes the same bytes again, which moves the file's time by the clock of whoever keeps the file. */
  touch(): Promise<void>;
  /** No more touching by itself. */
  rest(): void;
}

const heartbeatMs = 10_000;

/** Leaves neither a handle nor a file behind when it fails. */
export async function createCandidate(
  temporaryFiles: TemporaryFiles,
  name: string,
  facts: Pick<LockRecord, 'command' | 'takenAtMs'>,
): Promise<Candidate> {
  const token = randomUUID();
  const record: LockRecord = { token, ...(await thisProcess()), ...facts };
  const bytes = Buffer.from(JSON.stringify(record));
  const temporary = await temporaryFiles.create(name);
  const touch = () => writeWhole(temporary.file, bytes);
  try {
    await touch();
  } catch (error) {
    await discard(temporary);
    throw error;
  }
  // From now on, as one that waits for long would else be taken for abandoned.
  const heartbeat = setInterval(() => void touch().catch(() => undefined), heartbeatMs);
  heartbeat.unref();
  return { ...temporary, token, touch, rest: () => clearInterval(heartbeat) };
}

export async function giveUp(candidate: Candidate): Promise<void> {
  candidate.rest();
  await discard(candidate);
}

const firstPauseMs = 100;
const longestPauseMs = 10_000;

/**
 * The release of the lock at the path, which the candidate has taken. It never throws for what the file system refuses:
 * what failed is tried again in the background until it worked, or the process ends and the lock is that of a dead one.
 */
export function releaseOf(candidate: Candidate, path: string): () => Promise<void> {
  let isReleased = false;
  let attempt: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let pauseMs = firstPauseMs;

  const tryOnce = async (): Promise<void> => {
    try {
      if (await isTakenBy(candidate, path)) await unlink(path);
    } catch (error) {
      if (!(await isGone(candidate, error))) {
        retry = setTimeout(() => void release(), pauseMs).unref();
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
        return;
      }
    }
    isReleased = true;
    await candidate.file.close().catch(() => undefined);
  };
  const release = async (): Promise<void> => {
    if (isReleased) return;
    candidate.rest();
    clearTimeout(retry);
    attempt ??= tryOnce().finally(() => {
      attempt = undefined;
    });
    await attempt;
  };
  return release;
}

/** By the file's number, which takes no descriptor to see and is not given to another one while the candidate is open. */
async function isTakenBy({ file, token }: Candidate, path: string): Promise<boolean> {
  const [ours, there] = [await file.stat({ bigint: true }), await lstat(path, { bigint: true })];
  if (ours.ino === there.ino && ours.dev === there.dev) return true;
  // Somebody took it over; or this file system makes numbers up as it goes, and a lock would never be given back.
  return (await readLock(path))?.record?.token === token;
}

/** Nothing is left to give back. A file that has a name somewhere is only out of reach, as with a disk that is not mounted. */
async function isGone({ file }: Candidate, error: unknown): Promise<boolean> {
  if (systemCode(error) === 'ENOENT') return (await file.stat().catch(() => ({ nlink: 0 }))).nlink === 0;
  // So says a network disk of a file that others removed.
  return systemCode(error) === 'ESTALE';
}
