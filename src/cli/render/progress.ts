/** One line on stderr that shows how far long work has come, how fast it goes, and what is wrong so far; only on a terminal. */
import { monotonicMs } from '../../portal/clock.ts';
import { type Context, isDumb } from '../context.ts';
import { createPace, durationText } from './pace.ts';
import { widthOf } from './widest.ts';

export interface Progress {
  /** @param troubles what is not well, in order, with its counts */
  readonly update: (settled: number, all: number, troubles?: Troubles) => void;
  readonly clear: () => void;
}

export type Troubles = readonly (readonly [count: number, what: string])[];

export interface ProgressFacts {
  readonly settled: number;
  readonly all: number;
  /** Undefined while nobody can tell. */
  readonly perSecond?: number | undefined;
  readonly troubles?: Troubles | undefined;
}

/** Faster than anybody reads. */
const drawEveryMs = 100;

export function createProgress(
  { world, options }: Pick<Context, 'world' | 'options'>,
  title: string,
  monotonic: () => number = monotonicMs,
): Progress {
  if (!world.isErrTerminal || isDumb(world.env) || options.quiet === true) return { update: () => {}, clear: () => {} };
  const pace = createPace(monotonic());
  let drawnAtMs: number | undefined;
  return {
    update: (settled, all, troubles) => {
      const nowMs = monotonic();
      pace.note(settled, nowMs);
      if (drawnAtMs !== undefined && nowMs - drawnAtMs < drawEveryMs && settled < all) return;
      drawnAtMs = nowMs;
      const facts = { settled, all, perSecond: pace.rate(), troubles };
      world.err(`\r\u001b[K${progressText(title, facts, world.columns)}`);
    },
    clear: () => {
      if (drawnAtMs !== undefined) world.err('\r\u001b[K');
      drawnAtMs = undefined;
    },
  };
}

const widestBar = 24;
const narrowestBar = 4;

/** In one line of so many columns: what does not fit is left out, from the end of it. */
export function progressText(
  title: string,
  { settled, all, perSecond, troubles = [] }: ProgressFacts,
  columns: number,
): string {
  const left = perSecond === undefined || perSecond <= 0 ? undefined : (all - settled) / perSecond;
  const parts = [
    `${settled}/${all}`,
    ...troubles.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`),
    ...(perSecond === undefined ? [] : [`${rateText(perSecond)}/s`]),
    ...(left === undefined || settled >= all ? [] : [`${durationText(left)} left`]),
  ];
  // The last column stays free: a cursor that wraps would leave the line behind.
  const room = columns - widthOf(title) - 5;
  while (parts.length > 1 && widthOf(parts.join('  ')) > room - narrowestBar) parts.pop();
  const text = parts.join('  ');
  const bar = Math.max(narrowestBar, Math.min(widestBar, room - widthOf(text)));
  const filled = all === 0 ? bar : Math.round((Math.min(settled, all) / all) * bar);
  return `${title} [${'#'.repeat(filled)}${'.'.repeat(bar - filled)}] ${text}`;
}

function rateText(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}
