/** What an answer means for one command that was sent. */
import type { Command, CommandOutcome } from '../reconcile/port.ts';
import type { ItemAnswer } from './batch.ts';
import { isFields, phpInteger } from './php.ts';
import type { RestError } from './rest-answer.ts';
import { isPortalFault } from './retry.ts';

export function outcomeOf(command: Command, answer: ItemAnswer): CommandOutcome {
  switch (answer.kind) {
    case 'result':
      return outcomeOfResult(command, answer.result);
    case 'error':
      return outcomeOfError(answer.error);
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
          message: `the portal answered ${JSON.stringify(result)?.slice(0, 40)}`,
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
  // An error inside a 200, or the portal's own fault, may have come after the method had run.
  const wasSuccess = status !== undefined && status < 300;
  if (isPortalFault(error) || wasSuccess) return { kind: 'unknown', message };
  return { kind: 'refused', code, message };
}

/** Refused at the door: nothing was executed. */
function isLimit({ code }: RestError): boolean {
  return code === 'QUERY_LIMIT_EXCEEDED' || code === 'OPERATION_TIME_LIMIT' || code === 'CONNECTION_ERROR';
}
