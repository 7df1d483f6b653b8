/** Files that are not finished yet, in a folder of their own: what a killed process left there is found without listing the store. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ignore, makePrivateDirectory, writeWhole } from './file-system.ts';

export interface TemporaryFile {
  readonly path: string;
  readonly file: FileHandle;
}

export interface TemporaryFiles {
  /** A new, empty, private file; the store's directory is made where there is none. Whoever asks for it closes and removes it. */
  create(name: string): Promise<TemporaryFile>;
}

/** A file that nobody has touched for so long was left by a process that died over it. It may hold tokens. */
const abandonedAfterMs = 10 * 60_000;

const sweepEveryMs = 60_000;

/**
 * Versions up to 0.1.0 kept them among the records: half-written records, and the claims of those that wait for a lock,
 * which are not touched while they wait and hold no token.
 */
const leftovers: readonly (readonly [name: RegExp, abandonedAfterMs: number])[] = [
  [/^[A-Za-z0-9_-]{1,64}\.json\.[0-9a-f-]+\.tmp$/, abandonedAfterMs],
  [/^[A-Za-z0-9_-]{1,64}\.(apply|tokens)\.lock(\.recovery)*\.[0-9a-f-]+\.tmp$/, 24 * 60 * 60_000],
];

/** @param monotonicNow milliseconds, from any beginning */
export function temporaryFilesIn(directory: string, monotonicNow: () => number): TemporaryFiles {
  const folder = join(directory, '.tmp');
  const openNew = (path: string) => open(path, 'wx', 0o600);
  let sweptAtMs = Number.NEGATIVE_INFINITY;
  return {
    async create(name) {
      const path = join(folder, `${name}.${randomUUID()}`);
      const file = await openNew(path).catch(async (error: unknown) => {
        ignore('ENOENT', 'ENOTDIR')(error);
        await makePrivateDirectory(directory);
        await mkdir(folder, { recursive: true, mode: 0o700 });
        return openNew(path);
      });
      if (monotonicNow() - sweptAtMs >= sweepEveryMs) {
        sweptAtMs = monotonicNow();
        await sweep(folder, file).catch(() => undefined);
      }
      return { path, file };
    },
  };
}

/** Closes and removes it, whatever the file system says: what stays is swept later. */
export async function discard({ path, file }: TemporaryFile): Promise<void> {
  await file.close().catch(() => undefined);
  await unlink(path).catch(() => undefined);
}

/**
 * Replaces the file so that a reader, or a crash at any moment, finds either the old text or the new one. The new one is what
 * survives a power cut once the directory is synced too.
 */
export async function replaceFile(path: string, text: string, temporaryFiles: TemporaryFiles): Promise<void> {
  try {
    await replaceOnce(path, text, temporaryFiles);
  } catch (error) {
    // A process that was stopped for long in the middle of this finds its file swept. What it holds must not be lost.
    ignore('ENOENT')(error);
    await replaceOnce(path, text, temporaryFiles);
  }
}

async function replaceOnce(path: string, text: string, temporaryFiles: TemporaryFiles): Promise<void> {
  const temporary = await temporaryFiles.create(basename(path));
  try {
    await writeWhole(temporary.file, Buffer.from(text));
    await temporary.file.sync();
    await temporary.file.close();
    await rename(temporary.path, path);
  } catch (error) {
    await discard(temporary);
    throw error;
  }
}

/** The age is that by the clock of whoever keeps the files, which has just dated this one: machines need not agree on the hour. */
async function sweep(folder: string, justMade: FileHandle): Promise<void> {
  const { mtimeMs: nowMs } = await justMade.stat();
  await removeOlder(folder, await readdir(folder), nowMs - abandonedAfterMs);
}

/** Removes what older versions left, from a list of names that was made for another reason. */
export async function sweepLeftovers(directory: string, names: readonly string[], nowMs: number): Promise<void> {
  const temporary = names.filter((name) => name.endsWith('.tmp'));
  for (const [pattern, ageMs] of leftovers) {
    const left = temporary.filter((name) => pattern.test(name));
    await removeOlder(directory, left, nowMs - ageMs).catch(() => undefined);
  }
}

async function removeOlder(folder: string, names: readonly string[], thanMs: number): Promise<void> {
  for (const name of names) {
    const path = join(folder, name);
    const facts = await stat(path).catch(ignore('ENOENT'));
    if (facts !== undefined && facts.mtimeMs < thanMs) await unlink(path).catch(ignore('ENOENT'));
  }
}
