/** `bitrix-events validate`: judges the manifest offline. */
import { hasErrors } from '../../core/diagnostic.ts';
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
  return isValid ? 'done' : 'failed';
}
