/** The one place that knows exit codes (docs/ci.md). */
import { type BitrixEventsError, RefusedError } from '../core/errors.ts';
import type { Report } from '../core/report.ts';
import type { CheckResult } from '../core/drift.ts';
import { failures } from '../core/rollout.ts';
import type { RolloutStanding } from '../core/rollout-standing.ts';
import type { Ending } from './endings.ts';
import type { FleetOutcome, Result, RolloutOutcome } from './result.ts';

export { exitCode, type Ending } from './endings.ts';

export function endingOfError(error: BitrixEventsError): Ending {
  if (error.code === 'interrupted') return 'interrupted';
  return error instanceof RefusedError ? 'refused' : 'failed';
}

export function endingOfReport({ verdict }: Pick<Report, 'verdict'>, isInterrupted: boolean): Ending {
  if (isInterrupted) return 'interrupted';
  return ({ converged: 'done', unchanged: 'done', partial: 'half-way', failed: 'failed' } as const)[verdict];
}

/** What a view cannot tell is an error, and an error outranks drift. */
export function endingOfCheck({ verdict }: Pick<CheckResult, 'verdict'>): Ending {
  return ({ 'in-sync': 'done', drift: 'changes', unknown: 'failed' } as const)[verdict];
}

/**
 * Nothing that anybody has to run again for is a success: a failure within the tolerance is none either.
 * @param looksForDrift whether changes that were found are told
 */
export function endingOfFleet(
  { fleet, failsOnDead }: Pick<FleetOutcome, 'fleet' | 'failsOnDead'>,
  looksForDrift: boolean,
  isInterrupted: boolean,
): Ending {
  if (isInterrupted) return 'interrupted';
  const { counts, attention, stopped, hasWritten, drifted } = fleet;
  const dead = failsOnDead ? (counts.dead ?? 0) : 0;
  // Time that was up has cancelled what it found in work.
  const lost = dead + (counts.cancelled ?? 0);
  const failed = [...failures].reduce((sum, state) => sum + (counts[state] ?? 0), lost);
  if (failed > 0 || stopped !== undefined) return hasWritten ? 'half-way' : 'failed';
  if ((counts.unreviewed ?? 0) > 0) return 'refused';
  if (!looksForDrift) return 'done';
  if (attention.some(({ verdict }) => verdict === 'cannot-tell')) return 'failed';
  return drifted > 0 ? 'changes' : 'done';
}

/** As of the same verb in one process. */
export function endingOfRollout(
  { state, counts, hasWritten }: Pick<RolloutStanding, 'state' | 'counts' | 'hasWritten'>,
  failsOnDead: boolean,
  isInterrupted: boolean,
): Ending {
  if (isInterrupted) return 'interrupted';
  const dead = failsOnDead ? (counts.dead ?? 0) : 0;
  const failed = [...failures].reduce((sum, item) => sum + (counts[item] ?? 0), dead);
  if (failed > 0 || state !== 'completed') return hasWritten ? 'half-way' : 'failed';
  return (counts.unreviewed ?? 0) > 0 ? 'refused' : 'done';
}

/** What a command that only reads is for: without its words nothing came of it. */
const onlyTold: ReadonlySet<string> = new Set<Result['kind'] | RolloutOutcome['did']>([
  'check',
  'diagnosis',
  'events',
  'explanation',
  'manifest',
  'plan',
  'portals',
  'rollouts',
  'script',
  'shown',
  'store',
  'validation',
]);

/**
 * The result could not be written: a failure where there was nothing but it. What was done stays so in any case; what was
 * found to differ, when only the words for a reader are lost, and no file that was asked for.
 */
export function afterFailedOutput(ending: Ending, result: Result, isFileLost: boolean): Ending {
  const kind = result.kind === 'fleet' ? result.fleet.verb : result.kind === 'rollout' ? result.did : result.kind;
  return onlyTold.has(kind) && (isFileLost || ending === 'done') ? 'failed' : ending;
}
