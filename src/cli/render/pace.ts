/** How fast long work goes, by what was settled in the last while, and how long the rest of it will take. Pure. */

export interface Pace {
  /** @param atMs on a clock that nobody sets */
  note(settled: number, atMs: number): void;
  /** Per second; undefined until there is enough to tell by. */
  rate(): number | undefined;
}

/** Old enough to be steady, young enough to notice that it goes slower now. */
const windowMs = 30_000;
/** Of what there is to remember one mark a second is enough. */
const markEveryMs = 1_000;
const leastMs = 2_000;

interface Mark {
  readonly atMs: number;
  readonly settled: number;
}

export function createPace(startMs: number): Pace {
  const marks: Mark[] = [{ atMs: startMs, settled: 0 }];
  let latest: Mark = { atMs: startMs, settled: 0 };
  return {
    note(settled, atMs) {
      latest = { atMs, settled };
      if (atMs - (marks.at(-1)?.atMs ?? startMs) >= markEveryMs) marks.push(latest);
      while (marks.length > 1 && (marks[1]?.atMs ?? 0) <= atMs - windowMs) marks.shift();
    },
    rate() {
      const [first] = marks;
      if (first === undefined || latest.atMs - first.atMs < leastMs) return undefined;
      return ((latest.settled - first.settled) / (latest.atMs - first.atMs)) * 1000;
    },
  };
}

/** `42 s`, `3 min`, `2 h 5 min`: as exact as such a guess can be. */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`;
}
