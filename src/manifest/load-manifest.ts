/** Finds, reads and checks the manifest. */
import { basename, dirname, relative, resolve } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { ManifestError } from '../core/errors.ts';
import type { Manifest } from '../core/manifest.ts';
import { digest } from '../reconcile/platform.ts';
import { readEnvFile } from './env-file.ts';
import type { Inspection, LoadOptions } from './load-options.ts';
import { findManifest, manifestProperty } from './find-manifest.ts';
import { type ParseOptions, parseManifest } from './parse-manifest.ts';
import { readFileSource, type Source, textOf } from './read-source.ts';

/**
 * The manifest, found, read and checked.
 *
 * @throws ManifestError `invalid-manifest`, with every problem found.
 * @throws UsageError `no-manifest`, `unreadable-manifest`.
 */
export async function loadManifest(options: LoadOptions): Promise<Manifest> {
  const { manifest, diagnostics } = await inspectManifest(options);
  if (manifest === undefined) throw new ManifestError(diagnostics);
  return manifest;
}

/**
 * The manifest and everything there is to say about it; never throws for what is in the file.
 *
 * @throws UsageError `no-manifest`, `unreadable-manifest`.
 */
export async function inspectManifest(options: LoadOptions): Promise<Inspection> {
  const opened = await openManifest(options);
  if ('problem' in opened) return { diagnostics: [opened.problem], file: opened.file };
  return { ...parseManifest(opened.text, opened.parseOptions), file: opened.file };
}

export type OpenedManifest =
  | {
      /** Absolute; undefined for standard input. */
      readonly path: string | undefined;
      readonly file: string;
      readonly text: string;
      readonly parseOptions: ParseOptions;
    }
  | { readonly problem: Diagnostic; readonly file: string };

/**
 * The text of the manifest, found and read but not looked at, with all that is needed to judge or to update it.
 *
 * @throws UsageError `no-manifest`, `unreadable-manifest`.
 */
export async function openManifest(options: LoadOptions): Promise<OpenedManifest> {
  const { path, file } = await locate(options);
  const source = path === undefined ? await readStdin(options.stdin, file) : await readFileSource(path, file);
  if ('problem' in source) return { problem: source.problem, file };
  const envFile = await readEnvFile(path === undefined ? options.cwd : dirname(path), options.cwd);
  if ('problem' in envFile) return { problem: envFile.problem, file };
  const { environment, env, allowMissingEnv } = options;
  return {
    path,
    file,
    text: source.text,
    parseOptions: {
      file,
      property: path !== undefined && basename(path) === 'package.json' ? manifestProperty : undefined,
      environment,
      env: { ...envFile.variables, ...definedIn(env) },
      allowMissingEnv,
      digest,
    },
  };
}

async function locate({
  file,
  cwd,
}: LoadOptions): Promise<{ readonly path: string | undefined; readonly file: string }> {
  if (file === '-') return { path: undefined, file: '<stdin>' };
  if (file !== undefined) return { path: resolve(cwd, file), file };
  const path = await findManifest(cwd);
  return { path, file: relative(cwd, path) };
}

async function readStdin(stdin: LoadOptions['stdin'], file: string): Promise<Source> {
  return textOf(typeof stdin === 'function' ? await stdin() : new TextEncoder().encode(stdin ?? ''), file);
}

function definedIn(env: LoadOptions['env']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
