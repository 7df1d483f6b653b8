/** `bitrix-events show`: prints a saved plan in any format, and asks no portal. */
import { BitrixEventsError } from '../../core/errors.ts';
import { objectionsTo } from '../../core/guards.ts';
import type { Plan } from '../../core/plan.ts';
import { parseSavedPlan } from '../../reconcile/saved-plan.ts';
import { learnOfPlan } from '../about.ts';
import type { Context } from '../context.ts';
import { loadQuietly } from '../load.ts';
import { readPlan } from '../load-saved-plan.ts';
import type { ManifestFacts, Outcome } from '../result.ts';

export interface ShowOptions {
  readonly diff?: boolean;
}

export async function show(context: Context, file: string, { diff = false }: ShowOptions): Promise<Outcome> {
  const { plan, createdAt } = parseSavedPlan(await readPlan(context, file), file);
  learnOfPlan(context, plan);
  return {
    result: {
      kind: 'plan',
      plan,
      manifest: await manifestOf(context, plan),
      objections: objectionsTo(plan, {}),
      savedIn: undefined,
      hasDiff: diff,
      createdAt,
    },
    ending: 'done',
  };
}

/** The manifest it was made from, if that is what lies here: it tells on which line each binding stands. */
async function manifestOf(context: Context, { manifest }: Plan): Promise<ManifestFacts | undefined> {
  try {
    const found = await loadQuietly(context, manifest.environment);
    return found.fingerprint === manifest.fingerprint ? found : undefined;
  } catch (error) {
    if (error instanceof BitrixEventsError) return undefined;
    throw error;
  }
}
