/** The options by which a process looks after the portals of its store, each once. */
import { UsageError } from '../core/errors.ts';
import { parseInterval } from '../core/interval.ts';
import type { OptionSpec } from './options.ts';

export interface CareChoices {
  /** Milliseconds. */
  readonly checkEvery?: number;
  readonly heal?: boolean;
}

export const careOptions: readonly OptionSpec[] = [
  {
    flags: '--check-every <days>',
    summary: 'look at every portal once in so many days, such as 7d, spread over all of them',
    parse: interval,
  },
  { flags: '--heal', summary: 'with --check-every: apply what a portal lacks, instead of only reporting it' },
];

/** @throws UsageError `fleet-options` */
export function sweepOf({ checkEvery, heal = false }: CareChoices) {
  if (checkEvery !== undefined) return { intervalMs: checkEvery, heals: heal };
  if (!heal) return undefined;
  throw new UsageError({
    code: 'fleet-options',
    message: '--heal needs --check-every',
    hint: 'Say how often portals are looked at, for example --check-every 7d --heal',
  });
}

function interval(text: string): number {
  const ms = parseInterval(text);
  if (ms === undefined) {
    throw new Error('It takes days such as 7d, from 1d to 150d: who asks more often may have the application blocked.');
  }
  return ms;
}
