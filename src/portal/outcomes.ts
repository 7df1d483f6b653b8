/** What an answer means for one command that was sent. */
import type { Command, CommandOutcome } from '../reconcile/port.ts';
import type { ItemAnswer } from './batch.ts';
import { isLimit, isPortalFault } from './errors.ts';
import { isFields, phpInteger, textOf } from './php.ts';
import type { RestError } from './rest-answer.ts';

/** @param limitMs how long to wait for a limit to pass; undefined for one that there is no time for, and for what is no limit */
export function outcomeOf(
  command: Command,
  answer: ItemAnswer,
  limitMs: (error: RestError) => number | undefined,
): CommandOutcome {
  switch (answer.kind) {
    case 'result':
      return outcomeOfResult(command, answer.result);
    case 'error': {
      const outcome = outcomeOfError(answer.error);
      const waitMs = outcome.kind === 'not-sent' ? limitMs(answer.error) : undefined;
      return outcome.kind === 'not-sent' && waitMs !== undefined ? { ...outcome, kind: 'limited', waitMs } : outcome;
    }
    case 'missing':
      return { kind: 'unknown', message: 'the answer does not mention it' };
  }
}

function outcomeOfResult(command: Command, result: unknown): CommandOutcome {
  if (command.kind !== 'unbind') {
    return result === true
      ? { kind: 'done' }
      : {
          kind: 'refused',
          code: 'unexpected-result',
          message: `the portal answered ${textOf(result).slice(0, 40)}`,
        };
  }
  const removed = isFields(result) && 'count' in result ? phpInteger(result['count']) : undefined;
  return removed === undefined
    ? { kind: 'unknown', message: 'the portal did not say how many rows it removed' }
    : { kind: 'done', removed };
}

export function outcomeOfError(error: RestError): CommandOutcome {
  const { code, description, status } = error;
  // `ERROR_CORE` is shared by success, waiting and failure (F24, F25); only the text tells them apart, and texts may be replaced (F85):
  // whoever relies on `already` has to see the row.
  if (description.endsWith('Handler already binded')) return { kind: 'already' };
  if (description.endsWith('already started')) return { kind: 'busy' };
  const message = description === '' ? code : description;
  if (isLimit(error)) return { kind: 'not-sent', message };
  // An error inside a 200, or a failure of the portal itself, may have come after the method had run.
  // `ERROR_CORE` is a refusal with 500 too: that of the database.
  const isStrange = status !== undefined && (status < 300 || (status >= 500 && code !== 'ERROR_CORE'));
  if (isPortalFault(error) || isStrange) return { kind: 'unknown', message };
  return { kind: 'refused', code, message };
}
