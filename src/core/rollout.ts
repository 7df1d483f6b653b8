/** A rollout over many portals as decisions: who comes in which wave, and what the end of one item means for the others. Pure. */
import type { Digest } from './fingerprint.ts';

/** How one portal of a rollout stands. */
export type ItemState =
  | 'pending'
  | 'running'
  /** By a verified reading for this manifest, and for `plan` and `check` by having been read. */
  | 'succeeded'
  /** Not as wanted, and nothing was changed. */
  | 'failed'
  /** Changed, and not as wanted yet. */
  | 'partial'
  /** No answer tells. */
  | 'unknown'
  /** Nobody can apply to it any more: deleted, application removed, authorisation lost, unpaid. */
  | 'dead'
  /** What it would change is not what was reviewed. */
  | 'unreviewed'
  | 'cancelled'
  | 'superseded';

/** How a portal can end without having succeeded, in the order in which it is told everywhere. */
export const unsuccessful = [
  'failed',
  'partial',
  'unknown',
  'dead',
  'unreviewed',
  'cancelled',
] as const satisfies readonly ItemState[];

/** States that count against the tolerance. A dead portal is nobody's failure, and is listed with what to do. */
export const failures: ReadonlySet<ItemState> = new Set(['failed', 'partial', 'unknown']);

/** So many portals, or so much of all of them. */
export type Amount =
  | { readonly kind: 'count'; readonly value: number }
  | { readonly kind: 'percent'; readonly value: number };

export const allOfThem: Amount = { kind: 'percent', value: 100 };

/** `strict`: no more in work than failures are left, and one. `soft`: as many as there are hands. */
export type FailureMode = 'strict' | 'soft';

/** `5`, or `10%` with at most two decimals; undefined for anything else. */
export function parseAmount(text: string): Amount | undefined {
  const [, digits, fraction = '', sign] = /^(\d{1,7})(\.\d{1,2})?(%?)$/.exec(text.trim()) ?? [];
  if (digits === undefined || (sign === '' && fraction !== '')) return undefined;
  const value = Number(`${digits}${fraction}`);
  if (sign === '') return { kind: 'count', value };
  return value <= 100 ? { kind: 'percent', value } : undefined;
}

/** Rounded down, as tolerances are. */
export function amountOf({ kind, value }: Amount, whole: number): number {
  switch (kind) {
    case 'count':
      return value;
    case 'percent':
      return Math.floor((whole * value) / 100);
  }
}

/**
 * How many portals each wave has; the last size repeats until all have their wave. A wave has one at least.
 * @param serial sizes as of `--serial`; percents are of all portals
 */
export function wavesOf(portals: number, serial: readonly Amount[]): readonly number[] {
  const waves: number[] = [];
  let left = portals;
  for (let index = 0; left > 0; index += 1) {
    const size = serial[Math.min(index, serial.length - 1)];
    const wave = size === undefined ? left : Math.min(left, Math.max(1, amountOf(size, portals)));
    waves.push(wave);
    left -= wave;
  }
  return waves;
}

/** What a wave puts up with. */
export interface WaveRules {
  /** Failures that do not stop it yet. */
  readonly tolerance: number;
  readonly mode: FailureMode;
}

export interface ToleranceOptions {
  readonly maxFailures?: Amount | undefined;
  readonly failureMode?: FailureMode | undefined;
}

/** The first of several waves is a canary: nothing may fail in it, and hardly anything is begun at a time. */
export function rulesOf(wave: number, waves: readonly number[], options: ToleranceOptions): WaveRules {
  const isCanary = wave === 0 && waves.length > 1;
  const { maxFailures = isCanary ? { kind: 'count', value: 0 } : { kind: 'percent', value: 5 } } = options;
  return {
    tolerance: amountOf(maxFailures, waves[wave] ?? 0),
    mode: options.failureMode ?? (isCanary ? 'strict' : 'soft'),
  };
}

export interface WaveState {
  readonly running: number;
  readonly failed: number;
}

/** Whether the wave has stopped itself: nothing of it, or behind it, is begun any more. */
export function isStopped({ tolerance }: WaveRules, { failed }: WaveState): boolean {
  return failed > tolerance;
}

/** Whether one more portal may be begun. */
export function mayStart(rules: WaveRules, state: WaveState, concurrency: number): boolean {
  if (isStopped(rules, state) || state.running >= concurrency) return false;
  switch (rules.mode) {
    case 'strict':
      return state.running <= rules.tolerance - state.failed;
    case 'soft':
      return true;
  }
}

export interface PortalName {
  readonly memberId: string;
  readonly domain: string;
}

/**
 * The order of a rollout: those of `first` before all others, then by a hash of rollout and portal, so that no customer is always
 * first and a resumed rollout goes on in the same order.
 * @param first globs over domains and member ids
 */
export function inOrder<Portal extends PortalName>(
  portals: readonly Portal[],
  rolloutId: string,
  first: readonly string[],
  digest: Digest,
): readonly Portal[] {
  const keyed = portals.map((portal) => ({
    portal,
    rank: first.some((glob) => matchesPortal(glob, portal)) ? 0 : 1,
    key: digest(`${rolloutId} ${portal.memberId}`),
  }));
  return keyed
    .sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ portal }) => portal);
}

/** Whether a name with `*` and `?` in it means the portal, by its domain in any letter case or its member id. */
export function matchesPortal(glob: string, { memberId, domain }: PortalName): boolean {
  const pattern = new RegExp(
    `^${glob
      .split(/([*?])/)
      .map(piece)
      .join('')}$`,
    'i',
  );
  return pattern.test(domain) || pattern.test(memberId);
}

export function isGlob(name: string): boolean {
  return /[*?]/.test(name);
}

function piece(text: string): string {
  if (text === '*') return '.*';
  return text === '?' ? '.' : text.replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`);
}
