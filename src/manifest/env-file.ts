/** Reads the optional `.env` beside a manifest. */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseEnv } from 'node:util';
import type { Diagnostic } from '../core/diagnostic.ts';
import { toDiagnostic } from './problem.ts';
import { codeOf, reasonOf } from './read-source.ts';

type EnvFile = { readonly variables: Readonly<Record<string, string | undefined>> } | { readonly problem: Diagnostic };

export async function readEnvFile(directory: string, cwd: string): Promise<EnvFile> {
  const path = join(directory, '.env');
  try {
    return { variables: parseEnv(await readFile(path, 'utf8')) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return { variables: {} };
    const file = relative(cwd, path);
    const facts = {
      severity: 'error',
      code: 'env-file',
      message: `cannot read '${file}': ${reasonOf(error)}`,
    } as const;
    return { problem: toDiagnostic({ ...facts, hint: 'Make it a readable file, or remove it' }, { file }) };
  }
}
