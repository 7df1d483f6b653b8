/** An installation and its file's text: sealed as a whole on the way in, where there is a key, and opened on the way out. */
import { UsageError } from '../core/errors.ts';
import type { Installation } from '../installation/installation.ts';
import { type Facts, fieldsOf, parseFacts, parseInstallation, unknownFields } from './installation-fields.ts';
import {
  damagedStore,
  type Envelope,
  formatRecord,
  isObject,
  type JsonObject,
  parseFormer,
  parseRecord,
} from './installation-file.ts';
import type { StoreKey } from './keys.ts';
import { checkKey, seal, sealedBy, unseal } from './sealing.ts';

/** What is known of an installation without its secrets, and how it is kept. What is sealed is known only with the key. */
export interface StoredRecord extends Partial<Facts> {
  /** `member_id` of the portal: the key of the record, never sealed. */
  readonly memberId: string;
  /** By which of the given keys: `first-key`, `other-key`, `unknown-key`; `none` when it is in the clear. */
  readonly encryption: 'none' | 'first-key' | 'other-key' | 'unknown-key';
  /** Whether facts stand in the clear: all of a record without key, and the address beside tokens that versions up to 0.1.0 sealed. */
  readonly isOpen: boolean;
}

/** @throws UsageError `damaged-store`, `unsupported-store`, `no-key`, `wrong-key` */
export async function openInstallation(
  text: string,
  file: string,
  memberId: string,
  keys: readonly StoreKey[],
): Promise<Installation> {
  const { clear, sealed, formatVersion } = parseRecord(text, file, memberId);
  if (sealed === undefined) return parseInstallation(clear, memberId, file);
  const opened = await unseal(sealed, memberId, keys, file);
  if ('damage' in opened) throw damagedStore(file, opened.damage);
  return parseInstallation(merged(formatVersion, clear, opened.secrets), memberId, file);
}

/** For who goes through many: undefined where a record cannot be read, which is no obstacle to the others. */
export async function unlessUnreadable<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/**
 * The text to write in place of the former one. What a newer version added is kept, and what it sealed stays sealed.
 * @throws UsageError `damaged-store`, `unsupported-store`, `no-key`, `wrong-key` of the former one
 */
export async function sealInstallation(
  installation: Installation,
  former: string | undefined,
  file: string,
  keys: readonly StoreKey[],
): Promise<string> {
  const { memberId } = installation;
  const added = former === undefined ? nothing : await addedFields(parseFormer(former, file), file, memberId, keys);
  const fields = { ...fieldsOf(installation), ...added.sealed };
  const [key] = keys;
  if (key === undefined) {
    return formatRecord(memberId, { formatVersion: 1, clear: { ...fields, ...added.clear }, sealed: undefined });
  }
  return formatRecord(memberId, { formatVersion: 2, clear: added.clear, sealed: await seal(fields, memberId, key) });
}

/** @throws UsageError `damaged-store`, `unsupported-store` */
export async function inspectInstallation(
  text: string,
  file: string,
  memberId: string,
  keys: readonly StoreKey[],
): Promise<StoredRecord> {
  const { clear, sealed, formatVersion } = parseRecord(text, file, memberId);
  const isOpen = formatVersion === 1;
  if (sealed === undefined) return { ...factsOf(parseInstallation(clear, memberId, file)), encryption: 'none', isOpen };
  const encryption = await sealedBy(sealed, keys);
  if (encryption === undefined) throw damagedStore(file, 'what should be its encrypted tokens is something else');
  if (encryption !== 'unknown-key') {
    return { ...factsOf(await openInstallation(text, file, memberId, keys)), encryption, isOpen };
  }
  return isOpen ? { ...parseFacts(clear, memberId, file), encryption, isOpen } : { memberId, encryption, isOpen };
}

/** What was sealed counts: whoever can write to the folder must not be able to put another address before it. */
function merged(formatVersion: Envelope['formatVersion'], clear: JsonObject, sealed: unknown): JsonObject {
  return { ...(formatVersion === 1 ? clear : {}), ...(isObject(sealed) ? sealed : {}) };
}

interface AddedFields {
  readonly clear: JsonObject;
  readonly sealed: JsonObject;
}

const nothing: AddedFields = { clear: {}, sealed: {} };

/** Of a record whose sealed part is damaged, only what stands in the clear is left. */
async function addedFields(
  { formatVersion, clear, sealed }: Envelope,
  file: string,
  memberId: string,
  keys: readonly StoreKey[],
): Promise<AddedFields> {
  const inTheClear = unknownFields(clear);
  if (sealed === undefined) return { clear: {}, sealed: inTheClear };
  // Somebody holds the key to it: tokens must not come back into the clear because it was forgotten once.
  await checkKey(sealed, keys, file);
  const opened = await unseal(sealed, memberId, keys, file);
  const inside = 'secrets' in opened && isObject(opened.secrets) ? unknownFields(opened.secrets) : {};
  return formatVersion === 1
    ? { clear: {}, sealed: { ...inTheClear, ...inside } }
    : { clear: inTheClear, sealed: inside };
}

function factsOf({ tokens: _tokens, spare: _spare, applicationToken: _token, ...facts }: Installation): Facts {
  return facts;
}
