/** From the options of a command to the manifest. Kept apart from what opens a portal, so that judging one loads less. */
import type { Manifest } from '../core/manifest.ts';
import { loadManifest } from '../manifest/load-manifest.ts';
import type { LoadOptions } from '../manifest/load-options.ts';
import type { Context } from './context.ts';
import { diagnosticsText } from './render/problem-text.ts';

export function manifestOptions({ world, options }: Context): LoadOptions {
  return {
    file: options.manifest,
    stdin: () => world.readStdin(),
    cwd: world.cwd,
    environment: options.environment,
    env: world.env,
  };
}

/** Loads the manifest and shows its warnings. */
export async function loadForCommand(context: Context): Promise<Manifest> {
  const manifest = await loadManifest(manifestOptions(context));
  context.note(diagnosticsText(manifest.diagnostics, context.errStyle));
  return manifest;
}
