/** `bitrix-events validate`: judges the manifest offline. */
import { hasErrors } from '../../core/diagnostic.ts';
import type { Context } from '../context.ts';
import { inspectForCommand } from '../load.ts';
import type { Outcome } from '../result.ts';

export interface ValidateOptions {
  readonly allowMissingEnv?: boolean;
}

export async function validate(context: Context, { allowMissingEnv }: ValidateOptions): Promise<Outcome> {
  const inspection = await inspectForCommand(context, { allowMissingEnv });
  return { result: { kind: 'validation', inspection }, ending: hasErrors(inspection.diagnostics) ? 'failed' : 'done' };
}
