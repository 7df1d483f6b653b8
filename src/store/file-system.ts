/** The few file operations of the store: a private directory, text written as a whole, failures in the user's words. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../core/errors.ts';

const ourNames = /^[A-Za-z0-9_-]{1,64}\.(json|apply|tokens)\b|^\.(tmp|index)$/;

/** Makes the directory, readable by its owner only, and keeps it out of git. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const gitignore = join(directory, '.gitignore');
  if ((await stat(gitignore).catch(ignore('ENOENT'))) !== undefined) return;
  // Somebody may have named a directory with files of their own, and those must not vanish from git.
  const isOurs = (await readdir(directory)).every((name) => ourNames.test(name));
  if (!isOurs) return;
  try {
    await writeFile(gitignore, '*\n', { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return;
    // On a full disk an empty file was made: it would pass for the real one for ever.
    await unlink(gitignore).catch(() => undefined);
    throw error;
  }
}

/** Writes all of it over the beginning of the file. On a disk that is filling up, one write may take only a part. */
export async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, done)).bytesWritten;
  }
}

/**
 * A record's text and its mode; undefined when there is none. Not by a promise: a kilobyte is read in less time than it takes to
 * hand each of four steps to a thread and back, and a sweep reads thousands.
 */
export function readRecord(file: string): { readonly text: string; readonly mode: number } | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    return ignore('ENOENT')(error);
  }
  try {
    return { mode: fstatSync(descriptor).mode, text: readFileSync(descriptor, 'utf8') };
  } finally {
    closeSync(descriptor);
  }
}

export async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open a directory, and its file systems log renames themselves.
  const handle = await open(directory, 'r').catch(ignore('EISDIR', 'EPERM', 'EACCES'));
  if (handle === undefined) return;
  try {
    await handle.sync();
  } catch (error) {
    ignore('EINVAL', 'EPERM')(error);
  } finally {
    await handle.close();
  }
}

/** A handler for `catch` that puts up with the named system errors. */
export function ignore(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(systemCode(error))) throw error;
    return undefined;
  };
}

export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether the file system refused, which is no bug of ours. */
export function isRefused(error: unknown): boolean {
  return /^E[A-Z0-9]+$/.test(systemCode(error));
}

/** Runs an operation on the store; what the file system refuses becomes an error for people. */
export async function inStore<Value>(directory: string, operation: () => Promise<Value>): Promise<Value> {
  try {
    return await operation();
  } catch (error) {
    if (!isRefused(error)) throw error;
    throw new UsageError({
      code: 'unusable-store',
      message: `the store '${directory}' cannot be used: ${systemCode(error)}`,
      hint: 'The store is a directory that this user may write to; --store or BITRIX_EVENTS_STORE names another',
      cause: error,
    });
  }
}
