/** Where a project is: its manifest, its folder, and the variables that hold there. */
import { dirname, relative, resolve } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { readEnvFile } from './env-file.ts';
import { findManifest } from './find-manifest.ts';

export interface ProjectOptions {
  /** The manifest's file, against `cwd`; `-` for standard input; absent: searched for from `cwd` upward. */
  readonly file?: string | undefined;
  /** An absolute path. */
  readonly cwd: string;
  /** What is really set. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A project as it was found: whoever looked around once need not do so again. */
export interface Project {
  /** The folder of the manifest. Without one: the folder where the search finds one, else the working directory. */
  readonly folder: string;
  /** Undefined where none was named and none is found. */
  readonly manifest: ManifestPlace | undefined;
  /** What is really set, over what the `.env` in the folder says. */
  readonly variables: Readonly<Record<string, string>>;
  /** Why that `.env` cannot be relied on. */
  readonly problem: Diagnostic | undefined;
}

/** Where a project's manifest is. */
export interface ManifestPlace {
  /** Absolute; undefined for standard input. */
  readonly path: string | undefined;
  /** As messages name it: against the working directory, or `<stdin>`. */
  readonly file: string;
  /** Names of other files beside it that could be the manifest, where it was searched for. */
  readonly others: readonly string[];
}

/** Looks around once. */
export async function findProject({ file, cwd, env }: ProjectOptions): Promise<Project> {
  const isNamed = file !== undefined && file !== '-';
  const found = isNamed ? undefined : await findManifest(cwd);
  const path = isNamed ? resolve(cwd, file) : found?.path;
  const folder = path === undefined ? resolve(cwd) : dirname(path);
  const envFile = await readEnvFile(folder, cwd);
  const inFile = 'problem' in envFile ? {} : envFile.variables;
  return {
    folder,
    manifest: placeOf(file, path, cwd, found?.others),
    variables: defined({ ...inFile, ...defined(env) }),
    problem: 'problem' in envFile ? envFile.problem : undefined,
  };
}

function placeOf(
  file: string | undefined,
  path: string | undefined,
  cwd: string,
  others: readonly string[] = [],
): ManifestPlace | undefined {
  if (file === '-') return { path: undefined, file: '<stdin>', others: [] };
  if (path === undefined) return undefined;
  return { path, file: file ?? relative(cwd, path), others };
}

function defined(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
