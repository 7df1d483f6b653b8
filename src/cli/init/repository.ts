/** The git repository around a folder, and what it ignores. */
import { access, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** The nearest folder upward with a `.git` in it; undefined outside of any repository. */
export async function repositoryOf(folder: string): Promise<string | undefined> {
  if (await isThere(join(folder, '.git'))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : repositoryOf(parent);
}

/** What holds tokens, each with the lines by which it may be ignored already. */
const secrets = [
  { line: '.bitrix-events/', pattern: /^\/?(\*\*\/)?\.bitrix-events(\/|\/\*)?$/ },
  { line: '.env', pattern: /^\/?(\*\*\/)?(\*?\.env|\.env\*|\*\.env)$/ },
] as const;

/** The lines that neither the folder's `.gitignore` nor one above it in the repository has. */
export async function missingIgnores(folder: string, repository: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let place = folder; ; place = dirname(place)) {
    const text = await readFile(join(place, '.gitignore'), 'utf8').catch(() => '');
    lines.push(...text.split(/\r?\n/).map((line) => line.trim()));
    if (place === repository || place === dirname(place)) break;
  }
  return secrets.filter(({ pattern }) => !lines.some((line) => pattern.test(line))).map(({ line }) => line);
}

/** A path in the repository as pipelines write it. */
export function pathIn(repository: string, path: string): string {
  return relative(repository, path).split(sep).join('/');
}

export function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
