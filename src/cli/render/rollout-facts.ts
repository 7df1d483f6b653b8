/** What every format says of a rollout that workers carry out: how it stands, and what there is to do. */
import { actorFor } from '../../core/fleet.ts';
import { type PauseReason, portalsIn, type RolloutItem, type RolloutStanding } from '../../core/rollout-standing.ts';
import { failures, type ItemState, unsuccessful } from '../../core/rollout.ts';
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

/** How many portals have come to what; nothing is counted that there is none of. */
export function tallyOf({ counts }: Pick<RolloutStanding, 'counts'>): readonly (readonly [number, ItemState])[] {
  return inOrder.map((state) => [counts[state] ?? 0, state] as const).filter(([count]) => count > 0);
}

export function countsText(standing: Pick<RolloutStanding, 'counts'>): string {
  const said = tallyOf(standing).map(([count, state]) => `${count} ${state}`);
  return `${countText(portalsIn(standing.counts), 'portal')}: ${said.join(', ')}`;
}

export function stateText(standing: RolloutStanding): string {
  const { state, wave, waves, bakesUntil } = standing;
  const where = waves.length > 1 && state !== 'completed' ? `, wave ${wave + 1} of ${waves.length}` : '';
  const baking = bakesUntil === undefined ? '' : `, which bakes until ${bakesUntil}`;
  return `${state}${where}${baking}`;
}

/** Why it goes no further, and how it would; one line each. */
export function adviceOn(standing: RolloutStanding): readonly string[] {
  const why = whyStopped(standing);
  const ways = waysOn(standing).map(({ words, command }) => `${words} ${command}`);
  return [...(why === undefined ? [] : [`${why}.`]), ...(ways.length === 0 ? [] : [ways.join('. ')])];
}

/** What has stopped it, where that was not a person; a sentence without its full stop. */
export function whyStopped(standing: RolloutStanding): string | undefined {
  const { state, reason, failed, waves, wave, problem } = standing;
  if (state !== 'paused') return undefined;
  switch (reason) {
    case 'failures':
      return `Wave ${wave + 1} has ${countText(failed, 'failure')} and puts up with ${waves[wave]?.tolerance ?? 0}`;
    case 'not-held':
      return `Wave ${wave + 1} did not hold after its bake`;
    case 'everybodys':
      return `No portal's fault: ${problem ?? 'the server of authorisation gives no answer'}`;
    case 'asked':
    case undefined:
      return undefined;
  }
}

/** A command, and in words what it is for. */
export interface Way {
  readonly words: string;
  readonly command: string;
}

/** How it goes on. */
export function waysOn(standing: RolloutStanding): readonly Way[] {
  const { state, reason, counts, bakesUntil } = standing;
  const id = shortId(standing);
  const retry = { words: 'Try the failed ones again:', command: `bitrix-events rollout retry ${id}` };
  switch (state) {
    case 'running':
      return (counts.running ?? 0) > 0 || bakesUntil !== undefined
        ? []
        : [
            { words: 'Workers carry it out:', command: 'bitrix-events worker' },
            { words: 'Follow it with', command: `bitrix-events rollout status ${id} --watch` },
          ];
    case 'paused': {
      const words = goingOn[reason ?? 'asked'];
      return [...(reason === 'failures' ? [retry] : []), { words, command: `bitrix-events rollout resume ${id}` }];
    }
    case 'completed':
      return failedIn(standing) > 0 ? [retry] : [];
    case 'cancelled':
    case 'superseded':
      return [];
  }
}

const goingOn: Readonly<Record<PauseReason, string>> = {
  asked: 'Go on:',
  failures: 'Go on without them:',
  'not-held': 'Go on in spite of it:',
  everybodys: 'Go on:',
};

/** Portals that have come to what counts against the tolerance. */
export function failedIn({ counts }: Pick<RolloutStanding, 'counts'>): number {
  return [...failures].reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}

/** What is the matter with a portal of it, and who has to act. */
export function standingOfItem({ state, verdict, problem }: RolloutItem): string {
  const word = state !== 'succeeded' ? state : verdict === 'cannot-tell' ? 'cannot tell' : 'drifted';
  return `${word}; ${acting[actorFor(problem?.code)]}`;
}
