/** The options of the verbs that work on many portals of the store, each once. */
import { type Amount, parseAmount } from '../core/rollout.ts';
import { gathered, type OptionSpec, wholeNumber } from './options.ts';

/** Of `plan`, `check` and `apply`; `--portal` here may be repeated and take globs. */
export const sweepOptions: readonly OptionSpec[] = [
  { flags: '--all', summary: 'every portal of the store' },
  {
    flags: '--portal <name>',
    summary: 'which portal of the store, by domain or member_id; several with * or ?, or when repeated',
    parse: gathered,
  },
  { flags: '--concurrency <n>', summary: 'portals in work at a time, from 1 to 1000 (default: 10)', parse: hands },
  {
    flags: '--auth-rate <n>',
    summary: 'requests a second to one authorisation server (default: 5)',
    parse: rate,
  },
  { flags: '--results <file>', summary: 'write one line of JSON there for each portal as it ends' },
  { flags: '--resume <file>', summary: 'go on with the portals that have not succeeded in these results' },
  { flags: '--retry-dead', summary: 'with --resume: try dead portals again as well' },
];

export const rolloutOptions: readonly OptionSpec[] = [
  {
    flags: '--serial <sizes>',
    summary: 'waves of so many portals or percent, such as 1,10%,100%; the last size repeats',
    parse: (text) => text.split(',').map(waveSize),
  },
  { flags: '--canary <size>', summary: 'so many portals or percent first, then all others', parse: waveSize },
  { flags: '--first <glob>', summary: 'put these portals before all others; may be repeated', parse: gathered },
  {
    flags: '--max-failures <n>',
    summary: 'failures, or percent, a wave puts up with (default: 0 in the first of several, else 5%)',
    parse: amount,
  },
  {
    flags: '--failure-mode <mode>',
    summary: 'strict: never more in work than failures left and one (default: in the first of several waves)',
    choices: ['strict', 'soft'],
  },
  {
    flags: '--bake <time>',
    summary: 'between two waves wait so long, such as 30m, and check the wave again',
    parse: milliseconds,
  },
  { flags: '--plan <file>', summary: 'only portals whose changes were reviewed, in a file of plan --all --out' },
  {
    flags: '--fail-on <kinds>',
    summary: 'dead: portals that are gone count as failures',
    choices: ['dead'],
  },
  { flags: '--queue', summary: 'leave the work to workers, which share the store in PostgreSQL' },
  { flags: '--wait', summary: 'with --queue: follow the rollout, and end as it ends' },
  { flags: '--supersede', summary: 'with --queue: take the place of a rollout that is still open' },
];

function hands(text: string): number {
  const value = wholeNumber(text);
  if (value < 1 || value > 1000) throw new Error('It takes a whole number from 1 to 1000.');
  return value;
}

function rate(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < 0.01 || value > 1000) {
    throw new Error('It takes requests a second, from 0.01 to 1000.');
  }
  return value;
}

function amount(text: string): Amount {
  const value = parseAmount(text);
  if (value === undefined) throw new Error('It takes a number such as 5, or a percentage such as 10%.');
  return value;
}

/** A wave of nothing would never end. */
function waveSize(text: string): Amount {
  const size = amount(text);
  if (size.value === 0) throw new Error('A wave has one portal at least.');
  return size;
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** At most a day. */
function milliseconds(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  const value = Number(digits) * (units[unit] ?? 0);
  if (!(value > 0 && value <= 86_400_000)) throw new Error('It takes a time such as 90s, 30m or 2h, at most 24h.');
  return value;
}
