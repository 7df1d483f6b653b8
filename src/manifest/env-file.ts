/** Reads the optional `.env` of a project folder. */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseEnv } from 'node:util';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import { toDiagnostic } from './problem.ts';
import { codeOf, placeOfBadByte, reasonOf } from './read-source.ts';

type EnvFile = { readonly variables: Readonly<Record<string, string | undefined>> } | { readonly problem: Diagnostic };

/** A byte order mark at its beginning is none of a name. A line that means nothing is a problem: its variable would be missing. */
export async function readEnvFile(directory: string, cwd: string): Promise<EnvFile> {
  const path = join(directory, '.env');
  const file = relative(cwd, path);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return { variables: {} };
    return problem({ file }, `cannot read '${file}': ${reasonOf(error)}`, 'Make it a readable file, or remove it');
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return problem(placeOfBadByte(bytes, file), `'${file}' is not UTF-8`, 'Save it as UTF-8');
  }
  const stray = strayLine(text);
  if (stray !== undefined) {
    const hint = 'Write NAME=value, or # before what is not meant as a variable';
    return problem({ file, line: stray, column: 1 }, `this line of '${file}' sets nothing`, hint);
  }
  return { variables: parseEnv(text) };
}

const assignment = /^\s*(?:export\s+)?[A-Za-z_][\w.-]*\s*=\s*(.*)$/;

/** The number of the first line that is neither an assignment, nor inside a quoted value, nor a comment, nor empty. */
function strayLine(text: string): number | undefined {
  const lines = text.split(/\r\n|\n|\r/);
  let quote: string | undefined;
  for (const [index, line] of lines.entries()) {
    if (quote !== undefined) {
      if (line.includes(quote)) quote = undefined;
      continue;
    }
    if (/^\s*(#|$)/.test(line)) continue;
    const value = assignment.exec(line)?.[1];
    if (value === undefined) return index + 1;
    const opening = /^(["'`])/.exec(value)?.[1];
    const isOpen = opening !== undefined && !value.slice(1).includes(opening);
    // A quote that is never closed is a part of the value, as an apostrophe is.
    if (isOpen && lines.slice(index + 1).some((later) => later.includes(opening))) quote = opening;
  }
  return undefined;
}

function problem(position: Position, message: string, hint: string): EnvFile {
  return { problem: toDiagnostic({ severity: 'error', code: 'env-file', message, hint }, position) };
}
