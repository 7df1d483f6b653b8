/** An apply: bind, see that it is bound, only then unbind, record, and judge by the last reading. */
import { keyOf } from '../core/binding.ts';
import type { Digest } from '../core/fingerprint.ts';
import type { BitrixEventsError } from '../core/errors.ts';
import { desiredKeys } from '../core/next-ledger.ts';
import type { Change, Plan } from '../core/plan.ts';
import type { Reading } from '../core/reading.ts';
import { type Report, verdictOf } from '../core/report.ts';
import { Execution, type ExecutionOptions } from './execution.ts';
import { LedgerRecord } from './ledger-record.ts';

export interface ApplyContext extends Omit<ExecutionOptions, 'ledger'> {
  readonly digest: Digest;
  readonly now: () => Date;
  /** Recorded in the ledger. */
  readonly toolVersion: string;
}

export interface Applied {
  readonly report: Report;
  /** What made it stop early, when that was not a matter of single changes. */
  readonly error: BitrixEventsError | undefined;
}

/**
 * Carries out a plan made from this reading.
 * It never throws for what the portal or the network does: the report tells how far it came.
 */
export async function applyPlan(plan: Plan, reading: Reading, context: ApplyContext): Promise<Applied> {
  const ledger = new LedgerRecord({ ...context, plan, reading });
  const execution = new Execution(plan, reading.live, { ...context, ledger });
  const removals = plan.changes.filter(({ action }) => action === 'unbind');

  await execution.run(plan.changes.filter(({ action }) => action !== 'unbind'));
  if (!execution.isStopped) await execution.run(replacedOnly(removals, plan, execution));
  await execution.record();

  const results = execution.results();
  return {
    report: {
      verdict: verdictOf(results, isAsWanted(plan, execution), execution.hasWritten),
      manifest: plan.manifest,
      portal: plan.portal,
      visibility: plan.visibility,
      results: [
        ...results,
        ...plan.blocked.map(({ id, action, binding, reason }) => ({
          id,
          action,
          binding,
          status: 'blocked' as const,
          message: reason,
        })),
      ],
      kept: plan.kept,
      warnings: ledger.warning === undefined ? plan.warnings : [...plan.warnings, ledger.warning],
      live: execution.live,
    },
    error: execution.error,
  };
}

/** Sorts out unbinds whose replacement has not been seen live: they are marked as blocked. */
function replacedOnly(removals: readonly Change[], plan: Plan, execution: Execution): readonly Change[] {
  const missing = new Set(plan.changes.filter(({ binding }) => !execution.isLive(binding)).map(({ id }) => id));
  return removals.filter((removal) => {
    const waitsFor = removal.dependsOn.filter((id) => missing.has(id));
    if (waitsFor.length === 0) return true;
    execution.decide(removal, 'blocked', `kept because its replacement is not live: ${waitsFor.join(', ')}`);
    return false;
  });
}

function isAsWanted(plan: Plan, execution: Execution): boolean {
  const live = new Set(execution.live.map(keyOf));
  return (
    plan.blocked.length === 0 &&
    [...desiredKeys(plan)].every((key) => live.has(key)) &&
    plan.changes.every(({ action, binding }) => action !== 'unbind' || !live.has(keyOf(binding)))
  );
}
