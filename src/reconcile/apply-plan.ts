/** An apply: bind, see that it is bound, only then unbind, record, and judge by the last reading. */
import { keyOf } from '../core/binding.ts';
import type { Digest } from '../core/digest.ts';
import type { BitrixEventsError } from '../core/errors.ts';
import { desiredKeys } from '../core/next-ledger.ts';
import type { Change, Plan, PlanWarning } from '../core/plan.ts';
import type { Reading } from '../core/reading.ts';
import { type Report, verdictOf } from '../core/report.ts';
import { Execution, type ExecutionOptions } from './execution.ts';
import { LedgerRecord } from './ledger-record.ts';

export interface ApplyContext extends ExecutionOptions {
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
  const execution = new Execution(plan, reading.live, context);
  const ledger = new LedgerRecord({ ...context, plan, reading });
  const additions = plan.changes.filter(({ action }) => action !== 'unbind');
  const removals = plan.changes.filter(({ action }) => action === 'unbind');

  await execution.run(additions, removals.length === 0 ? ledger.command(() => true, execution.live) : undefined);
  if (execution.isRecorded) ledger.confirm();

  if (removals.length > 0 && !execution.isStopped) {
    const ready = replacedOnly(removals, plan, execution);
    const expected = new Set(
      [...ready, ...additions.filter(({ id }) => execution.wasDoneHere(id))].map(({ id }) => id),
    );
    await execution.run(
      ready,
      ledger.command((id) => expected.has(id), execution.live),
    );
    if (execution.isRecorded) ledger.confirm();
  }

  const warnings: PlanWarning[] = [];
  const correction =
    execution.isStopped || execution.recordRefusal !== undefined
      ? undefined
      : ledger.command((id) => execution.wasDoneHere(id), execution.live);
  if (correction !== undefined) await execution.run([], correction);
  if (execution.recordRefusal !== undefined) {
    warnings.push({
      code: 'ledger-not-written',
      message: `the ledger could not be written: ${execution.recordRefusal}`,
      hint: 'Until it can, only "owns" decides what is managed',
    });
  }

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
      warnings: [...plan.warnings, ...warnings],
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
