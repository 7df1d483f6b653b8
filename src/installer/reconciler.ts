/**
 * One reconcile at a time for a portal: whoever asks for the same meanwhile shares it, whoever brings news waits and gets the next.
 * A repetition of what has converged is answered from memory for a while, so that it costs the portal nothing. What is remembered
 * is the verdict: reports hold what portals say, and a thousand of those would be as large as portals please.
 */
import type { Code } from '../core/codes.ts';
import { isAsWanted, type ReportVerdict } from '../core/report.ts';
import type { Installation } from '../installation/installation.ts';
import { createInTurn } from './in-turn.ts';
import type { InstallCause } from './options.ts';
import { problemsOf } from './problems.ts';
import type { Reconciled } from './reconcile-portal.ts';
import { createShortMemory } from './short-memory.ts';

/** Which result of the last minutes will do instead of a new one. */
export type Accepts = 'nothing' | 'success' | 'anything';

export interface Verdict {
  readonly verdict: ReportVerdict;
  /** Of what kept it from being as wanted; undefined when it is. */
  readonly code: Code | undefined;
}

export interface ReconcileResult extends Verdict {
  /** Undefined when only the verdict is remembered. */
  readonly details: Reconciled | undefined;
}

export interface Reconciler {
  run(installation: Installation, cause: InstallCause, accepts: Accepts): Promise<ReconcileResult>;
  /** Ends what runs for a portal and keeps others from starting until the work is done. */
  stopFor<Value>(memberId: string, work: () => Promise<Value>): Promise<Value>;
  /** Resolves when nothing runs. */
  settled(): Promise<void>;
}

export interface ReconcilerOptions {
  /** Never throws. */
  readonly work: (installation: Installation, cause: InstallCause, stop: AbortSignal) => Promise<Reconciled>;
  /** Milliseconds, from any beginning. */
  readonly monotonicNow: () => number;
}

interface Flight {
  readonly seed: string | undefined;
  readonly ended: Promise<ReconcileResult>;
  readonly stop: AbortController;
}

interface Memory extends Verdict {
  readonly seed: string | undefined;
}

const rememberMs = 10 * 60_000;
const rememberedPortals = 1000;

export function createReconciler({ work, monotonicNow }: ReconcilerOptions): Reconciler {
  const flights = new Map<string, Flight>();
  const inTurn = createInTurn();
  const memory = createShortMemory<Memory>({ forMs: rememberMs, entries: rememberedPortals, monotonicNow });

  function start(installation: Installation, cause: InstallCause): Promise<ReconcileResult> {
    const { memberId, seed } = installation;
    const stop = new AbortController();
    const ended = inTurn
      .run(memberId, async () => {
        const details = await work(installation, cause, stop.signal);
        const verdict = verdictOf(details);
        memory.keep(memberId, { ...verdict, seed });
        return { ...verdict, details };
      })
      .finally(() => {
        if (flights.get(memberId) === flight) flights.delete(memberId);
      });
    const flight: Flight = { seed, stop, ended };
    flights.set(memberId, flight);
    return ended;
  }

  return {
    run(installation, cause, accepts) {
      const { memberId, seed } = installation;
      const running = flights.get(memberId);
      if (running !== undefined && running.seed === seed) return running.ended;
      const remembered = memory.recall(memberId);
      if (remembered === undefined || remembered.seed !== seed || !isEnough(remembered, accepts)) {
        return start(installation, cause);
      }
      const { verdict, code } = remembered;
      return Promise.resolve({ verdict, code, details: undefined });
    },

    stopFor(memberId, task) {
      flights.get(memberId)?.stop.abort();
      memory.forget(memberId);
      return inTurn.run(memberId, task);
    },

    settled: () => inTurn.settled(),
  };
}

/** What it came to, and what kept it from being as wanted. */
export function verdictOf(details: Reconciled): Verdict {
  const verdict = details.report?.verdict ?? 'failed';
  if (isAsWanted({ verdict })) return { verdict, code: undefined };
  return { verdict, code: details.error?.code ?? problemsOf(details)[0]?.code };
}

function isEnough(remembered: Verdict, accepts: Accepts): boolean {
  return accepts === 'anything' || (accepts === 'success' && isAsWanted(remembered));
}
