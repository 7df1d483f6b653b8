/** `bitrix-events plan`: shows what would change, and changes nothing. */
import { resolve } from 'node:path';
import { planToJson } from '../../core/documents.ts';
import { isInSync, type Plan } from '../../core/plan.ts';
import { judgeDrift } from '../../core/drift.ts';
import { digest } from '../../reconcile/platform.ts';
import { formatPlan } from '../../reconcile/saved-plan.ts';
import { type PlanOptions, plan as planFor } from '../../reconcile/plan.ts';
import type { Context } from '../context.ts';
import { type Ending, endingOfCheck } from '../exit-code.ts';
import { loadForCommand } from '../load.ts';
import { openPortal } from '../surroundings.ts';
import { writePrivateFile } from '../private-file.ts';
import { planText } from '../render/plan-text.ts';

export interface PlanCommandOptions extends Pick<PlanOptions, 'prune' | 'rebind'> {
  readonly out?: string;
  readonly diff?: boolean;
  readonly detailedExitcode?: boolean;
}

export async function plan(context: Context, options: PlanCommandOptions): Promise<Ending> {
  const manifest = await loadForCommand(context);
  const connection = await openPortal(context);
  try {
    const { plan: planned, objections } = await planFor(manifest, connection, options);
    if (context.options.format === 'json') {
      const json = planToJson(planned, new Date().toISOString(), 'display', digest);
      context.printJson(objections.length === 0 ? json : { ...json, objections });
    } else {
      context.print(
        planText(planned, { style: context.style, isVerbose: context.options.verbose ?? false, objections }),
      );
    }
    if (options.out !== undefined) await save(context, options.out, planned);
    if (options.diff === true) {
      const { planDiff } = await import('../render/plan-diff.ts');
      const diff = planDiff(planned, context.options.format === 'text' ? context.style : context.errStyle);
      // With JSON, stdout holds the one document and nothing else.
      if (context.options.format === 'text') context.print(diff);
      else context.note(diff);
    }
    if (options.detailedExitcode !== true || isInSync(planned)) return 'done';
    return endingOfCheck(judgeDrift(planned));
  } finally {
    await connection.close();
  }
}

async function save(context: Context, file: string, planned: Plan): Promise<void> {
  await writePrivateFile(resolve(context.world.cwd, file), formatPlan(planned, new Date()));
  context.note(
    `Saved to ${file}, which holds whole handler URLs: keep it private. Apply it with: bitrix-events apply ${file}\n`,
  );
}
