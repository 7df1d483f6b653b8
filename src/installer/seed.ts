/** By which pair of tokens a portal's record was made. */
import { createHash } from 'node:crypto';

/** The same digest as that of a pair given by environment: whoever gives this pair to a command gets the store's newer one. */
export function seedOf(accessToken: string, refreshToken = ''): string {
  return createHash('sha256')
    .update(JSON.stringify([accessToken, refreshToken]))
    .digest('hex');
}
