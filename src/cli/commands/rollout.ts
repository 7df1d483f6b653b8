/** `bitrix-events rollout …`: looks at what workers carry out, and stops it or lets it go on. */
import { RefusedError } from '../../core/errors.ts';
import { isOpen, type RolloutStanding } from '../../core/rollout-standing.ts';
import type { Context } from '../context.ts';
import { endingOfRollout } from '../exit-code.ts';
import type { Outcome, RolloutOutcome } from '../result.ts';
import { followRollout, oneRollout, standingOf } from '../rollouts/follow.ts';
import { type RolloutPlace, withRollouts } from '../rollouts/with-rollouts.ts';
import { stopOf } from '../stop.ts';
import { wake } from './enqueue.ts';

/** Of rollouts that `rollout list` shows. */
const mostListed = 20;

export function listRollouts(context: Context, { sweeps = false }: { readonly sweeps?: boolean }): Promise<Outcome> {
  return withRollouts(context, async ({ rollouts }) => ({
    result: { kind: 'rollouts', rows: await rollouts.list(mostListed, sweeps ? undefined : 'asked') },
    ending: 'done',
  }));
}

export function showRollout(
  context: Context,
  start: string | undefined,
  { watch = false }: { readonly watch?: boolean },
): Promise<Outcome> {
  return withRollout(context, start, async ({ rollouts }, { id }) => {
    if (!watch) return outcome('shown', rollouts, id);
    const stop = stopOf(context);
    try {
      const standing = await followRollout(context, rollouts, id, stop.signal);
      const { result } = await outcome('followed', rollouts, id);
      return { result, ending: endingOfRollout(standing, false, stop.interrupt.aborted) };
    } finally {
      stop.forget();
    }
  });
}

export function pauseRollout(context: Context, start: string): Promise<Outcome> {
  return change(context, start, 'paused', ({ rollouts }, { id }) => rollouts.pause(id, 'asked'));
}

export function resumeRollout(context: Context, start: string): Promise<Outcome> {
  return change(context, start, 'resumed', async (place, { id }) => {
    const isResumed = await place.rollouts.resume(id);
    if (isResumed) await wake(place.url, place);
    return isResumed;
  });
}

export function cancelRollout(context: Context, start: string): Promise<Outcome> {
  return change(context, start, 'cancelled', ({ rollouts }, { id }) => rollouts.cancel(id));
}

export function retryRollout(
  context: Context,
  start: string,
  { dead = false }: { readonly dead?: boolean },
): Promise<Outcome> {
  return change(context, start, 'retried', async (place, { id }) => {
    const again = await place.rollouts.retry(id, dead);
    if (again !== undefined) await wake(place.url, place);
    return again !== undefined;
  });
}

async function change(
  context: Context,
  start: string,
  did: RolloutOutcome['did'],
  make: (place: RolloutPlace, rollout: RolloutStanding) => Promise<boolean>,
): Promise<Outcome> {
  return withRollout(context, start, async (place, rollout) => {
    if (!(await make(place, rollout))) throw cannot(did, rollout);
    return outcome(did, place.rollouts, rollout.id);
  });
}

function withRollout(
  context: Context,
  start: string | undefined,
  work: (place: RolloutPlace, rollout: RolloutStanding) => Promise<Outcome>,
): Promise<Outcome> {
  // Until it is found: most are over all portals.
  context.learn({ portal: '*' });
  return withRollouts(context, async (place) => {
    const rollout = await oneRollout(place.rollouts, start);
    const { name, environment, file } = rollout.manifest;
    context.learn({ name, environment, file, portal: rollout.chosen });
    return work(place, rollout);
  });
}

async function outcome(did: RolloutOutcome['did'], rollouts: RolloutPlace['rollouts'], id: string): Promise<Outcome> {
  return { result: { kind: 'rollout', did, ...(await standingOf(rollouts, id)) }, ending: 'done' };
}

function cannot(did: RolloutOutcome['did'], rollout: RolloutStanding): RefusedError {
  const { id, state } = rollout;
  return new RefusedError([], {
    code: 'rollout-state',
    message: `rollout ${id.slice(0, 8)} is ${state}, and cannot be ${did}`,
    hint: isOpen(rollout) ? 'rollout status shows how it stands' : 'Begin another one with apply --all --queue',
  });
}
