/** One digest for one pair of tokens, by which a record of the store tells what it was made of. */
import { createHash } from 'node:crypto';

/** SHA-256 in hexadecimal. The same for a pair given by environment and one that an installation brought. */
export function pairDigest(accessToken = '', refreshToken = ''): string {
  return createHash('sha256')
    .update(JSON.stringify([accessToken, refreshToken]))
    .digest('hex');
}
