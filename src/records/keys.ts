/** The keys that encrypt tokens at rest: which texts are keys, and what a key is called in the open. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { UsageError } from '../core/errors.ts';

/** Printing it, or making JSON of it, does not show the key. */
export interface StoreKey {
  /** Stands beside what the key encrypted: derived from it, and no help in finding it. */
  readonly id: string;
  /** 32 bytes for AES-256-GCM. */
  readonly secret: KeyObject;
}

const bytesInKey = 32;

/**
 * Reads what BITRIX_EVENTS_KEY holds: one key of 32 bytes in base64 (with or without `=`, also base64url), or several,
 * separated by commas or white space. The first encrypts, all of them decrypt: that is how keys are rotated.
 * @throws UsageError `invalid-key`, which says which one and never shows it
 */
export function parseKeys(text: string): readonly StoreKey[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  // An empty variable is a secret that did not arrive; going on would write tokens in the clear.
  if (words.length === 0) throw invalidKey('the list of encryption keys is empty');
  return words.map((word, index) => parseKey(word, words.length === 1 ? '' : ` ${index + 1} of ${words.length}`));
}

function parseKey(word: string, place: string): StoreKey {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(word)) throw invalidKey(`encryption key${place} is not base64`);
  const bytes = Buffer.from(word, 'base64');
  // Node.js reads base64 leniently: what does not come out the same again was cut off or misspelt.
  if (bytes.toString('base64url') !== word.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')) {
    throw invalidKey(`encryption key${place} is not base64`);
  }
  if (bytes.length !== bytesInKey) {
    throw invalidKey(`encryption key${place} has ${bytes.length} bytes, it takes ${bytesInKey}`);
  }
  const id = createHmac('sha256', bytes).update('bitrix-events key id').digest('hex').slice(0, 16);
  return { id, secret: createSecretKey(bytes) };
}

function invalidKey(message: string): UsageError {
  return new UsageError({
    code: 'invalid-key',
    message,
    hint: 'BITRIX_EVENTS_KEY takes 32 random bytes in base64; openssl rand -base64 32 makes them. Leave it unset to store tokens in the clear',
  });
}
