/** Opens the manifest: its text, and all that is needed to judge or to update it. */
import { basename } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { digest } from '../reconcile/platform.ts';
import { manifestProperty, noManifest } from './find-manifest.ts';
import type { LoadOptions } from './load-options.ts';
import type { ParseOptions } from './parse-manifest.ts';
import { toDiagnostic } from './problem.ts';
import { findProject, type Project } from './project.ts';
import { readFileSource, type Source, textOf } from './read-source.ts';

export type OpenedManifest =
  | {
      /** Absolute; undefined for standard input. */
      readonly path: string | undefined;
      readonly file: string;
      readonly text: string;
      readonly parseOptions: ParseOptions;
      /** About where it was found. */
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly problem: Diagnostic; readonly file: string };

/**
 * The text of the manifest, found and read but not looked at.
 *
 * @throws UsageError `no-manifest`, `unreadable-manifest`.
 */
export async function openManifest(options: LoadOptions, known?: Project): Promise<OpenedManifest> {
  const { manifest, variables, problem } = known ?? (await findProject(options));
  if (manifest === undefined) throw noManifest(options.cwd);
  const { path, file, others } = manifest;
  const source = path === undefined ? await readStdin(options.stdin, file) : await readFileSource(path, file);
  if ('problem' in source) return { problem: source.problem, file };
  if (problem !== undefined) return { problem, file };
  const { environment, allowMissingEnv } = options;
  return {
    path,
    file,
    text: source.text,
    parseOptions: {
      file,
      property: path !== undefined && basename(path) === 'package.json' ? manifestProperty : undefined,
      environment,
      env: variables,
      allowMissingEnv,
      digest,
    },
    warnings: others.map((other) => severalManifests(file, other)),
  };
}

function severalManifests(file: string, other: string): Diagnostic {
  const hint = `Remove or rename '${other}', or name one of them with --manifest`;
  const message = `'${other}' beside it could be the manifest as well, and is not used`;
  return toDiagnostic({ severity: 'warning', code: 'several-manifests', message, hint }, { file });
}

async function readStdin(stdin: LoadOptions['stdin'], file: string): Promise<Source> {
  return textOf(typeof stdin === 'function' ? await stdin() : new TextEncoder().encode(stdin ?? ''), file);
}
