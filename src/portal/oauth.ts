/** Talks to an authorisation server: new tokens for old ones or for a code, and whose a token is. The client secret goes nowhere else. */
import { NetworkError, PortalError } from '../core/errors.ts';
import type { Grant, TokenOwner } from '../installation/installation.ts';
import { mayName } from './authorisation-servers.ts';
import { isSafeAddress, normaliseEndpoint } from './endpoint.ts';
import { isPortalFault, oauthRefusal } from './errors.ts';
import type { Http } from './http.ts';
import { type Fields, isFields, phpFlag } from './php.ts';
import { readAnswer, readError, type RestError } from './rest-answer.ts';

/** An application as its authorisation server knows it. */
export interface Application {
  readonly clientId: string;
  readonly clientSecret: string;
}

export type OAuthOutcome<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'refused'; readonly error: RestError }
  /** The portal it speaks of is at an address that gets no token: its owner has to change that. */
  | { readonly kind: 'insecure'; readonly owner: PlainOwner }
  | { readonly kind: 'not-sent'; readonly message: string; readonly hint?: string | undefined; readonly cause: unknown }
  /** A refresh whose answer is lost may have been carried out. */
  | { readonly kind: 'lost'; readonly message: string; readonly cause?: unknown };

/** Whose a token is that cannot be used, and the origin of the portal. */
export type PlainOwner = Pick<TokenOwner, 'clientId' | 'memberId'> & { readonly origin: string };

export interface OAuth {
  /** The server’s origin. */
  readonly url: string;
  refresh(application: Application, refreshToken: string): Promise<OAuthOutcome<Grant>>;
  /** A code lives 30 s and works once (F101). */
  exchangeCode(application: Application, code: string): Promise<OAuthOutcome<Grant>>;
  /** `app.info` of the authorisation server (F108). */
  verifyToken(accessToken: string): Promise<OAuthOutcome<TokenOwner>>;
}

/** @param url its origin: configured by the caller or one of the two known ones, never taken from a request or an answer. */
export function createOAuth(url: string, http: Http, signal?: AbortSignal): OAuth {
  const grant = (application: Application, fields: Readonly<Record<string, string>>) => {
    const secrets = [application.clientSecret, ...Object.values(fields)];
    const form = { client_id: application.clientId, client_secret: application.clientSecret, ...fields };
    return post('/oauth/token/', form, secrets, (body) => readGrant(body, url));
  };

  async function post<Value>(
    path: string,
    fields: Readonly<Record<string, string>>,
    secrets: readonly string[],
    read: (body: Fields) => OAuthOutcome<Value> | undefined,
  ): Promise<OAuthOutcome<Value>> {
    const outcome = await http.post(`${url}${path}`, { kind: 'form', fields }, signal);
    if (outcome.kind !== 'answer') return outcome;
    const body = parseObject(outcome.text);
    const error = readError(body, outcome.status, secrets);
    // A failure of the server itself says nothing about whether it had acted.
    if (error !== undefined && outcome.status < 500 && !isPortalFault(error)) return { kind: 'refused', error };
    const value = body === undefined ? undefined : read(body);
    if (value !== undefined) return value;
    const answer = readAnswer(outcome.status, outcome.text, secrets);
    return {
      kind: 'lost',
      message:
        answer.kind === 'unreadable' ? answer.message : (error?.code ?? 'an answer that lacks what was asked for'),
    };
  }

  return {
    url,
    refresh: (application, refreshToken) =>
      grant(application, { grant_type: 'refresh_token', refresh_token: refreshToken }),
    exchangeCode: (application, code) => grant(application, { grant_type: 'authorization_code', code }),
    verifyToken: (accessToken) =>
      post('/rest/app.info', { auth: accessToken }, [accessToken], (body) => readOwner(body, url)),
  };
}

