/** `bitrix-events validate`: judges the manifest offline. */
import { hasErrors } from '../../core/diagnostic.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Context } from '../context.ts';
import type { Ending } from '../exit-code.ts';
import { inspectForCommand } from '../load.ts';
import { diagnosticsText } from '../render/problem-text.ts';

export interface ValidateOptions {
  readonly allowMissingEnv?: boolean;
}

export async function validate(context: Context, { allowMissingEnv }: ValidateOptions): Promise<Ending> {
  const { manifest, diagnostics, file } = await inspectForCommand(context, { allowMissingEnv });
  const isValid = !hasErrors(diagnostics);
  if (context.options.format === 'json') {
    context.printJson({ format: 1, file, valid: isValid, bindings: manifest?.bindings.length ?? null, diagnostics });
  }
  const text = diagnosticsText(diagnostics, context.errStyle);
  if (isValid) context.note(text);
  else context.world.err(text);
  if (isValid && context.options.format === 'text') {
    const count = manifest?.bindings.length ?? 0;
    context.print(`${file}: valid, ${count} ${count === 1 ? 'binding' : 'bindings'}\n`);
  }
  if (isValid && manifest !== undefined && keepsTokens(manifest)) context.note(uninstallNote);
  return isValid ? 'done' : 'failed';
}

/**
 * No problem of the manifest, and so no diagnostic: whether the application keeps tokens, nobody can tell from its events. It has
 * handlers at least, and a portal tells nobody but them that it was removed.
 */
function keepsTokens({ bindings }: Manifest): boolean {
  const online = bindings.filter((binding) => 'handler' in binding);
  return online.length > 0 && !online.some(({ event }) => event === 'ONAPPUNINSTALL');
}

const uninstallNote =
  'note: nobody hears of OnAppUninstall: the tokens of a portal that removes the application stay where they are  [no-uninstall]\n' +
  '  If they are kept by the installer hook, bind OnAppUninstall to its address\n';
