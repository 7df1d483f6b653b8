/** A question on the terminal, outside of any work that would have to be finished: an interrupt or the end of the time ends the command. */
import { UsageError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { stopOf } from './stop.ts';

/**
 * @param undone what an interrupt leaves undone, such as `nothing was changed`
 * @throws UsageError `interrupted`; NetworkError `timeout` when the command's time is up
 */
export async function ask(context: Context, question: string, undone: string): Promise<string> {
  const { world, deadline, errStyle } = context;
  const stop = stopOf(context);
  try {
    const answer = await world.ask(errStyle('bold', question), stop.signal);
    deadline?.signal.throwIfAborted();
    if (!stop.interrupt.aborted) return answer;
  } finally {
    stop.forget();
  }
  throw new UsageError({ code: 'interrupted', message: `interrupted; ${undone}` });
}
