/** An installation and its file's text, the secrets sealed on the way in and opened on the way out. */
import type { Installation } from '../installation/installation.ts';
import {
  damagedStore,
  type Facts,
  formatInstallation,
  parseInstallation,
  parseSecrets,
  sealedTextOf,
  type StoredSecrets,
} from './installation-file.ts';
import type { StoreKey } from './keys.ts';
import { checkKey, seal, sealedBy, unseal } from './sealing.ts';

/** An installation without its secrets, and how those are kept. */
export interface StoredRecord extends Facts {
  /** By which of the given keys: `first-key`, `other-key`, `unknown-key`; `none` when they are in the clear. */
  readonly encryption: 'none' | 'first-key' | 'other-key' | 'unknown-key';
}

/** @throws UsageError `damaged-store`, `unsupported-store`, `no-key`, `wrong-key` */
export async function openInstallation(
  text: string,
  file: string,
  memberId: string,
  keys: readonly StoreKey[],
): Promise<Installation> {
  const { facts, secrets } = parseInstallation(text, file, memberId);
  if (secrets.kind === 'plain') return { ...facts, ...secrets.value };
  const opened = await unseal(secrets.jwe, memberId, keys, file);
  if ('damage' in opened) throw damagedStore(file, opened.damage);
  return { ...facts, ...parseSecrets(opened.secrets, file) };
}

/**
 * The text to write in place of the previous one.
 * @throws UsageError `damaged-store`, `unsupported-store`, `no-key`, `wrong-key` of the previous one
 */
export async function sealInstallation(
  installation: Installation,
  previous: string | undefined,
  file: string,
  keys: readonly StoreKey[],
): Promise<string> {
  const sealed = previous === undefined ? undefined : sealedTextOf(previous, file);
  // Somebody holds the key to it: tokens must not come back into the clear because it was forgotten once.
  if (sealed !== undefined) await checkKey(sealed, keys, file);
  const { tokens, applicationToken, ...facts } = installation;
  const value = { tokens, ...(applicationToken === undefined ? {} : { applicationToken }) };
  const [key] = keys;
  const secrets: StoredSecrets =
    key === undefined
      ? { kind: 'plain', value }
      : { kind: 'sealed', jwe: await seal(value, installation.memberId, key) };
  return formatInstallation({ facts, secrets }, previous, file);
}

/** @throws UsageError `damaged-store`, `unsupported-store` */
export async function encryptionOf(
  text: string,
  file: string,
  memberId: string,
  keys: readonly StoreKey[],
): Promise<StoredRecord> {
  const { facts, secrets } = parseInstallation(text, file, memberId);
  if (secrets.kind === 'plain') return { ...facts, encryption: 'none' };
  const encryption = await sealedBy(secrets.jwe, keys);
  if (encryption === undefined) throw damagedStore(file, 'what should be its encrypted tokens is something else');
  return { ...facts, encryption };
}
