/** Follows a rollout until nobody works on it any more. */
import { UsageError } from '../../core/errors.ts';
import { portalsIn, type RolloutStanding } from '../../core/rollout-standing.ts';
import type { Rollouts } from '../../postgres/rollouts.ts';
import { sleep } from '../../reconcile/platform.ts';
import type { Context } from '../context.ts';
import { createProgress } from '../render/progress.ts';

const pauseMs = 1_000;

/** A rollout as it stands, with every portal that somebody has to look at. */
export async function standingOf(rollouts: Rollouts, id: string) {
  const standing = await oneRollout(rollouts, id);
  return { standing, attention: await rollouts.attention(id), stoodAt: new Date().toISOString() };
}

/**
 * @param start its id or the beginning of it; the newest where none is given
 * @throws UsageError `unknown-rollout`
 */
export async function oneRollout(rollouts: Rollouts, start: string | undefined): Promise<RolloutStanding> {
  const [found, other] = start === '' ? [] : await rollouts.find(start);
  if (found !== undefined && (other === undefined || found.id === start)) return found;
  throw new UsageError({
    code: 'unknown-rollout',
    message:
      start === undefined
        ? 'there is no rollout in the store'
        : `${found === undefined ? 'no rollout begins' : 'more than one rollout begins'} with '${start}'`,
    hint: 'rollout list shows all of them; a new one is made by apply --all --queue',
  });
}

/**
 * Resolves when it is over, or has been stopped by what only a person can mend. One that somebody has paused is waited for.
 * @param stop ends it earlier
 */
export async function followRollout(
  context: Context,
  rollouts: Rollouts,
  id: string,
  stop: AbortSignal,
): Promise<RolloutStanding> {
  const progress = createProgress(context, 'Rollout');
  try {
    for (;;) {
      const standing = await oneRollout(rollouts, id);
      const { counts, state, reason } = standing;
      const all = portalsIn(counts);
      progress.update(all - (counts.pending ?? 0) - (counts.running ?? 0), all);
      // What is in work when it is stopped is still finished.
      const isOver = state !== 'running' && reason !== 'asked' && (counts.running ?? 0) === 0;
      if (isOver || stop.aborted) return standing;
      await sleep(pauseMs, stop);
    }
  } finally {
    progress.clear();
  }
}
