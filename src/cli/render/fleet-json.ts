/** A verb over many portals as the document of schemas/fleet.schema.json. */
import { planToJson } from '../../core/documents.ts';
import { actorFor } from '../../core/fleet.ts';
import type { FleetAttention, FleetShape } from '../../fleet/sum.ts';
import { digest } from '../../reconcile/platform.ts';
import type { FleetOutcome } from '../result.ts';
import { errorToJson } from './failure-json.ts';
import { fleetVerdict, stopText } from './fleet-facts.ts';

export function fleetToJson(result: FleetOutcome): object {
  const { fleet, manifest, rollout } = result;
  const { verb, shapes, attention } = fleet;
  const { name, environment, fingerprint } = manifest;
  return {
    format: 1,
    verb,
    rollout,
    manifest: { name, fingerprint, ...(environment === undefined ? {} : { environment }) },
    ...summaryToJson(result),
    shapes: shapes.map(shapeToJson),
    attention: attention.map(attentionToJson),
  };
}

/** What it came to as a whole. */
export function summaryToJson(result: FleetOutcome): object {
  const { fleet, settled, error } = result;
  const { counts, inSync, drifted, untouched, stopped, hasWritten } = fleet;
  return {
    verdict: fleetVerdict(result).word,
    counts,
    inSync,
    drifted,
    untouched,
    passedOver: settled,
    written: hasWritten,
    stopped: stopped === undefined ? null : { reason: stopped.kind, message: stopText(result) },
    ...(error === undefined ? {} : { error: errorToJson(error) }),
  };
}

/** Addresses as they may be shown. */
function shapeToJson({ shape, portals, names, plan }: FleetShape): object {
  const { summary, changes, blocked } = planToJson(plan, '', 'display', digest);
  return {
    shape,
    portals,
    names: names.map(({ memberId, domain }) => ({ memberId, domain })),
    summary,
    changes,
    blocked,
  };
}

function attentionToJson({ memberId, domain, state, verdict, shape, problem }: FleetAttention): object {
  return { memberId, domain, state, verdict, shape, ...problem, act: actorFor(problem?.code) };
}
