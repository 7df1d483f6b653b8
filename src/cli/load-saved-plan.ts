/** Loads a plan saved with `plan --out`, and holds it against the manifest where there is one. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ManifestError, UsageError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { PlanOptions } from '../reconcile/plan.ts';
import { assertSameManifest, parsePlan } from '../reconcile/saved-plan.ts';
import { learnOfPlan } from './about.ts';
import type { Context } from './context.ts';
import { loadQuietly } from './load.ts';

/**
 * @throws UsageError `unreadable-plan`, `plan-is-final`
 * @throws RefusedError `newer-plan`, `damaged-plan`, `other-manifest`
 */
export async function loadSavedPlan(
  context: Context,
  file: string,
  { prune, rebind }: Pick<PlanOptions, 'prune' | 'rebind'>,
): Promise<Plan> {
  if (prune !== undefined || rebind !== undefined) {
    throw new UsageError({
      code: 'plan-is-final',
      message: `${prune === undefined ? '--rebind' : '--prune'} cannot change a saved plan`,
      hint: 'Give it to plan --out instead',
    });
  }
  const plan = parsePlan(await readPlan(context, file), file);
  learnOfPlan(context, plan);
  await compareWithManifest(context, plan);
  return plan;
}

/** @throws UsageError `unreadable-plan` */
export async function readPlan({ world }: Context, file: string): Promise<string> {
  try {
    return await readFile(resolve(world.cwd, file), 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? `: ${String(cause.code)}` : '';
    throw new UsageError({
      code: 'unreadable-plan',
      message: `cannot read the plan '${file}'${reason}`,
      hint: 'Check the path and its permissions',
      cause,
    });
  }
}

/** A saved plan needs no manifest. One that is named has to fit; one that lies here and cannot be understood is let be. */
async function compareWithManifest(context: Context, plan: Plan): Promise<void> {
  const { environment } = plan.manifest;
  try {
    assertSameManifest(plan, await loadQuietly(context, environment));
  } catch (error) {
    const isNamed = context.options.manifest !== undefined;
    if (error instanceof UsageError && error.code === 'no-manifest') return;
    if (isNamed || !(error instanceof ManifestError)) throw error;
    context.note('The manifest found here has errors, so the plan was not compared with it.\n');
  }
}
