/** The text of an installation's file: format 1 of it, read with suspicion and written without losing what a newer version added. */
import { UsageError } from '../core/errors.ts';
import type { Installation, Tokens } from '../installation/installation.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const format = 'bitrix-events-installation';
const version = 1;

/** What an installation's file keeps from readers where it can. */
export type Secrets = Pick<Installation, 'tokens' | 'applicationToken'>;
export type Facts = Omit<Installation, keyof Secrets>;

/** The secrets as they stand in the file: in the clear, or as the text of a JWE. */
export type StoredSecrets =
  | { readonly kind: 'plain'; readonly value: Secrets }
  | { readonly kind: 'sealed'; readonly jwe: string };

export interface StoredInstallation {
  readonly facts: Facts;
  readonly secrets: StoredSecrets;
}

/** @throws UsageError `damaged-store`, `unsupported-store` */
export function parseInstallation(text: string, file: string, memberId: string): StoredInstallation {
  const json = parseObject(text, file);
  const { string, optional, damaged } = fieldsOf(json, file);
  if (string('memberId') !== memberId) throw damaged('it belongs to another portal');
  const secrets = storedSecrets(json, file);
  return {
    secrets,
    facts: {
      memberId,
      clientEndpoint: string('clientEndpoint'),
      clientId: typeof json['clientId'] === 'string' ? json['clientId'] : '',
      ...defined('seed', optional('seed', isString)),
      ...defined('scope', optional('scope', isStrings)),
      ...defined('userId', optional('userId', isNumber)),
      ...defined('version', optional('version', isNumber)),
    },
  };
}

/**
 * Reads what was in the file, or in the JWE of the file.
 * @throws UsageError `damaged-store`
 */
export function parseSecrets(json: unknown, file: string): Secrets {
  const secrets = isObject(json) ? json : {};
  const tokens = secrets['tokens'];
  if (!isObject(tokens)) throw damagedStore(file, `'tokens' is missing`);
  return {
    tokens: parseTokens(tokens, fieldsOf(tokens, file).string('accessToken')),
    ...defined('applicationToken', fieldsOf(secrets, file).optional('applicationToken', isString)),
  };
}

/** The sealed secrets of a file of whose text nothing else is known to be right. */
export function sealedTextOf(text: string, file: string): string | undefined {
  const { encrypted } = parseObject(text, file);
  return isString(encrypted) ? encrypted : undefined;
}

/** The new text; fields of the old one that this version does not know are kept. */
export function formatInstallation(
  { facts, secrets }: StoredInstallation,
  previous: string | undefined,
  file: string,
): string {
  const unknown = previous === undefined ? {} : unknownFields(parseObject(previous, file));
  const { memberId, clientEndpoint, clientId, ...rest } = facts;
  const stored = secrets.kind === 'plain' ? secrets.value : { encrypted: secrets.jwe };
  const json = {
    format,
    formatVersion: version,
    memberId,
    clientEndpoint,
    clientId,
    ...stored,
    ...rest,
    ...unknown,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

const known = new Set([
  'format',
  'formatVersion',
  'memberId',
  'clientEndpoint',
  'clientId',
  'tokens',
  'encrypted',
  'seed',
  'applicationToken',
  'scope',
  'userId',
  'version',
]);

function unknownFields(json: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([key]) => !known.has(key)));
}

function storedSecrets(json: JsonObject, file: string): StoredSecrets {
  const { encrypted } = json;
  if (encrypted === undefined) return { kind: 'plain', value: parseSecrets(json, file) };
  if (!isString(encrypted)) throw damagedStore(file, `'encrypted' is not what it should be`);
  if ('tokens' in json) throw damagedStore(file, 'it has tokens both encrypted and in the clear');
  return { kind: 'sealed', jwe: encrypted };
}

function fieldsOf(json: JsonObject, file: string) {
  const damaged = (what: string) => damagedStore(file, what);
  return {
    damaged,
    string: (key: string): string => {
      const value = json[key];
      if (typeof value !== 'string' || value === '') throw damaged(`'${key}' is missing`);
      return value;
    },
    optional: <Value>(key: string, isValid: (value: unknown) => value is Value): Value | undefined => {
      const value = json[key];
      if (value === undefined || isValid(value)) return value;
      throw damaged(`'${key}' is not what it should be`);
    },
  };
}

function parseTokens(json: JsonObject, accessToken: string): Tokens {
  const { refreshToken, expires } = json;
  return {
    accessToken,
    ...defined('refreshToken', isString(refreshToken) && refreshToken !== '' ? refreshToken : undefined),
    ...defined('expires', isNumber(expires) ? expires : undefined),
  };
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
  if (json['formatVersion'] !== version) {
    throw new UsageError({
      code: 'unsupported-store',
      message: `'${file}' is in format ${JSON.stringify(json['formatVersion'])}, this version of bitrix-events reads format ${version}`,
      hint: 'Use the version of bitrix-events that wrote it, or a newer one',
    });
  }
  return json;
}

export function damagedStore(file: string, what: string): UsageError {
  return new UsageError({
    code: 'damaged-store',
    message: `'${file}' cannot be read: ${what}`,
    hint: 'It was left as it is. Restore it, or move it away and give the tokens by environment or log in again',
  });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isString);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function defined<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [name in Key]?: Value } {
  // A computed key widens to an index signature, so the narrow type has to be stated.
  return value === undefined ? {} : ({ [key]: value } as { readonly [name in Key]?: Value });
}
