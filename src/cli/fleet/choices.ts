/** What a command line asks of many portals, and which of it does not go together. */
import { UsageError } from '../../core/errors.ts';
import { type Amount, type FailureMode, isGlob } from '../../core/rollout.ts';
import { type CommonOptions, formatsOf } from '../context.ts';
import { type Format, isStreamed } from '../render/renderers.ts';
import { rolloutFormats } from '../rollout-commands.ts';

export interface FleetChoices {
  readonly all?: boolean;
  readonly concurrency?: number;
  /** Requests a second. */
  readonly authRate?: number;
  readonly results?: string;
  readonly resume?: string;
  readonly retryDead?: boolean;
}

export interface RolloutChoices extends FleetChoices {
  readonly serial?: readonly Amount[];
  readonly canary?: Amount;
  readonly first?: readonly string[];
  readonly maxFailures?: Amount;
  readonly failureMode?: FailureMode;
  /** Milliseconds. */
  readonly bake?: number;
  readonly plan?: string;
  readonly failOn?: readonly string[] | string;
  readonly queue?: boolean;
  readonly wait?: boolean;
  readonly supersede?: boolean;
}

type Given = CommonOptions & RolloutChoices;

/** What means nothing for a single portal, by the names on the command line. */
const forMany = {
  concurrency: '--concurrency',
  authRate: '--auth-rate',
  results: '--results',
  resume: '--resume',
  retryDead: '--retry-dead',
  serial: '--serial',
  canary: '--canary',
  first: '--first',
  maxFailures: '--max-failures',
  failureMode: '--failure-mode',
  bake: '--bake',
  plan: '--plan',
  queue: '--queue',
  wait: '--wait',
  supersede: '--supersede',
} as const satisfies Partial<Record<keyof RolloutChoices, string>>;

/**
 * Whether many portals are meant: all of them, globs, or several names. One name without a glob is one portal, as ever.
 * @throws UsageError `fleet-options`
 */
export function isForMany(options: CommonOptions, choices: RolloutChoices): boolean {
  const { portal = [] } = options;
  const isMany = choices.all === true || portal.length > 1 || portal.some(isGlob);
  if (isMany) assertTogether({ ...options, ...choices });
  else assertForOne(options, choices);
  return isMany;
}

function assertForOne({ format }: CommonOptions, choices: RolloutChoices): void {
  const given = Object.entries(forMany).find(([name]) => choices[name as keyof typeof forMany] !== undefined)?.[1];
  const option =
    given ?? (failsOnDead(choices) ? '--fail-on dead' : isStreamed(format) ? `--format ${format}` : undefined);
  if (option === undefined) return;
  throw unfit(`${option} is for many portals`, 'Add --all, or --portal with a glob or several times');
}

function assertTogether(given: Given): void {
  if (given.all === true && given.portal !== undefined) {
    throw unfit('--all and --portal do not go together', 'Name some portals with --portal, or all of them with --all');
  }
  if (given.serial !== undefined && given.canary !== undefined) {
    throw unfit('--serial and --canary do not go together', '--canary 1% is short for --serial 1%,100%');
  }
  if (given.results !== undefined && given.resume !== undefined) {
    throw unfit('--results and --resume do not go together', '--resume goes on in the file it names');
  }
  if (given.retryDead === true && given.resume === undefined) {
    throw unfit('--retry-dead needs --resume', 'Without --resume dead portals are tried anyway');
  }
  assertQueued(given);
  if (given.bake !== undefined && given.serial === undefined && given.canary === undefined) {
    throw unfit('--bake needs several waves', 'Add --canary or --serial');
  }
}

/** What the workers have, and what only they do. */
function assertQueued(given: Given): void {
  if (given.queue !== true) {
    const name = given.wait === true ? '--wait' : given.supersede === true ? '--supersede' : undefined;
    if (name !== undefined)
      throw unfit(`${name} needs --queue`, 'Without --queue this process does all of it, and waits anyway');
    return;
  }
  const told: readonly Format[] = rolloutFormats;
  const wordless = formatsOf(given).find((format) => !told.includes(format));
  if (wordless !== undefined) {
    const hint = `What workers do is told as ${told.slice(0, -1).join(', ')} or ${told.at(-1)}, as by rollout status`;
    throw unfit(`the format ${wordless} and --queue do not go together`, hint);
  }
  for (const name of ['concurrency', 'results', 'resume'] as const) {
    if (given[name] === undefined) continue;
    const hint =
      name === 'concurrency'
        ? 'Each worker has its own: worker --concurrency'
        : 'The database keeps how each portal ended: rollout status, rollout retry';
    throw unfit(`${forMany[name]} and --queue do not go together`, hint);
  }
}

export function failsOnDead({ failOn = [] }: RolloutChoices): boolean {
  return failOn.includes('dead');
}

/** @throws UsageError `fleet-options` for an option or an argument that many portals cannot be given */
export function refuseForMany(unfitting: Readonly<Record<string, unknown>>): void {
  const [name] = Object.entries(unfitting).find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw unfit(`${name} is for a single portal`, 'Name one with --portal, without a glob');
}

function unfit(message: string, hint: string): UsageError {
  return new UsageError({ code: 'fleet-options', message, hint });
}
