/** Encrypts the secrets of one installation and opens them again: compact JWE, `dir` with A256GCM, bound to its portal. */
import { UsageError } from '../core/errors.ts';
import type { StoreKey } from './keys.ts';

/** Whose key closed it. */
export type Sealed = 'first-key' | 'other-key' | 'unknown-key';

/** What can be said of a sealed text without opening it; undefined for what nobody sealed. */
export async function sealedBy(jwe: string, keys: readonly StoreKey[]): Promise<Sealed | undefined> {
  const id = await keyIdOf(jwe);
  if (id === undefined) return undefined;
  const index = keys.findIndex((key) => key.id === id);
  return index === 0 ? 'first-key' : index > 0 ? 'other-key' : 'unknown-key';
}

export async function seal(secrets: unknown, memberId: string, key: StoreKey): Promise<string> {
  // Loaded here, so that nobody without a key waits for it.
  const { CompactEncrypt } = await import('jose/jwe/compact/encrypt');
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(secrets)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: key.id, member_id: memberId })
    .encrypt(key.secret);
}

/**
 * The secrets, or why they cannot be had.
 * @param file names the record in errors
 * @throws UsageError `no-key`, `wrong-key`
 */
export async function unseal(
  jwe: string,
  memberId: string,
  keys: readonly StoreKey[],
  file: string,
): Promise<{ readonly secrets: unknown } | { readonly damage: string }> {
  const id = await keyIdOf(jwe);
  if (id === undefined) return { damage: 'what should be its encrypted tokens is something else' };
  const key = keyFor(id, keys, file);
  const { compactDecrypt } = await import('jose/jwe/compact/decrypt');
  const opened = await compactDecrypt(jwe, key.secret, {
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256GCM'],
  }).catch(() => undefined);
  if (opened === undefined) return { damage: 'its encrypted tokens have been changed' };
  if (opened.protectedHeader['member_id'] !== memberId)
    return { damage: 'its encrypted tokens belong to another portal' };
  return { secrets: parse(new TextDecoder().decode(opened.plaintext)) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would quote the tokens. What is no JSON lacks the tokens, and is reported for that.
    return undefined;
  }
}

/**
 * Refuses what none of the keys opens.
 * @throws UsageError `no-key`, `wrong-key`
 */
export async function checkKey(jwe: string, keys: readonly StoreKey[], file: string): Promise<void> {
  const id = await keyIdOf(jwe);
  if (id !== undefined) keyFor(id, keys, file);
}

function keyFor(id: string, keys: readonly StoreKey[], file: string): StoreKey {
  const key = keys.find((candidate) => candidate.id === id);
  if (key !== undefined) return key;
  if (keys.length === 0) {
    throw new UsageError({
      code: 'no-key',
      message: `the tokens in '${file}' are encrypted, with key ${id}, and no key was given`,
      hint: 'It was left as it is. Set BITRIX_EVENTS_KEY to the key that encrypted it',
    });
  }
  const given = keys.map((candidate) => candidate.id).join(', ');
  throw new UsageError({
    code: 'wrong-key',
    message: `the tokens in '${file}' are encrypted with key ${id}; the keys given are ${given}`,
    hint: 'It was left as it is. Add the key that encrypted it to the list in BITRIX_EVENTS_KEY, after the first one',
  });
}

/** Read without trust: whoever opens the text proves it. */
async function keyIdOf(jwe: string): Promise<string | undefined> {
  const { decodeProtectedHeader } = await import('jose/decode/protected_header');
  try {
    const { kid } = decodeProtectedHeader(jwe);
    return kid !== undefined && /^[0-9a-f]{1,64}$/.test(kid) ? kid : undefined;
  } catch {
    return undefined;
  }
}
