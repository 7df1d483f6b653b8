/** What stands in a lock file: who holds it and since when, read with suspicion. */
import { open } from 'node:fs/promises';
import type { LockHolder } from '../installation/store.ts';
import { ignore } from './file-system.ts';
import type { ProcessIdentity } from '../records/this-process.ts';

export interface LockRecord extends ProcessIdentity {
  readonly token: string;
  readonly command: string;
  readonly takenAtMs: number;
}

export interface FoundLock {
  /** Undefined when the text makes no sense: the disk filled up, or the machine stopped while it was written. */
  readonly record: LockRecord | undefined;
  readonly touchedAtMs: number;
  /** Another one whenever the file was touched or replaced. */
  readonly state: string;
}

export async function readLock(path: string): Promise<FoundLock | undefined> {
  const file = await open(path, 'r').catch(ignore('ENOENT'));
  if (file === undefined) return undefined;
  try {
    // One handle, so that text and time are those of one and the same file.
    const { dev, ino, mtimeMs, mtimeNs } = await file.stat({ bigint: true });
    return {
      record: parseRecord(await file.readFile('utf8')),
      touchedAtMs: Number(mtimeMs),
      state: [dev, ino, mtimeNs].join(' '),
    };
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

export function describeHolder({ record, touchedAtMs }: FoundLock, nowMs: number): LockHolder {
  if (record === undefined) return { owner: 'an unknown process', ageMs: Math.max(0, nowMs - touchedAtMs) };
  return {
    owner: `${record.command}, process ${record.pid} on ${record.host}`,
    ageMs: Math.max(0, nowMs - record.takenAtMs),
  };
}
