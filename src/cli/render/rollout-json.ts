/** Rollouts that workers carry out as the documents of schemas/rollout.schema.json and schemas/rollout-list.schema.json. */
import { actorFor } from '../../core/fleet.ts';
import type { RolloutItem, RolloutStanding } from '../../core/rollout-standing.ts';
import type { RolloutOutcome } from '../result.ts';
import { errorToJson } from './failure-json.ts';

export function rolloutToJson({ standing, attention, error }: RolloutOutcome): object {
  return {
    format: 1,
    ...standingToJson(standing),
    attention: attention.map(itemToJson),
    ...(error === undefined ? {} : { error: errorToJson(error) }),
  };
}

export function rolloutsToJson(rows: readonly RolloutStanding[]): object {
  return { format: 1, rollouts: rows.map(standingToJson) };
}

function standingToJson(standing: RolloutStanding): object {
  const { id, origin, verb, state, reason, manifest, chosen, createdAt, by, waves, wave, failed, bakesUntil, counts } =
    standing;
  return {
    rollout: id,
    origin,
    verb,
    state,
    reason: reason ?? null,
    manifest,
    chosen,
    createdAt,
    by,
    waves,
    wave,
    failed,
    bakesUntil: bakesUntil ?? null,
    counts,
    written: standing.hasWritten,
  };
}

function itemToJson({ memberId, domain, wave, state, verdict, problem }: RolloutItem): object {
  return { memberId, domain, wave, state, verdict, ...problem, act: actorFor(problem?.code) };
}
