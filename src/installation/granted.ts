/** When a pair of tokens was granted, as far as it tells: a refresh token lives from then on, and nothing but its use gives another. */
import type { Tokens } from './installation.ts';

/** Seconds that an access token lives (F104). */
const accessLifetime = 3_600;

/** Seconds since 1970 between which a clock can be right; anything else is in another unit, or made up. */
const earliest = 1_000_000_000;
const latest = 4_000_000_000;

/** Milliseconds since 1970; undefined where the pair does not say until when its access token lives. */
export function grantedAtMs({ expires }: Tokens): number | undefined {
  const isPossible = expires !== undefined && expires > earliest && expires < latest;
  return isPossible ? Math.floor(expires - accessLifetime) * 1_000 : undefined;
}