/** Where a person has to act, in their words. */
export function oauthFailure(
  outcome: Exclude<OAuthOutcome<unknown>, { kind: 'done' }>,
  url: string,
): PortalError | NetworkError {
  const server = `authorisation server '${new URL(url).host}'`;
  if (outcome.kind === 'refused') return oauthRefusal(outcome.error, server);
  if (outcome.kind === 'insecure') return insecurePortal(outcome.owner.origin);
  const { message, cause } = outcome;
  return outcome.kind === 'not-sent'
    ? new NetworkError({
        code: 'unreachable',
        message: `${server} cannot be reached: ${message}`,
        hint: outcome.hint ?? 'Check the network, and BITRIX24_OAUTH_URL if it is set',
        at: 'authorisation-server',
        cause,
      })
    : new NetworkError({
        code: 'no-answer',
        message: `${server} gave no usable answer: ${message}`,
        hint: 'Run again',
        at: 'authorisation-server',
        cause,
      });
}

/** The portal's own settings say so, and nobody but its administrators can change them. */
export function insecurePortal(origin: string): PortalError {
  return new PortalError({
    code: 'insecure-endpoint',
    message: `the portal's own address, '${origin}', is plain http: tokens are sent over https only`,
    hint: 'Give the portal a certificate, and its address in its settings with https://',
  });
}

function parseObject(text: string): Fields | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isFields(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Whatever else is missing, a new pair must not be thrown away: the old one is spent. */
function readGrant(body: Fields, server: string): OAuthOutcome<Grant> | undefined {
  const { access_token: accessToken, refresh_token: refreshToken, member_id: memberId } = body;
  if (!isText(accessToken) || !isText(refreshToken)) return undefined;
  const clientEndpoint = readEndpoint(body['client_endpoint'], server);
  const value: Grant = {
    accessToken,
    refreshToken,
    ...(isText(memberId) ? { memberId } : {}),
    ...(clientEndpoint === undefined ? {} : { clientEndpoint }),
    ...numberField('expires', body['expires']),
    ...numberField('userId', body['user_id']),
  };
  return { kind: 'done', value };
}

function readOwner(body: Fields, server: string): OAuthOutcome<TokenOwner> | undefined {
  const result = isFields(body['result']) ? body['result'] : {};
  const install = isFields(result['install']) ? result['install'] : {};
  const clientEndpoint = readEndpoint(install['client_endpoint'], server);
  const memberId = install['member_id'];
  if (!isText(memberId)) return undefined;
  const clientId = isText(result['client_id']) ? result['client_id'] : '';
  if (clientEndpoint === undefined) {
    const origin = plainOrigin(install['client_endpoint']);
    return origin === undefined ? undefined : { kind: 'insecure', owner: { clientId, memberId, origin } };
  }
  const isInstalled = phpFlag(install['installed']);
  const value: TokenOwner = {
    clientId,
    memberId,
    clientEndpoint,
    ...numberField('userId', result['user_id']),
    ...scopeField(result['scope']),
    ...numberField('version', install['version']),
    ...(isInstalled === undefined ? {} : { isInstalled }),
  };
  return { kind: 'done', value };
}

/** Of an address that is refused for nothing but being plain http (F186). */
function plainOrigin(value: unknown): string | undefined {
  if (!isText(value) || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.protocol === 'http:' && !isSafeAddress(url) ? url.origin : undefined;
}

function readEndpoint(value: unknown, server: string): string | undefined {
  if (!isText(value)) return undefined;
  try {
    const clientEndpoint = normaliseEndpoint(value);
    return mayName(server, clientEndpoint) ? clientEndpoint : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function numberField<Key extends 'expires' | 'userId' | 'version'>(
  key: Key,
  value: unknown,
): { readonly [name in Key]?: number } {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return {};
  // A computed key widens to an index signature, so the narrow type has to be stated.
  return { [key]: number } as { readonly [name in Key]?: number };
}

/** A comma-separated text, or as one page has it a list with spaces. */
function scopeField(value: unknown): { readonly scope?: readonly string[] } {
  if (!isText(value)) return {};
  return { scope: value.split(/[,\s]+/).filter((name) => name !== '') };
}
