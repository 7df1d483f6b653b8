/** The requests an installer answers, made of the few fields it looks at. Everything in them is a claim until it is proven. */
import { isMemberId } from '../installation/member-id.ts';
import { type FormMap, mapField, parseForm, textField } from './form.ts';

export interface Claims {
  readonly memberId: string;
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
  readonly expiresInSeconds: number | undefined;
  readonly applicationToken: string | undefined;
  readonly scope: readonly string[] | undefined;
  /** Choose one of the known authorisation servers, and are used for nothing else. */
  readonly serverEndpoint: string | undefined;
  readonly domain: string | undefined;
  /** When an event happened, in seconds since 1970 by the portal's clock. */
  readonly happenedAt: number | undefined;
}

export type InstallRequest =
  | { readonly kind: 'install' | 'update' | 'user-ready'; readonly claims: Claims }
  | {
      readonly kind: 'uninstall';
      readonly memberId: string;
      readonly applicationToken: string | undefined;
      readonly isClean: boolean;
      readonly happenedAt: number | undefined;
    }
  /** Somebody opened the application in the portal's frame. */
  | { readonly kind: 'page'; readonly claims: Claims }
  /** The button of the installation page. */
  | { readonly kind: 'retry'; readonly ticket: string };

/** The page's own field; its value is proof enough, see retry-ticket.ts. */
export const retryField = 'bitrix_events_retry';

/** As older servers spell it (F179). */
const oldServerEndpoint = 'server_andpoint';

export function readRequest(bodyText: string, query: FormMap): InstallRequest | undefined {
  const body = parseForm(bodyText);
  if (body === undefined) return undefined;
  const ticket = textField(body, retryField);
  if (ticket !== undefined) return { kind: 'retry', ticket };
  return readEvent(body) ?? readPage(body, query);
}

function readEvent(body: FormMap): InstallRequest | undefined {
  const event = textField(body, 'event')?.toUpperCase();
  const auth = mapField(body, 'auth');
  const memberId = auth === undefined ? undefined : textField(auth, 'member_id');
  if (auth === undefined || memberId === undefined || !isMemberId(memberId)) return undefined;
  const claimsWith = (tokens: FormMap): Claims => ({
    memberId,
    accessToken: tokenField(tokens, 'access_token'),
    refreshToken: tokenField(tokens, 'refresh_token'),
    expiresInSeconds: secondsField(tokens, 'expires_in'),
    applicationToken: tokenField(auth, 'application_token'),
    scope: scopeField(auth, 'scope'),
    serverEndpoint: textField(auth, 'server_endpoint') ?? textField(auth, oldServerEndpoint),
    domain: textField(auth, 'domain'),
    happenedAt: secondsField(body, 'ts'),
  });
  switch (event) {
    case 'ONAPPINSTALL':
      return { kind: 'install', claims: claimsWith(auth) };
    case 'ONAPPUPDATE':
      return { kind: 'update', claims: claimsWith(auth) };
    case 'ONAPPUSERREADY':
      // The tokens of `auth` are those of whoever installed the application (F177).
      return { kind: 'user-ready', claims: claimsWith(mapField(body, 'data') ?? {}) };
    case 'ONAPPUNINSTALL':
      return {
        kind: 'uninstall',
        memberId,
        applicationToken: tokenField(auth, 'application_token'),
        isClean: textField(mapField(body, 'data') ?? {}, 'CLEAN') === '1',
        happenedAt: secondsField(body, 'ts'),
      };
    default:
      return undefined;
  }
}

/** `APP_SID` of the query is a browser session and no `application_token` (F122). */
function readPage(body: FormMap, query: FormMap): InstallRequest | undefined {
  const memberId = textField(body, 'member_id');
  const accessToken = tokenField(body, 'AUTH_ID');
  if (memberId === undefined || !isMemberId(memberId) || accessToken === undefined) return undefined;
  return {
    kind: 'page',
    claims: {
      memberId,
      accessToken,
      refreshToken: tokenField(body, 'REFRESH_ID'),
      expiresInSeconds: secondsField(body, 'AUTH_EXPIRES'),
      applicationToken: tokenField(body, 'APPLICATION_TOKEN'),
      scope: scopeField(body, 'APPLICATION_SCOPE'),
      serverEndpoint: textField(body, 'SERVER_ENDPOINT'),
      domain: textField(query, 'DOMAIN'),
      happenedAt: undefined,
    },
  };
}

/** Letters, digits and what encodings of bytes use: a token is passed on in bodies and compared, never interpreted. */
export function tokenField(map: FormMap, name: string): string | undefined {
  const value = textField(map, name);
  return value !== undefined && /^[\w.~+/=-]{1,512}$/.test(value) ? value : undefined;
}

function secondsField(map: FormMap, name: string): number | undefined {
  const value = textField(map, name);
  return value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}

export function scopeField(map: FormMap, name: string): readonly string[] | undefined {
  const value = textField(map, name);
  if (value === undefined) return undefined;
  return value
    .slice(0, 4096)
    .split(/[,\s]+/)
    .filter((scope) => /^[\w.:-]{1,64}$/.test(scope));
}
