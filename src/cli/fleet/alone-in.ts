/** One process works on a rollout at a time: two that go on with it would write over each other in its file of results. */
import { randomUUID } from 'node:crypto';
import { BitrixEventsError, UsageError } from '../../core/errors.ts';
import type { ResultsHead } from '../../fleet/results.ts';
import type { Store } from '../../installation/store.ts';
import type { FleetChoices } from './choices.ts';
import { type Begun, begunResults } from './results-file.ts';

/**
 * Holds the store's lock for the rollout's id as long as the work goes on; that of a process which was killed is taken over.
 * @param path of the results; without them there is nothing to go on with, and nothing to hold
 * @throws UsageError `locked` at once, and the codes of `begunResults`
 */
export async function aloneIn<Result>(
  store: Store,
  path: string | undefined,
  { resume, retryDead = false, ...head }: Omit<ResultsHead, 'rollout'> & Pick<FleetChoices, 'resume' | 'retryDead'>,
  work: (rollout: string, begun: Begun | undefined) => Promise<Result>,
): Promise<Result> {
  if (path === undefined) return work(randomUUID(), undefined);
  const begun = async (): Promise<Begun | undefined> =>
    resume === undefined ? undefined : begunResults(path, head, retryDead);
  const rollout = (await begun())?.rollout ?? randomUUID();
  const letGo = await hold(store, rollout, path);
  try {
    // Read again: whoever held it until now has come further.
    return await work(rollout, await begun());
  } finally {
    await letGo();
  }
}

async function hold(store: Store, rollout: string, path: string): Promise<() => Promise<void>> {
  let holder = 'another process';
  const onWait = ({ owner }: { readonly owner: string }): void => {
    holder = owner;
  };
  try {
    return await store.lock(rollout, 'apply', { signal: AbortSignal.abort(), onWait });
  } catch (cause) {
    if (!(cause instanceof BitrixEventsError) || cause.code !== 'locked') throw cause;
    throw new UsageError({
      code: 'locked',
      message: `the rollout of '${path}' is being carried out by ${holder}`,
      hint: 'Wait until it has ended; --resume then goes on with what is left, if anything',
      cause,
    });
  }
}
