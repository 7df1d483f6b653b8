/** Writes text to a path somebody named: whole or not at all where that can be, and keeping what is there. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { ignore, isRefused, systemCode } from '../store/file-system.ts';

type Facts = Awaited<ReturnType<typeof stat>>;

/**
 * Symbolic links are followed, owner and mode of an existing file are kept. What is no regular file (a pipe, a device,
 * `/dev/stdout`) is written into and never replaced.
 * @param path absolute
 * @param newMode of a file that does not exist yet, before the umask; 0o600 for what holds secrets
 * @throws UsageError `unwritable-file`
 */
export async function writeFileAt(path: string, text: string, newMode = 0o644): Promise<void> {
  await writing(path, async () => {
    const facts = await stat(path).catch(ignore('ENOENT'));
    const way = await linksFrom(path);
    if (facts === undefined) await replace(way.at(-1) ?? path, text, { mode: newMode });
    else if (isStream(way, facts)) await writeInto(path, text, constants.O_APPEND);
    else await replaceKeeping(await realpath(path), text, facts);
  });
}

/**
 * Does what writes a file, and says in words what the system refuses of it.
 * @throws UsageError `unwritable-file`
 */
export async function writing<Value>(path: string, write: () => Promise<Value>): Promise<Value> {
  try {
    return await write();
  } catch (cause) {
    if (!isRefused(cause)) throw cause;
    throw new UsageError({
      code: 'unwritable-file',
      message: `cannot write '${path}': ${systemCode(cause)}`,
      hint: 'Check the path and its permissions',
      cause,
    });
  }
}

/** `/dev/stdout` is a regular file when stdout was redirected into one, and what stands in it must stay. */
function isStream(way: readonly string[], facts: Facts): boolean {
  return !(facts.isFile() || facts.isDirectory()) || way.some((path) => /^\/(?:dev|proc)\//.test(path));
}

/** The path and where it leads, link by link; the last one may not exist yet. */
async function linksFrom(path: string, most = 40): Promise<readonly string[]> {
  const target = await readlink(path).catch(ignore('ENOENT', 'EINVAL'));
  return target === undefined || most === 0
    ? [path]
    : [path, ...(await linksFrom(resolve(dirname(path), target), most - 1))];
}

/** Where nothing can be put in its place, such as in a folder of somebody else's, the file itself is written over. */
async function replaceKeeping(path: string, text: string, facts: Facts): Promise<void> {
  try {
    await replace(path, text, { mode: Number(facts.mode) & 0o7777, facts });
  } catch (error) {
    ignore('EACCES', 'EPERM', 'EBUSY', 'EROFS')(error);
    await writeInto(path, text, constants.O_TRUNC);
  }
}

async function writeInto(path: string, text: string, flag: number): Promise<void> {
  const file = await open(path, constants.O_WRONLY | flag);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

async function replace(
  path: string,
  text: string,
  { mode, facts }: { readonly mode: number; readonly facts?: Facts },
): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  const file = await open(draft, 'wx', mode);
  try {
    try {
      if (facts !== undefined) await resemble(file, mode, facts);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Owner first: giving a file away takes bits of its mode. */
async function resemble(file: FileHandle, mode: number, { uid, gid }: Facts): Promise<void> {
  const own = await file.stat();
  if (own.uid !== uid || own.gid !== gid) await file.chown(Number(uid), Number(gid));
  await file.chmod(mode);
}
