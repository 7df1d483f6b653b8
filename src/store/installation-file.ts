/** The text of an installation's file: format 1 of it, read with suspicion and written without losing what a newer version added. */
import { UsageError } from '../core/errors.ts';
import type { Installation, Tokens } from '../reconcile/store.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const format = 'bitrix-events-installation';
const version = 1;

/** @throws UsageError `damaged-store`, `unsupported-store` */
export function parseInstallation(text: string, file: string, memberId: string): Installation {
  const json = parseObject(text, file);
  const damaged = (what: string) => damagedStore(file, what);
  const required = (key: string, from: JsonObject = json): string => {
    const value = from[key];
    if (typeof value !== 'string' || value === '') throw damaged(`'${key}' is missing`);
    return value;
  };
  const optional = <Value>(key: string, isValid: (value: unknown) => value is Value): Value | undefined => {
    const value = json[key];
    if (value === undefined || isValid(value)) return value;
    throw damaged(`'${key}' is not what it should be`);
  };
  if (required('memberId') !== memberId) throw damaged('it belongs to another portal');
  const tokens = json['tokens'];
  if (!isObject(tokens)) throw damaged(`'tokens' is missing`);
  return {
    memberId,
    clientEndpoint: required('clientEndpoint'),
    clientId: typeof json['clientId'] === 'string' ? json['clientId'] : '',
    tokens: parseTokens(tokens, required('accessToken', tokens)),
    ...defined('seed', optional('seed', isString)),
    ...defined('applicationToken', optional('applicationToken', isString)),
    ...defined('scope', optional('scope', isStrings)),
    ...defined('userId', optional('userId', isNumber)),
    ...defined('version', optional('version', isNumber)),
  };
}

/** The new text; fields of the old one that this version does not know are kept. */
export function formatInstallation(installation: Installation, previous: string | undefined, file: string): string {
  const unknown = previous === undefined ? {} : unknownFields(parseObject(previous, file));
  const { version: applicationVersion, ...rest } = installation;
  return `${JSON.stringify(
    {
      format,
      formatVersion: version,
      ...rest,
      ...defined('version', applicationVersion),
      ...unknown,
    },
    null,
    2,
  )}\n`;
}

const known = new Set([
  'format',
  'formatVersion',
  'memberId',
  'clientEndpoint',
  'clientId',
  'tokens',
  'seed',
  'applicationToken',
  'scope',
  'userId',
  'version',
]);

function unknownFields(json: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([key]) => !known.has(key)));
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

function damagedStore(file: string, what: string): UsageError {
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
