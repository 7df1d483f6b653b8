/**
 * The text of an installation's file. Format 1 has the fields in the clear, and versions up to 0.1.0 sealed the tokens of it
 * alone; format 2 has all of them in a JWE, so that older versions refuse it by its number instead of missing an address.
 */
import { UsageError } from '../core/errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What stands around the fields of an installation. */
export interface Envelope {
  readonly formatVersion: 1 | 2;
  /** Of a format 1, the fields or some of them; of a format 2, what a newer version has added in the clear. */
  readonly clear: JsonObject;
  /** The text of a JWE that holds the other fields. */
  readonly sealed: string | undefined;
}

interface RawEnvelope extends Omit<Envelope, 'sealed'> {
  readonly memberId: unknown;
  readonly encrypted: unknown;
}

const format = 'bitrix-events-installation';

/** @throws UsageError `damaged-store`, `unsupported-store` */
export function parseRecord(text: string, file: string, memberId: string): Envelope {
  const { memberId: owner, encrypted, ...envelope } = parseEnvelope(text, file);
  if (!isString(owner)) throw damagedStore(file, `'memberId' is missing`);
  if (owner !== memberId) throw damagedStore(file, 'it belongs to another portal');
  if (!isString(encrypted)) {
    if (encrypted === undefined && envelope.formatVersion === 1) return { ...envelope, sealed: undefined };
    throw damagedStore(file, `'encrypted' is not what it should be`);
  }
  if ('tokens' in envelope.clear) throw damagedStore(file, 'it has tokens both encrypted and in the clear');
  return { ...envelope, sealed: encrypted };
}

/**
 * The record that is about to be replaced, of which nothing needs to be right but its format.
 * @throws UsageError `damaged-store`, `unsupported-store`
 */
export function parseFormer(text: string, file: string): Envelope {
  const { memberId: _, encrypted, ...envelope } = parseEnvelope(text, file);
  return { ...envelope, sealed: isString(encrypted) ? encrypted : undefined };
}

function parseEnvelope(text: string, file: string): RawEnvelope {
  const { format: _, formatVersion, memberId, encrypted, ...clear } = parseObject(text, file);
  if (formatVersion !== 1 && formatVersion !== 2) {
    throw new UsageError({
      code: 'unsupported-store',
      message: `'${file}' is in format ${JSON.stringify(formatVersion)}, this version of bitrix-events reads formats 1 and 2`,
      hint: 'Use the version of bitrix-events that wrote it, or a newer one',
    });
  }
  return { formatVersion, memberId, clear, encrypted };
}

export function formatRecord(memberId: string, { formatVersion, clear, sealed }: Envelope): string {
  const encrypted = sealed === undefined ? {} : { encrypted: sealed };
  return `${JSON.stringify({ format, formatVersion, memberId, ...encrypted, ...clear }, null, 2)}\n`;
}

function parseObject(text: string, file: string): JsonObject {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and the text holds tokens.
    throw damagedStore(file, 'it is no JSON');
  }
  if (!isObject(json) || json['format'] !== format) throw damagedStore(file, 'it is no installation of bitrix-events');
  return json;
}

export function damagedStore(file: string, what: string): UsageError {
  return new UsageError({
    code: 'damaged-store',
    message: `'${file}' cannot be read: ${what}`,
    hint: 'It was left as it is. Restore it, or move it away and give the tokens by environment or log in again',
  });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isString(value: unknown): value is string {
  return typeof value === 'string';
}
