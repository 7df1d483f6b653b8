/** What every format says of a verb over many portals: the verdict, the counts, what became of each portal, and who has to act. */
import { type Actor, actorFor, type ItemEnding } from '../../core/fleet.ts';
import { failures, type PortalName, unsuccessful } from '../../core/rollout.ts';
import type { FleetAttention, FleetResult, FleetShape } from '../../fleet/sum.ts';
import type { FleetOutcome } from '../result.ts';
import { countText } from './facts.ts';

export type FleetWord =
  | 'stopped'
  | 'failed'
  | 'unreviewed'
  | 'cannot-tell'
  | 'drift'
  | 'in-sync'
  | 'converged'
  | 'unchanged';

export interface FleetVerdict {
  readonly word: FleetWord;
  readonly title: string;
  /** The rest of the sentence, without a full stop. */
  readonly text: string;
}

export function fleetVerdict(result: FleetOutcome): FleetVerdict {
  const word = wordOf(result);
  const [title, text] = verdicts[word];
  return { word, title, text: word === 'stopped' ? (stopText(result) ?? text) : text };
}

const verdicts: Readonly<Record<FleetWord, readonly [title: string, text: string]>> = {
  stopped: ['Stopped', 'not every portal was begun'],
  failed: ['Failed', 'not every portal came out well'],
  unreviewed: ['Unreviewed', 'some portals need what nobody has reviewed'],
  'cannot-tell': ['Cannot tell', 'some users do not see everything the manifest asks for'],
  drift: ['Drift', 'some portals do not hold what the manifest asks for'],
  'in-sync': ['In sync', 'every portal that could be read holds what the manifest asks for'],
  converged: ['Converged', 'every portal that is alive holds what the manifest asks for'],
  unchanged: ['Unchanged', 'every portal that is alive already held what the manifest asks for'],
};

function wordOf({ fleet, failsOnDead }: FleetOutcome): FleetWord {
  return fleet.stopped === undefined ? endedWord(fleet, failsOnDead) : 'stopped';
}

/** All portals of something that was done to many, when each has ended. */
type Ended = Pick<FleetResult, 'verb' | 'counts' | 'drifted' | 'hasWritten'> & {
  readonly attention: readonly ItemEnding[];
};

/** As of a verb that has begun every portal. */
export function endedVerdict(ended: Ended): FleetVerdict {
  const word = endedWord(ended, false);
  const [title, text] = verdicts[word];
  return { word, title, text };
}

function endedWord({ verb, counts, attention, drifted, hasWritten }: Ended, failsOnDead: boolean): FleetWord {
  if ([...failures].some((state) => (counts[state] ?? 0) > 0)) return 'failed';
  if (failsOnDead && (counts.dead ?? 0) > 0) return 'failed';
  if ((counts.cancelled ?? 0) > 0) return 'failed';
  if ((counts.unreviewed ?? 0) > 0) return 'unreviewed';
  if (verb === 'apply') return hasWritten ? 'converged' : 'unchanged';
  if (attention.some(({ verdict }) => verdict === 'cannot-tell')) return 'cannot-tell';
  return drifted > 0 ? 'drift' : 'in-sync';
}

/** Why not every portal was begun; undefined when each was. */
export function stopText({ fleet: { stopped, untouched }, error }: FleetOutcome): string | undefined {
  if (stopped === undefined) return undefined;
  const rest = `${countText(untouched, 'portal')} not begun`;
  switch (stopped.kind) {
    case 'failures':
      return `wave ${stopped.wave + 1} has ${countText(stopped.failed, 'failure')} and puts up with ${stopped.tolerance}; ${rest}`;
    case 'wave':
      return `wave ${stopped.wave + 1} did not hold after its bake; ${rest}`;
    case 'everybodys':
      return `no portal's fault [${stopped.ending.problem?.code ?? 'failed'}]; ${rest}`;
    case 'interrupted':
      return `${error === undefined ? 'interrupted' : error.message}; ${rest}`;
  }
}

/** How to do the rest. */
export function goOnText({ fleet: { verb, stopped, counts }, results, chosen }: FleetOutcome): string | undefined {
  const isWhole =
    stopped === undefined && !Object.keys(counts).some((state) => state !== 'succeeded' && state !== 'dead');
  if (isWhole) return undefined;
  if (results === undefined) {
    return verb === 'apply' ? 'Run again: a portal that is as wanted costs one request and is not changed.' : undefined;
  }
  const which =
    chosen === '*'
      ? '--all'
      : chosen
          .split(',')
          .map((name) => `--portal '${name}'`)
          .join(' ');
  return `Go on with the others: bitrix-events ${verb} ${which} --resume ${results}`;
}

