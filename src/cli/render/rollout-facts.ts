/** What every format says of a rollout that workers carry out: how it stands, and what there is to do. */
import { actorFor } from '../../core/fleet.ts';
import { portalsIn, type RolloutItem, type RolloutStanding } from '../../core/rollout-standing.ts';
import { type ItemState, unsuccessful } from '../../core/rollout.ts';
import { countText } from './facts.ts';
import { acting } from './fleet-facts.ts';

/** Enough of its id to name it among those of a database. */
export function shortId({ id }: Pick<RolloutStanding, 'id'>): string {
  return id.slice(0, 8);
}

const inOrder = [
  'succeeded',
  ...unsuccessful,
  'superseded',
  'running',
  'pending',
] as const satisfies readonly ItemState[];

export function countsText({ counts }: Pick<RolloutStanding, 'counts'>): string {
  const said = inOrder.flatMap((state) => {
    const count = counts[state] ?? 0;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return `${countText(portalsIn(counts), 'portal')}: ${said.join(', ')}`;
}

export function stateText(standing: RolloutStanding): string {
  const { state, wave, waves, bakesUntil } = standing;
  const where = waves.length > 1 && state !== 'completed' ? `, wave ${wave + 1} of ${waves.length}` : '';
  const baking = bakesUntil === undefined ? '' : `, which bakes until ${bakesUntil}`;
  return `${state}${where}${baking}`;
}

/** Why it goes no further, and how it would; one line each. */
export function adviceOn(standing: RolloutStanding): readonly string[] {
  const { state, counts, bakesUntil } = standing;
  const id = shortId(standing);
  const failed = (counts.failed ?? 0) + (counts.partial ?? 0) + (counts.unknown ?? 0);
  switch (state) {
    case 'running':
      return (counts.running ?? 0) > 0 || bakesUntil !== undefined
        ? []
        : [`Workers carry it out: bitrix-events worker. Follow it with bitrix-events rollout status ${id} --watch`];
    case 'paused':
      return adviceOnPause(standing, id);
    case 'completed':
      return failed > 0 ? [`Try the failed ones again: bitrix-events rollout retry ${id}`] : [];
    case 'cancelled':
    case 'superseded':
      return [];
  }
}

function adviceOnPause({ reason, failed, waves, wave, problem }: RolloutStanding, id: string): readonly string[] {
  const goOn = `bitrix-events rollout resume ${id}`;
  switch (reason) {
    case 'failures':
      return [
        `Wave ${wave + 1} has ${countText(failed, 'failure')} and puts up with ${waves[wave]?.tolerance ?? 0}.`,
        `Try the failed ones again: bitrix-events rollout retry ${id}. Go on without them: ${goOn}`,
      ];
    case 'not-held':
      return [`Wave ${wave + 1} did not hold after its bake.`, `Go on in spite of it: ${goOn}`];
    case 'everybodys':
      return [`No portal's fault: ${problem ?? 'the server of authorisation gives no answer'}.`, `Go on: ${goOn}`];
    case 'asked':
    case undefined:
      return [`Go on: ${goOn}`];
  }
}

/** What is the matter with a portal of it, and who has to act. */
export function standingOfItem({ state, verdict, problem }: RolloutItem): string {
  const word = state !== 'succeeded' ? state : verdict === 'cannot-tell' ? 'cannot tell' : 'drifted';
  return `${word}; ${acting[actorFor(problem?.code)]}`;
}
