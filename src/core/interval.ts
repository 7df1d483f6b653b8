/** The time between two looks at a portal: how it is written, and when within it the turn of each portal comes. Pure. */
import type { Digest } from './fingerprint.ts';

const dayMs = 24 * 60 * 60 * 1_000;

/** A token that nobody used for so long has to be renewed anyway. */
const mostDays = 150;

/** `7d` in milliseconds; undefined for what is shorter than a day or longer than 150, or is written in another way. */
export function parseInterval(text: string): number | undefined {
  const days = Number(/^(\d{1,3})d$/.exec(text.trim())?.[1]);
  return days >= 1 && days <= mostDays ? days * dayMs : undefined;
}

/** Where in every interval the turn of a portal comes, in milliseconds: the same in every process, so that none has to remember. */
export function turnOf(memberId: string, intervalMs: number, digest: Digest): number {
  const share = Number.parseInt(digest(`turn of ${memberId}`).slice(0, 12), 16) / 2 ** 48;
  return Math.floor(share * intervalMs);
}

/** Whether a turn comes after one moment and not after another, both in milliseconds since 1970. */
export function comesBetween(turnMs: number, intervalMs: number, afterMs: number, untilMs: number): boolean {
  const passed = (atMs: number): number => Math.floor((atMs - turnMs) / intervalMs);
  return passed(untilMs) > passed(afterMs);
}
