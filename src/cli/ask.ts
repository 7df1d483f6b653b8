/** A question on the terminal, outside of any work that would have to be finished: an interrupt or the end of the time ends the command. */
import { UsageError } from '../core/errors.ts';
import type { Context } from './context.ts';

/**
 * @param undone what an interrupt leaves undone, such as `nothing was changed`
 * @throws UsageError `interrupted`; NetworkError `timeout` when the command's time is up
 */
export async function ask({ world, deadline, errStyle }: Context, question: string, undone: string): Promise<string> {
  const interrupt = new AbortController();
  const stopListening = world.onInterrupt(() => interrupt.abort());
  const signals = deadline === undefined ? [] : [deadline.signal];
  try {
    const answer = await world.ask(errStyle('bold', question), AbortSignal.any([interrupt.signal, ...signals]));
    deadline?.signal.throwIfAborted();
    if (!interrupt.signal.aborted) return answer;
  } finally {
    stopListening();
  }
  throw new UsageError({ code: 'interrupted', message: `interrupted; ${undone}` });
}
