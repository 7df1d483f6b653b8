/**
 * A lock that holds across processes: a file that only one of them can create, with its holder's identity inside.
 *
 * | moment | operation | why nobody else gets in |
 * |---|---|---|
 * | take a free lock | link(2) of a finished private file to the lock's name | fails if the name exists, and the content is whole from the first moment |
 * | stay | write the same bytes again every few seconds | moves the file's time, by the clock of whoever keeps the file |
 * | take over from the dead | under a lock of its own (`….recovery`): judge again, then rename(2) over the lock | two recoverers cannot both find the dead holder, and the name is never free in between |
 * | release | remove it if it is still ours | the living are never judged dead on their own machine |
 *
 * The lock of the recovery is this very lock, so a recoverer that dies is recovered like any other holder.
 * A holder on another machine cannot be asked whether it lives; it loses the lock when its file's time stands still for a minute.
 * A lease cannot do better: a machine that sleeps longer than that may wake up believing it holds the lock.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { UsageError } from '../core/errors.ts';
import type { LockHolder, LockOptions } from '../installation/store.ts';
import { ignore } from './file-system.ts';
import { livenessOf, type ProcessIdentity, thisProcess } from './this-process.ts';

export interface LockSettings {
  /** What the holder is doing, shown to whoever waits. Default `bitrix-events`. */
  readonly command?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

type Release = () => Promise<void>;

interface LockRecord extends ProcessIdentity {
  readonly token: string;
  readonly command: string;
  readonly takenAtMs: number;
}

interface FoundLock {
  /** Undefined when the text makes no sense: the disk filled up, or the machine stopped while it was written. */
  readonly record: LockRecord | undefined;
  readonly touchedAtMs: number;
}

const heartbeatMs = 10_000;
const silenceMs = 60_000;

export async function acquireLock(
  path: string,
  what: string,
  settings: LockSettings,
  options: LockOptions,
): Promise<Release> {
  const { now = Date.now, random = Math.random } = settings;
  const candidate = await createCandidate(path, settings);
  let hasWaited = false;
  try {
    for (;;) {
      if (await takeFree(candidate, path)) return hold(candidate, path);
      const found = await readLock(path);
      if (found === undefined) continue;
      if (await isAbandoned(found, candidate)) {
        if (await takeOver(candidate, path, what, settings, options)) return hold(candidate, path);
        continue;
      }
      const holder = describe(found, now());
      if (options.signal?.aborted) throw locked(what, holder, now());
      if (!hasWaited) options.onWait?.(holder);
      hasWaited = true;
      // The jitter keeps a crowd of waiters from asking in step.
      await delay(40 + random() * 40, undefined, { signal: options.signal }).catch(() => undefined);
    }
  } catch (error) {
    await candidate.file.close();
    throw error;
  } finally {
    await rm(candidate.path, { force: true });
  }
}

/** This process's claim, whole on disk under a name of its own before it competes. */
interface Candidate {
  readonly path: string;
  readonly token: string;
  readonly text: string;
  readonly file: FileHandle;
}

async function createCandidate(path: string, settings: LockSettings): Promise<Candidate> {
  const token = randomUUID();
  const record: LockRecord = {
    token,
    ...(await thisProcess()),
    command: settings.command ?? 'bitrix-events',
    takenAtMs: (settings.now ?? Date.now)(),
  };
  const text = JSON.stringify(record);
  const candidatePath = `${path}.${token}.tmp`;
  const file = await open(candidatePath, 'wx', 0o600);
  const candidate = { path: candidatePath, token, text, file };
  await touch(candidate);
  return candidate;
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
  path: string,
  what: string,
  settings: LockSettings,
  options: LockOptions,
): Promise<boolean> {
  const release = await acquireLock(`${path}.recovery`, what, settings, { signal: options.signal });
  try {
    // Judged anew: while this process came here, another recoverer may have put its own lock in place of the dead one.
    const found = await readLock(path);
    if (found === undefined || !(await isAbandoned(found, candidate))) return false;
    await rename(candidate.path, path);
    return true;
  } finally {
    await release();
  }
}

function hold(candidate: Candidate, path: string): Release {
  const heartbeat = setInterval(() => {
    touch(candidate).catch(() => undefined);
  }, heartbeatMs);
  heartbeat.unref();
  let released: Promise<void> | undefined;
  return () => {
    released ??= (async () => {
      clearInterval(heartbeat);
      await candidate.file.close();
      const found = await readLock(path);
      if (found?.record?.token === candidate.token) await rm(path, { force: true });
    })();
    return released;
  };
}

async function isAbandoned(found: FoundLock, candidate: Candidate): Promise<boolean> {
  const liveness = found.record === undefined ? 'elsewhere' : await livenessOf(found.record);
  if (liveness !== 'elsewhere') return liveness === 'dead';
  // Both times come from the file system's clock: two machines need not agree on the hour.
  await touch(candidate);
  const { mtimeMs } = await candidate.file.stat();
  return mtimeMs - found.touchedAtMs > silenceMs;
}

async function touch({ file, text }: Candidate): Promise<void> {
  await file.write(text, 0);
}

async function readLock(path: string): Promise<FoundLock | undefined> {
  const file = await open(path, 'r').catch(ignore('ENOENT'));
  if (file === undefined) return undefined;
  try {
    // One handle, so that text and time are those of one and the same file.
    const { mtimeMs } = await file.stat();
    return { record: parseRecord(await file.readFile('utf8')), touchedAtMs: mtimeMs };
  } finally {
    await file.close();
  }
}

function parseRecord(text: string): LockRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<LockRecord> | null;
    const { token, pid, host, idSpace, started, command, takenAtMs } = record ?? {};
    if (typeof token !== 'string' || typeof pid !== 'number' || typeof host !== 'string') return undefined;
    return {
      token,
      pid,
      host,
      idSpace: idSpace ?? '',
      started: started ?? '',
      command: command ?? '',
      takenAtMs: takenAtMs ?? 0,
    };
  } catch {
    return undefined;
  }
}

function describe({ record, touchedAtMs }: FoundLock, nowMs: number): LockHolder {
  if (record === undefined) return { owner: 'an unknown process', ageMs: Math.max(0, nowMs - touchedAtMs) };
  return {
    owner: `${record.command}, process ${record.pid} on ${record.host}`,
    ageMs: Math.max(0, nowMs - record.takenAtMs),
  };
}

function locked(what: string, { owner, ageMs }: LockHolder, nowMs: number): UsageError {
  const since = new Date(nowMs - ageMs).toISOString();
  return new UsageError({
    code: 'locked',
    message: `${what} is locked by ${owner}, since ${since} (${Math.round(ageMs / 1000)} s)`,
    hint: 'Wait until it has finished, or give this run more time with --timeout',
  });
}
