/** From the options of a command to the manifest. What reads one is loaded then, what opens a portal elsewhere: each command loads little. */
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Manifest } from '../core/manifest.ts';
import type { Inspection, LoadOptions } from '../manifest/load-options.ts';
import type { OpenedManifest } from '../manifest/open-manifest.ts';
import { environmentIn } from '../variables.ts';
import type { Context } from './context.ts';
import { canWait, diagnosticsText } from './render/problem-text.ts';

/**
 * Loads the manifest and shows its warnings, but those that can wait until the result has been shown.
 * @param show instead of as text on stderr
 */
export async function loadForCommand(
  context: Context,
  show: (warnings: readonly Diagnostic[]) => void = (warnings) =>
    context.note(diagnosticsText(warnings, context.errStyle)),
): Promise<Manifest> {
  const { loadManifest } = await import('../manifest/load-manifest.ts');
  const manifest = await loadManifest(...(await loading(context)));
  context.learn({ name: manifest.name, environment: manifest.environment, file: manifest.file });
  show(manifest.diagnostics.filter((warning) => !canWait(warning)));
  return manifest;
}

export async function inspectForCommand(
  context: Context,
  choices: Pick<LoadOptions, 'allowMissingEnv'>,
): Promise<Inspection> {
  const { inspectManifest } = await import('../manifest/load-manifest.ts');
  const [options, project] = await loading(context);
  return inspectManifest({ ...options, ...choices }, project);
}

export async function openForCommand(context: Context): Promise<OpenedManifest> {
  const { openManifest } = await import('../manifest/open-manifest.ts');
  return openManifest(...(await loading(context)));
}

/** @param environment instead of the one that is chosen */
export async function loadQuietly(context: Context, environment: string | undefined): Promise<Manifest> {
  const { loadManifest } = await import('../manifest/load-manifest.ts');
  const [options, project] = await loading(context);
  return loadManifest({ ...options, environment }, project);
}

async function loading(context: Context) {
  const { world, options } = context;
  const project = await context.project();
  const choices: LoadOptions = {
    file: options.manifest,
    stdin: () => world.readStdin(),
    cwd: world.cwd,
    environment: options.environment ?? environmentIn(project.variables),
    env: world.env,
  };
  return [choices, project] as const;
}
