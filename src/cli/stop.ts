/** What ends a command early: an interrupt by its user, or the end of its time. */
import { abortOn } from '../reconcile/abort.ts';
import type { Context } from './context.ts';

export interface Stop {
  /** Aborted by either. */
  readonly signal: AbortSignal;
  readonly interrupt: AbortSignal;
  /** To be called at the end: from then on an interrupt ends the process. */
  forget(): void;
}

/** @param tell called at an interrupt; another one ends the process at once */
export function stopOf({ world, deadline }: Context, tell: () => void = () => undefined): Stop {
  const interrupt = new AbortController();
  const end = abortOn([interrupt.signal, deadline?.signal]);
  const stopListening = world.onInterrupt(() => {
    tell();
    interrupt.abort();
  });
  return {
    signal: end.signal,
    interrupt: interrupt.signal,
    forget() {
      stopListening();
      end.forget();
    },
  };
}
