/** `apply --all --queue`: writes a rollout down for workers to carry out, and follows it where that is asked for. */
import { randomUUID } from 'node:crypto';
import { RefusedError } from '../../core/errors.ts';
import { allOfThem, rulesOf, wavesOf } from '../../core/rollout.ts';
import type { NewRollout } from '../../core/rollout-standing.ts';
import type { FleetOptions } from '../../fleet/options.ts';
import { parseShapes } from '../../fleet/reviewed.ts';
import { openQueue } from '../../postgres/queue.ts';
import { type Context, lateness } from '../context.ts';
import { endingOfRollout } from '../exit-code.ts';
import { agree } from '../fleet/agree.ts';
import { failsOnDead } from '../fleet/choices.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { loadForCommand } from '../load.ts';
import { readPlan } from '../load-saved-plan.ts';
import type { FleetOutcome, Outcome } from '../result.ts';
import { followRollout, standingOf } from '../rollouts/follow.ts';
import { type RolloutPlace, withRollouts } from '../rollouts/with-rollouts.ts';
import { stopOf } from '../stop.ts';
import type { FleetRequest } from './fleet.ts';

export function enqueue(context: Context, request: FleetRequest): Promise<Outcome> {
  return withRollouts(context, (place) => enqueueIn(place, context, request));
}

async function enqueueIn(place: RolloutPlace, context: Context, request: FleetRequest): Promise<Outcome> {
  const { url, store, rollouts, name } = place;
  const { choices, planning, consent } = request;
  const chosen = (context.options.portal ?? ['*']).join(',');
  context.learn({ portal: chosen });
  const manifest = await loadForCommand(context);
  const id = randomUUID();
  const stop = stopOf(context);
  const opened = await openFleet(context, store, choices, id, stop.signal);
  try {
    const { portals, world } = opened;
    const named =
      choices.plan === undefined
        ? undefined
        : parseShapes(await readPlan(context, choices.plan), choices.plan, manifest);
    const common: FleetOptions = { ...planning, verb: 'apply', manifest, world, portals, consent, signal: stop.signal };
    const outcomeOf = (fleet: FleetOutcome['fleet']): FleetOutcome => ({
      kind: 'fleet',
      manifest,
      rollout: id,
      chosen,
      fleet,
      settled: 0,
      failsOnDead: failsOnDead(choices),
      results: undefined,
      savedIn: undefined,
      createdAt: '',
      error: undefined,
    });
    const reviewed = request.isAgreed === true ? named : await agree(context, common, named, outcomeOf);
    const sizes = wavesOf(portals.length, serialOf(choices));
    const rollout: NewRollout = {
      id,
      origin: 'asked',
      task: {
        verb: 'apply',
        manifest,
        ...planning,
        consent,
        ...(reviewed === undefined ? {} : { reviewed: [...reviewed] }),
      },
      portals,
      waves: sizes.map((size, wave) => ({ portals: size, ...rulesOf(wave, sizes, choices) })),
      bakeMs: choices.bake ?? 0,
      chosen,
      by: name,
    };
    const other = await rollouts.create(rollout, choices.supersede === true);
    if (other !== undefined) throw inTheWay(other);
    await wake(url, place);
    if (choices.wait !== true)
      return {
        result: { kind: 'rollout', did: 'queued', ...(await standingOf(rollouts, id)) },
        ending: 'done',
      };
    const standing = await followRollout(context, rollouts, id, stop.signal);
    const shown = { ...(await standingOf(rollouts, id)), standing };
    const error = lateness(context);
    return {
      result: { kind: 'rollout', did: 'followed', ...shown, ...(error === undefined ? {} : { error }) },
      ending: endingOfRollout(standing, failsOnDead(choices), stop.interrupt.aborted),
    };
  } finally {
    stop.forget();
    await opened.close();
  }
}

function serialOf({ serial, canary }: FleetRequest['choices']) {
  return canary === undefined ? (serial ?? []) : [canary, allOfThem];
}

/** Wakes workers for whatever may be begun now. */
export async function wake(url: string, { rollouts, name }: Pick<RolloutPlace, 'rollouts' | 'name'>): Promise<void> {
  const queue = await openQueue(url, { name, isWorker: false, onProblem: () => undefined });
  try {
    await queue.wake(await rollouts.waiting(Number.MAX_SAFE_INTEGER));
  } finally {
    await queue.stop();
  }
}

function inTheWay(id: string): RefusedError {
  return new RefusedError([], {
    code: 'rollout-open',
    message: `rollout ${id} is still open; nothing was queued`,
    hint: `Wait for it, end it with rollout cancel ${id.slice(0, 8)}, or let this one take its place with --supersede`,
  });
}
