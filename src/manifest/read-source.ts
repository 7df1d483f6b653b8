/** Reads the bytes of a manifest, within limits, and makes text of them. */
import { type FileHandle, open, readlink } from 'node:fs/promises';
import type { Code } from '../core/codes.ts';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import { UsageError } from '../core/errors.ts';
import { toDiagnostic } from './problem.ts';

const maxBytes = 1024 * 1024;

export type Source = { readonly text: string } | { readonly problem: Diagnostic };

/**
 * @param path - Where the file is; `shownAs` is how diagnostics name it.
 * @throws UsageError `unreadable-manifest`.
 */
export async function readFileSource(path: string, shownAs: string): Promise<Source> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const stats = await handle.stat();
    if (stats.isDirectory()) return isDirectory(shownAs);
    return textOf(await readUpTo(handle, maxBytes + 1), shownAs);
  } catch (error) {
    if (codeOf(error) === 'EISDIR') return isDirectory(shownAs);
    const target = await readlink(path).catch(() => undefined);
    const reason = target === undefined ? reasonOf(error) : `it is a link to '${target}', and ${reasonOf(error)}`;
    throw new UsageError({
      code: 'unreadable-manifest',
      message: `cannot read '${shownAs}': ${reason}`,
      hint: 'Check the path and its permissions',
      cause: error,
    });
  } finally {
    await handle?.close();
  }
}

/** Makes text of bytes; a byte order mark stays, for whoever writes the text back. */
export function textOf(bytes: Uint8Array, file: string): Source {
  if (bytes.length > maxBytes) {
    return problem('too-large', 'the manifest is larger than 1 MiB', { file }, 'Split it into several manifests');
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return problem('not-utf8', 'the manifest is UTF-16, not UTF-8', { file, line: 1, column: 1 }, 'Save it as UTF-8');
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    const hint = 'Name a YAML or JSON text file';
    return problem('binary-file', 'the file holds a NUL character', placeOfByte(bytes, nul, file), hint);
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return problem('not-utf8', 'the manifest is not UTF-8', placeOfBadByte(bytes, file), 'Save it as UTF-8');
  }
}

/** A pipe has no size, so what counts is what comes out of it. */
async function readUpTo(handle: FileHandle, limit: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(limit);
  let length = 0;
  while (length < limit) {
    const { bytesRead } = await handle.read(buffer, length, limit - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function placeOfByte(bytes: Uint8Array, offset: number, file: string): Position {
  const before = new TextDecoder().decode(bytes.subarray(0, offset));
  return { file, line: before.split('\n').length, column: before.length - before.lastIndexOf('\n') };
}

/** Decoding marks what it cannot read with U+FFFD; the first line that is not UTF-8 by itself has the mark that counts. */
export function placeOfBadByte(bytes: Uint8Array, file: string): Position {
  const strict = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    const part = bytes.subarray(start, end);
    try {
      strict.decode(part);
    } catch {
      return { file, line, column: new TextDecoder().decode(part).indexOf('\u{fffd}') + 1 };
    }
    start = end + 1;
  }
  return { file, line: 1, column: 1 };
}

function isDirectory(file: string): Source {
  return problem('is-directory', `'${file}' is a directory`, { file }, 'Name the file in it');
}

function problem(code: Code, message: string, position: Position, hint: string): Source {
  return { problem: toDiagnostic({ severity: 'error', code, message, hint }, position) };
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission',
  ENOTDIR: 'a part of its path is no directory',
};

export function reasonOf(error: unknown): string {
  return reasons[codeOf(error) ?? ''] ?? (error instanceof Error ? error.message : String(error));
}
