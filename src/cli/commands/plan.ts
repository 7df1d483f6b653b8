/** `bitrix-events plan`: shows what would change, and changes nothing. */
import { resolve } from 'node:path';
import { judgeDrift } from '../../core/drift.ts';
import { isInSync, type Plan } from '../../core/plan.ts';
import { type PlanOptions, plan as planFor } from '../../reconcile/plan.ts';
import { formatPlan } from '../../reconcile/saved-plan.ts';
import type { Context } from '../context.ts';
import { type Ending, endingOfCheck } from '../exit-code.ts';
import { loadForCommand } from '../load.ts';
import { writeFileAt } from '../write-file.ts';
import type { Outcome } from '../result.ts';
import { type FleetChoices, isForMany, refuseForMany } from '../fleet/choices.ts';
import { openPortal } from '../surroundings.ts';

export interface PlanCommandOptions extends Pick<PlanOptions, 'prune' | 'rebind'>, FleetChoices {
  readonly out?: string;
  readonly diff?: boolean;
  readonly detailedExitcode?: boolean;
}

export async function plan(context: Context, options: PlanCommandOptions): Promise<Outcome> {
  if (isForMany(context.options, options)) return planMany(context, options);
  const manifest = await loadForCommand(context);
  const portal = await openPortal(context);
  try {
    const { plan: planned, objections } = await planFor(manifest, portal, options);
    const now = new Date();
    if (options.out !== undefined) {
      await writeFileAt(resolve(context.world.cwd, options.out), formatPlan(planned, now), 0o600);
    }
    return {
      result: {
        kind: 'plan',
        plan: planned,
        manifest,
        objections,
        savedIn: options.out,
        hasDiff: options.diff ?? false,
        createdAt: now.toISOString(),
      },
      ending: endingOf(planned, options),
    };
  } finally {
    await portal.close();
  }
}

async function planMany(context: Context, options: PlanCommandOptions): Promise<Outcome> {
  refuseForMany({ '--diff': options.diff });
  const { prune, rebind, out, detailedExitcode } = options;
  const { fleet } = await import('./fleet.ts');
  return fleet(context, {
    verb: 'plan',
    choices: options,
    planning: { prune, rebind },
    out,
    looksForDrift: detailedExitcode === true,
  });
}

function endingOf(planned: Plan, { detailedExitcode }: PlanCommandOptions): Ending {
  return detailedExitcode !== true || isInSync(planned) ? 'done' : endingOfCheck(judgeDrift(planned));
}
