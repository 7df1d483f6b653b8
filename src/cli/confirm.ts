/** A question that only yes answers, asked before anything is changed. */
import { RefusedError } from '../core/errors.ts';
import type { Context } from './context.ts';

export interface Question {
  readonly text: string;
  /** What is left unasked, and undone, where there is no terminal. */
  readonly unasked: string;
  readonly hint: string;
  /** What the question is about, for whoever has not been shown it: nobody is asked about what they have not seen. */
  readonly unseen?: (() => Promise<string>) | undefined;
}

/**
 * @param stop ends the question, which counts as no
 * @throws RefusedError `needs-answer` without a terminal; NetworkError `timeout` when the command's time is up
 */
export async function isConfirmed(
  { world, options, errStyle, deadline }: Context,
  { text, unasked, hint, unseen }: Question,
  stop: AbortSignal,
): Promise<boolean> {
  if (!world.isInTerminal) {
    throw new RefusedError([], {
      code: 'needs-answer',
      message: `${unasked}, and no terminal to ask on; nothing was changed`,
      hint,
    });
  }
  if (options.quiet === true && unseen !== undefined) world.err(await unseen());
  const answer = await world.ask(errStyle('bold', `${text} Type yes to go on: `), stop);
  // Without an answer, because the time was up: that is what there is to say of it.
  deadline?.signal.throwIfAborted();
  return answer.trim().toLowerCase() === 'yes';
}