/** How many portals there are, and how many of them came to what; nothing is counted that there is none of. */
export interface FleetTally {
  readonly all: number;
  readonly parts: readonly (readonly [count: number, what: string])[];
}

export function fleetCounts(result: FleetOutcome): string {
  const { all, parts } = fleetTally(result);
  const said = parts.map(([count, what]) => `${count} ${what}`);
  return `${countText(all, 'portal')}: ${said.length === 0 ? 'nothing to do' : said.join(', ')}`;
}

export function fleetTally({ fleet, settled }: FleetOutcome): FleetTally {
  const { verb, counts, inSync, drifted, attention, untouched } = fleet;
  const succeeded = counts.succeeded ?? 0;
  const unclear = attention.filter(({ verdict }) => verdict === 'cannot-tell').length;
  const well: readonly (readonly [number, string])[] =
    verb === 'apply'
      ? [
          [succeeded - inSync, 'changed'],
          [inSync, 'unchanged'],
        ]
      : [
          [inSync, 'in sync'],
          [drifted, 'drifted'],
          [unclear, 'unclear'],
        ];
  const others = unsuccessful.map((state) => [counts[state] ?? 0, state] as const);
  const parts = [...well, ...others, [untouched, 'not begun'] as const, [settled, 'passed over'] as const];
  const all = Object.values(counts).reduce((sum, count) => sum + count, untouched + settled);
  return { all, parts: parts.filter(([count]) => count > 0) };
}

/** `acme.bitrix24.com (member id)`; a record that cannot be read has no domain. */
export function portalTitle({ domain, memberId }: PortalName): string {
  return domain === '' ? memberId : `${domain} (${memberId})`;
}

/** How they were named. */
export function portalsTitle({ chosen }: Pick<FleetOutcome, 'chosen'>): string {
  return chosen === '*' ? 'all portals' : chosen;
}

/** Of a set of changes: how many portals need it, and which. */
export function shapeTitle({ portals, names }: FleetShape): string {
  const more = portals > names.length ? ` and ${portals - names.length} more` : '';
  return `On ${countText(portals, 'portal')}: ${names.map(({ domain, memberId }) => domain || memberId).join(', ')}${more}`;
}

/** What is the matter with a portal, and who has to act. */
export function standingOf({ state, verdict, problem }: ItemEnding): string {
  const word = state !== 'succeeded' ? state : verdict === 'cannot-tell' ? 'cannot tell' : 'apply will refuse';
  return `${word}; ${acting[actorFor(problem?.code)]}`;
}

export const acting: Readonly<Record<Actor, string>> = {
  you: 'you have to act',
  owner: "the portal's owner has to act",
  nobody: 'nobody has to act',
};

export interface FleetCase {
  readonly portal: string;
  /** Undefined for one that is well. */
  readonly outcome: 'failure' | 'error' | 'skipped' | undefined;
  readonly message: string;
  readonly type: string;
}

/** One for each portal, also for those that were not begun, by name. */
export function fleetCases({ fleet, failsOnDead }: FleetOutcome): readonly FleetCase[] {
  const { passed, attention, left } = fleet;
  const cases = [
    ...passed.map(({ portal, verdict }): FleetCase => {
      const outcome = verdict === 'drift' ? 'failure' : undefined;
      return {
        portal: portalTitle(portal),
        outcome,
        message: 'does not hold what the manifest asks for',
        type: 'drift',
      };
    }),
    ...attention.map((portal): FleetCase => {
      const message = [standingOf(portal), portal.problem?.message].filter((part) => part !== undefined).join(': ');
      const type = portal.problem?.code ?? portal.state;
      return { portal: portalTitle(portal), outcome: outcomeOf(portal, failsOnDead), message, type };
    }),
    ...left.map(
      (portal): FleetCase => ({ portal: portalTitle(portal), outcome: 'skipped', message: 'not begun', type: '' }),
    ),
  ];
  return cases.sort((a, b) => (a.portal < b.portal ? -1 : 1));
}

function outcomeOf({ state, verdict }: FleetAttention, failsOnDead: boolean): FleetCase['outcome'] {
  switch (state) {
    case 'dead':
      return failsOnDead ? 'error' : 'skipped';
    case 'cancelled':
      return 'skipped';
    case 'succeeded':
      return verdict === 'cannot-tell' ? 'error' : 'failure';
    case 'unreviewed':
      return 'failure';
    default:
      return 'error';
  }
}
