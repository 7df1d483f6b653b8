/** Plans as text, to be reviewed and applied later. */
import type { Plan } from '../core/plan.ts';
import { parseSavedPlan, savedPlanText } from '../reconcile/saved-plan.ts';
import { digest } from './defaults.ts';

/** JSON with whole handler URLs, so keep it private (schemas/plan.schema.json). */
export function formatPlan(plan: Plan, createdAt: Date): string {
  return savedPlanText(plan, createdAt, digest);
}

/**
 * @param name of the file, for messages
 * @throws RefusedError `newer-plan`, `damaged-plan`
 */
export function parsePlan(text: string, name: string): Plan {
  return parseSavedPlan(text, name, digest);
}
