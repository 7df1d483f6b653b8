/** An apply: bind, see that it is bound, only then unbind, record, and judge by the last reading. */
import type { Digest } from '../core/fingerprint.ts';
import type { BitrixEventsError } from '../core/errors.ts';
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
  if (!execution.isStopped) {
    const { replaced, orphaned } = byReplacement(removals, plan, execution);
    for (const { removal, why } of orphaned) execution.block(removal, why);
    await execution.run(replaced);
  }
  await execution.record();

  const results = execution.results();
  const { live, hasWritten } = execution;
  return {
    report: {
      verdict: verdictOf({ plan, results, live, mayHaveWritten: hasWritten }),
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
      live,
    },
    error: execution.error,
  };
}

interface Removals {
  readonly replaced: readonly Change[];
  readonly orphaned: readonly { readonly removal: Change; readonly why: string }[];
}

/** Tells unbinds whose replacements have all been seen live from those that have to wait for another run. */
function byReplacement(removals: readonly Change[], plan: Plan, execution: Execution): Removals {
  const missing = new Set(plan.changes.filter(({ binding }) => !execution.isLive(binding)).map(({ id }) => id));
  const replaced: Change[] = [];
  const orphaned: Removals['orphaned'][number][] = [];
  for (const removal of removals) {
    const waitsFor = removal.dependsOn.filter((id) => missing.has(id));
    if (waitsFor.length === 0) replaced.push(removal);
    else orphaned.push({ removal, why: `kept because its replacement is not live: ${waitsFor.join(', ')}` });
  }
  return { replaced, orphaned };
}
