/** Calls what the application hung into its installer. Nothing it throws goes further than `onError`. */
import type { ErrorContext, InstallerHooks, InstallerOptions } from './options.ts';

export interface HookCaller {
  call<Name extends keyof InstallerHooks>(
    name: Name,
    facts: Parameters<NonNullable<InstallerHooks[Name]>>[0],
    memberId: string,
  ): Promise<void>;
  report(error: unknown, context: ErrorContext): void;
}

/** Calls what may throw, and what may give a promise nobody waits for: unhandled, its rejection would end the process. */
export function attempt(work: () => unknown, onFailure: (error: unknown) => void): void {
  const run = async (): Promise<void> => {
    await work();
  };
  run().catch(onFailure);
}

export function createHookCaller({ hooks = {}, onError }: Pick<InstallerOptions, 'hooks' | 'onError'>): HookCaller {
  function report(error: unknown, context: ErrorContext): void {
    // Whoever is told of errors cannot be told of one of their own.
    attempt(
      () => onError?.(error, context),
      () => undefined,
    );
  }
  return {
    report,
    async call(name, facts, memberId) {
      // The union of the hooks takes the intersection of their facts; name and facts come from one call and fit.
      const hook = hooks[name] as ((given: typeof facts) => void | Promise<void>) | undefined;
      try {
        await hook?.(facts);
      } catch (error) {
        report(error, { during: name, memberId });
      }
    },
  };
}
