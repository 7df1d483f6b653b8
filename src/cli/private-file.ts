/** Writes files whole or not at all. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { UsageError } from '../core/errors.ts';

/**
 * Replaces a file that holds secrets: only its owner can read it, whatever it was before.
 * @throws UsageError `unwritable-file`
 */
export function writePrivateFile(file: string, text: string): Promise<void> {
  return replaceFile(file, text, 0o600);
}

/**
 * Replaces an ordinary file and keeps its mode.
 * @throws UsageError `unwritable-file`
 */
export async function writeOrdinaryFile(file: string, text: string): Promise<void> {
  const mode = await stat(file).then(
    (stats) => stats.mode & 0o777,
    () => 0o644,
  );
  await replaceFile(file, text, mode);
}

async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(draft, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    const reason = cause instanceof Error && 'code' in cause ? `: ${String(cause.code)}` : '';
    throw new UsageError({
      code: 'unwritable-file',
      message: `cannot write '${file}'${reason}`,
      hint: 'Check the path and its permissions',
      cause,
    });
  }
}
