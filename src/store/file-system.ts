/** The few file operations of the store: a private directory, a file replaced as a whole, failures in the user's words. */
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../core/errors.ts';

/** A temporary file older than this was left by a process that died while it wrote. */
const abandonedAfterMs = 10 * 60_000;

const ourNames = /^[A-Za-z0-9_-]{1,64}\.(json|apply|tokens)\b/;

/** Makes the directory, readable by its owner only, and keeps it out of git. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const gitignore = join(directory, '.gitignore');
  if ((await stat(gitignore).catch(ignore('ENOENT'))) !== undefined) return;
  // Somebody may have named a directory with files of their own, and those must not vanish from git.
  const isOurs = (await readdir(directory)).every((name) => ourNames.test(name));
  if (isOurs) await writeFile(gitignore, '*\n', { mode: 0o600, flag: 'wx' }).catch(ignore('EEXIST'));
}

/**
 * Replaces the file so that a reader, or a crash at any moment, finds either the old text or the new one.
 * The directory is synced too: a rename that is only in memory would bring a spent refresh token back after a power cut.
 */
export async function replaceFile(path: string, text: string, unique: string): Promise<void> {
  const temporary = `${path}.${unique}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Removes what a killed process left of an unfinished `replaceFile`: it may hold tokens. */
export async function removeAbandoned(path: string, nowMs: number): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue;
    const file = join(dirname(path), name);
    const facts = await stat(file).catch(ignore('ENOENT'));
    if (facts !== undefined && nowMs - facts.mtimeMs > abandonedAfterMs) await rm(file, { force: true });
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

/** Runs an operation on the store; what the file system refuses becomes an error for people. */
export async function inStore<Value>(directory: string, operation: () => Promise<Value>): Promise<Value> {
  try {
    return await operation();
  } catch (error) {
    const code = systemCode(error);
    if (!/^E[A-Z]+$/.test(code)) throw error;
    throw new UsageError({
      code: 'unusable-store',
      message: `the store '${directory}' cannot be used: ${code}`,
      hint: 'The store is a directory that this user may write to; --store or BITRIX_EVENTS_STORE names another',
      cause: error,
    });
  }
}
