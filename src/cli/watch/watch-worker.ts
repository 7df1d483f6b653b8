/** What a worker tells its log and its metrics: each portal as it ends, what happens on portals, and what goes wrong around them. */
import { BitrixEventsError } from '../../core/errors.ts';
import type { ItemEnding } from '../../core/fleet.ts';
import { failures } from '../../core/rollout.ts';
import type { Worked } from '../../fleet/work-on-member.ts';
import type { PortalEvent } from '../../portal/portal-event.ts';
import type { LogEntry } from './log.ts';
import { portalEntry } from './portal-log.ts';
import type { Watch } from './watch.ts';

export interface WorkerWatch {
  readonly onEnd: (rollout: string, memberId: string, ending: ItemEnding, worked: Worked | undefined) => void;
  readonly onProblem: (error: unknown) => void;
  readonly onEvent: (event: PortalEvent) => void;
}

export function watchWorker({ log, note, metrics }: Watch): WorkerWatch {
  return {
    onEnd(rollout, memberId, ending, worked) {
      // One that another worker had lost was only put down.
      if (worked !== undefined) metrics?.ended(worked.verb, ending.state, worked.durationMs);
      note(endingEntry(rollout, memberId, ending, worked));
    },
    onEvent(event) {
      metrics?.portal(event);
      note(portalEntry(event));
    },
    onProblem: (error) => log(errorEntry(error)),
  };
}

function endingEntry(
  rollout: string,
  memberId: string,
  { state, verdict, problem }: ItemEnding,
  worked: Worked | undefined,
): LogEntry {
  const { code, message, hint } = problem ?? {};
  return {
    level: failures.has(state) ? 'error' : problem === undefined ? 'info' : 'warn',
    what: 'portal',
    memberId,
    outcome: state,
    durationMs: worked?.durationMs,
    more: { verb: worked?.verb, rollout, verdict, code, message, hint },
  };
}

function errorEntry(error: unknown): LogEntry {
  if (!(error instanceof BitrixEventsError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { level: 'error', what: 'problem', more: { message } };
  }
  const { code, message, hint } = error;
  return { level: 'error', what: 'problem', more: { code, message, hint } };
}
