/** Finds, reads and checks the manifest. */
import { ManifestError } from '../core/errors.ts';
import type { Manifest } from '../core/manifest.ts';
import { assertGiven, type Inspection, type LoadOptions } from './load-options.ts';
import { openManifest } from './open-manifest.ts';
import { parseManifest } from './parse-manifest.ts';
import type { Project } from './project.ts';

/**
 * The manifest, found, read and checked.
 *
 * @param project where to look, for whoever knows already
 * @throws ManifestError `invalid-manifest`, with every problem found.
 * @throws UsageError `no-manifest`, `unreadable-manifest`, `missing-option`.
 */
export async function loadManifest(options: LoadOptions, project?: Project): Promise<Manifest> {
  assertGiven('loadManifest', options);
  const { manifest, diagnostics } = await inspectManifest(options, project);
  if (manifest === undefined) throw new ManifestError(diagnostics);
  return manifest;
}

/**
 * The manifest and everything there is to say about it; never throws for what is in the file.
 *
 * @throws UsageError `no-manifest`, `unreadable-manifest`.
 */
export async function inspectManifest(options: LoadOptions, project?: Project): Promise<Inspection> {
  assertGiven('inspectManifest', options);
  const opened = await openManifest(options, project);
  if ('problem' in opened) return { diagnostics: [opened.problem], file: opened.file };
  const { text, file, warnings, parseOptions } = opened;
  return { ...parseManifest(text, { ...parseOptions, warnings }), file };
}
