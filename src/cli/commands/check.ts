/** `bitrix-events check`: has the portal drifted from the manifest? */
import { planToJson } from '../../core/documents.ts';
import { check as checkPortal } from '../../reconcile/check.ts';
import { digest } from '../../reconcile/platform.ts';
import type { CheckResult, DriftKind } from '../../core/drift.ts';
import type { Context } from '../context.ts';
import { type Ending, endingOfCheck } from '../exit-code.ts';
import { loadForCommand } from '../load.ts';
import { openPortal } from '../surroundings.ts';
import { checkText } from '../render/check-text.ts';

export interface CheckCommandOptions {
  readonly failOn: readonly DriftKind[];
}

export async function check(context: Context, { failOn }: CheckCommandOptions): Promise<Ending> {
  const manifest = await loadForCommand(context);
  const connection = await openPortal(context);
  try {
    const result = await checkPortal(manifest, connection, { failOn });
    if (context.options.format === 'json') context.printJson(checkToJson(result));
    else context.print(checkText(result, context.style, context.options.verbose ?? false));
    return endingOfCheck(result);
  } finally {
    await connection.close();
  }
}

function checkToJson({ verdict, drift, failOn, plan }: CheckResult) {
  return { format: 1, verdict, drift, failOn, plan: planToJson(plan, new Date().toISOString(), 'display', digest) };
}
