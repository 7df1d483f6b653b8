/**
 * One reconcile at a time for a portal: whoever asks for the same meanwhile shares it, whoever brings news waits and gets the next.
 * A repetition of what has converged is answered from memory for a while, so that it costs the portal nothing.
 */
import type { Installation } from '../installation/installation.ts';
import type { InstallCause } from './options.ts';
import { isAsWanted, type Reconciled } from './reconcile-portal.ts';

/** Which result of the last minutes will do instead of a new one. */
export type Accepts = 'nothing' | 'success' | 'anything';

export interface Reconciler {
  run(installation: Installation, cause: InstallCause, accepts: Accepts): Promise<Reconciled>;
  /** Ends what runs for a portal and keeps others from starting until the work is done. */
  stopFor<Value>(memberId: string, work: () => Promise<Value>): Promise<Value>;
  /** Resolves when nothing runs. */
  settled(): Promise<void>;
}

export interface ReconcilerOptions {
  /** Never throws. */
  readonly work: (installation: Installation, cause: InstallCause, signal: AbortSignal) => Promise<Reconciled>;
  readonly timeoutMs: number;
  readonly now: () => number;
}

interface Flight {
  readonly seed: string | undefined;
  readonly ended: Promise<Reconciled>;
  readonly stop: AbortController;
}

interface Memory {
  readonly seed: string | undefined;
  readonly untilMs: number;
  readonly result: Reconciled;
}

const rememberMs = 10 * 60_000;
const rememberedPortals = 1000;

export function createReconciler({ work, timeoutMs, now }: ReconcilerOptions): Reconciler {
  const flights = new Map<string, Flight>();
  const queues = new Map<string, Promise<unknown>>();
  const memories = new Map<string, Memory>();

  /** Runs after everything that was asked for this portal before. */
  function inTurn<Value>(memberId: string, task: () => Promise<Value>): Promise<Value> {
    const turn = (queues.get(memberId) ?? Promise.resolve()).then(task);
    const settled: Promise<void> = settle(turn).then(() => {
      if (queues.get(memberId) === settled) queues.delete(memberId);
      return undefined;
    });
    queues.set(memberId, settled);
    return turn;
  }

  function remember(memberId: string, seed: string | undefined, result: Reconciled): void {
    memories.delete(memberId);
    memories.set(memberId, { seed, result, untilMs: now() + rememberMs });
    const [oldest] = memories.keys();
    if (memories.size > rememberedPortals && oldest !== undefined) memories.delete(oldest);
  }

  function start(installation: Installation, cause: InstallCause): Promise<Reconciled> {
    const { memberId, seed } = installation;
    const stop = new AbortController();
    const ended = inTurn(memberId, async () => {
      const result = await work(installation, cause, AbortSignal.any([stop.signal, AbortSignal.timeout(timeoutMs)]));
      remember(memberId, seed, result);
      return result;
    }).finally(() => {
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
      const memory = memories.get(memberId);
      const isFresh = memory !== undefined && memory.seed === seed && memory.untilMs > now();
      const isEnough = isFresh && (accepts === 'anything' || (accepts === 'success' && isAsWanted(memory.result)));
      return isEnough ? Promise.resolve(memory.result) : start(installation, cause);
    },

    stopFor(memberId, task) {
      flights.get(memberId)?.stop.abort();
      memories.delete(memberId);
      return inTurn(memberId, task);
    },

    async settled() {
      while (queues.size > 0) await Promise.all(queues.values());
    },
  };
}

/** Ends when the other does, however that is. */
async function settle(promise: Promise<unknown>): Promise<void> {
  await Promise.allSettled([promise]);
}
