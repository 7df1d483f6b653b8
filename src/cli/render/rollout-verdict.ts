/** How a rollout that workers carry out stands, in a word and a sentence, for a page or a comment that begins with it. */
import { type PauseReason, portalsIn, type RolloutState } from '../../core/rollout-standing.ts';
import type { RolloutOutcome } from '../result.ts';
import { countText } from './facts.ts';
import { endedVerdict, type FleetWord } from './fleet-facts.ts';

export interface RolloutVerdict {
  /** Its state. */
  readonly title: string;
  /** The rest of the sentence, without a full stop. */
  readonly text: string;
  /** What it came to, where every portal has had its turn. */
  readonly word: FleetWord | undefined;
}

export function rolloutVerdict({ standing, attention }: RolloutOutcome): RolloutVerdict {
  const { state, reason, wave, waves, bakesUntil, verb, counts, hasWritten } = standing;
  const title = titles[state];
  switch (state) {
    case 'running': {
      const all = portalsIn(counts);
      const ended = all - (counts.pending ?? 0) - (counts.running ?? 0);
      const isBaking = bakesUntil !== undefined;
      const open = waves.length > 1 ? `; wave ${wave + 1} of ${waves.length} ${isBaking ? 'bakes' : 'is open'}` : '';
      return { title, text: `${ended} of ${countText(all, 'portal')} done${open}`, word: undefined };
    }
    case 'paused':
      return { title, text: pauses[reason ?? 'asked'], word: undefined };
    case 'completed': {
      const drifted = attention.filter(({ verdict }) => verdict === 'drift').length;
      const { word, text } = endedVerdict({ verb, counts, hasWritten, attention, drifted });
      return { title, text, word };
    }
    case 'cancelled':
      return { title, text: 'somebody has ended it before its time', word: undefined };
    case 'superseded':
      return { title, text: 'another rollout has taken its place', word: undefined };
  }
}

const titles: Readonly<Record<RolloutState, string>> = {
  running: 'Running',
  paused: 'Paused',
  completed: 'Completed',
  cancelled: 'Cancelled',
  superseded: 'Superseded',
};

const pauses: Readonly<Record<PauseReason, string>> = {
  asked: 'somebody has asked for it; no more portals are begun',
  failures: 'more portals have failed than the open wave puts up with; no more are begun',
  'not-held': 'a portal no longer held the manifest after the bake; no more are begun',
  everybodys: 'the server of authorisation gives no answer, or refuses the application; no more portals are begun',
};
