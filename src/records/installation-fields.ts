/** The fields of a stored installation: read with suspicion, and told from those of a newer version. */
import type { UsageError } from '../core/errors.ts';
import type { Installation, Pair, Tokens } from '../installation/installation.ts';
import { damagedStore, isObject, isString, type JsonObject } from './installation-file.ts';

/** What does not open or refresh a session. */
export type Facts = Omit<Installation, 'tokens' | 'spare' | 'applicationToken'>;

/** @throws UsageError `damaged-store` */
export function parseInstallation(json: JsonObject, memberId: string, file: string): Installation {
  const { tokens } = json;
  if (!isObject(tokens)) throw damagedStore(file, `'tokens' is missing`);
  const { accessToken } = tokens;
  if (!isText(accessToken)) throw damagedStore(file, `'accessToken' is missing`);
  const { applicationToken } = json;
  return {
    ...parseFacts(json, memberId, file),
    tokens: parseTokens(tokens, accessToken),
    ...defined('spare', parseSpare(json['spare'], file)),
    ...defined('applicationToken', optional(applicationToken, isString, 'applicationToken', file)),
  };
}

/** @throws UsageError `damaged-store` */
export function parseFacts(json: JsonObject, memberId: string, file: string): Facts {
  const { clientEndpoint, clientId } = json;
  if (!isText(clientEndpoint)) throw damagedStore(file, `'clientEndpoint' is missing`);
  const field = <Key extends keyof Facts>(key: Key, isValid: (value: unknown) => value is NonNullable<Facts[Key]>) =>
    defined(key, optional(json[key], isValid, key, file));
  return {
    memberId,
    clientEndpoint,
    clientId: isString(clientId) ? clientId : '',
    ...field('seed', isString),
    ...(isRefreshScope(json['scope']) ? {} : field('scope', isStrings)),
    ...field('userId', isNumber),
    ...field('isAdmin', isBoolean),
    ...field('isSystem', isTrue),
    ...field('isProven', isTrue),
    ...field('version', isNumber),
    ...field('server', isOrigin),
    ...field('installedAt', isNumber),
  };
}

/** In the order in which they are written. */
export function fieldsOf(installation: Installation): JsonObject {
  const { memberId: _, clientEndpoint, clientId, tokens, spare, applicationToken, ...rest } = installation;
  const secrets = { tokens, ...defined('spare', spare), ...defined('applicationToken', applicationToken) };
  return { clientEndpoint, clientId, ...secrets, ...rest };
}

const known: ReadonlySet<string> = new Set<keyof Installation>([
  'memberId',
  'clientEndpoint',
  'clientId',
  'tokens',
  'seed',
  'applicationToken',
  'scope',
  'userId',
  'isAdmin',
  'isSystem',
  'isProven',
  'spare',
  'version',
  'server',
  'installedAt',
]);

/** What a newer version has added. */
export function unknownFields(json: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([key]) => !known.has(key)));
}

function parseTokens({ refreshToken, expires }: JsonObject, accessToken: string): Tokens {
  return {
    accessToken,
    ...defined('refreshToken', isText(refreshToken) ? refreshToken : undefined),
    ...defined('expires', isNumber(expires) ? expires : undefined),
  };
}

function parseSpare(value: unknown, file: string): readonly Pair[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw wrong('spare', file);
  return value.map((pair: unknown) => {
    const { tokens, userId, isAdmin, isSystem, isProven } = isObject(pair) ? pair : {};
    if (!isObject(tokens) || !isText(tokens['accessToken'])) throw wrong('spare', file);
    return {
      tokens: parseTokens(tokens, tokens['accessToken']),
      ...defined('userId', optional(userId, isNumber, 'spare', file)),
      ...defined('isAdmin', optional(isAdmin, isBoolean, 'spare', file)),
      ...defined('isSystem', optional(isSystem, isTrue, 'spare', file)),
      ...defined('isProven', optional(isProven, isTrue, 'spare', file)),
    };
  });
}

function optional<Value>(
  value: unknown,
  isValid: (value: unknown) => value is Value,
  key: string,
  file: string,
): Value | undefined {
  if (value === undefined || isValid(value)) return value;
  throw wrong(key, file);
}

function wrong(key: string, file: string): UsageError {
  return damagedStore(file, `'${key}' is not what it should be`);
}

/** Versions up to 0.1.0 stored what a refresh answers (F103), which says nothing of what was granted. */
function isRefreshScope(value: unknown): boolean {
  return isStrings(value) && value.length === 1 && value[0] === 'app';
}

function isText(value: unknown): value is string {
  return isString(value) && value !== '';
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isString);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isTrue(value: unknown): value is true {
  return value === true;
}

/** Tokens are sent there. */
function isOrigin(value: unknown): value is string {
  if (!isString(value) || !/^https?:/.test(value)) return false;
  return URL.canParse(value) && new URL(value).origin === value;
}

function defined<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [name in Key]?: Value } {
  // A computed key widens to an index signature, so the narrow type has to be stated.
  return value === undefined ? {} : ({ [key]: value } as { readonly [name in Key]?: Value });
}
