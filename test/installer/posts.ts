/** What portals post to an installer: events as forms, with tokens that the test chooses, and what came of them. */
import type { Emulator } from '../../src/emulator/index.ts';
import type { Installation } from '../../src/installation/installation.ts';
import { confirmed } from '../../src/installation/installation.ts';
import { createHttp } from '../../src/portal/http.ts';
import { createOAuth } from '../../src/portal/oauth.ts';

export type Fields = Readonly<Record<string, string>>;

/** The application's own user, who is an administrator unless a test says otherwise. */
export const systemUser = 99;

/** Where the portal lives and what proves an event, without tokens. */
export function addressFields(emulator: Emulator): Fields {
  return {
    domain: emulator.domain,
    client_endpoint: emulator.clientEndpoint,
    server_endpoint: `${emulator.oauthUrl}/rest/`,
    member_id: emulator.memberId,
    application_token: emulator.applicationToken,
  };
}

export function tokenFields(emulator: Emulator, userId: number): Fields {
  const { accessToken, refreshToken } = emulator.token(userId);
  return { access_token: accessToken, refresh_token: refreshToken, expires_in: '3600', user_id: String(userId) };
}

export interface EventParts {
  readonly data?: Fields;
  readonly auth?: Fields;
  /** Seconds since 1970. */
  readonly ts?: number;
}

export function eventForm(event: string, { data = {}, auth = {}, ts }: EventParts): Fields {
  const named = (map: string, fields: Fields) =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [`${map}[${name}]`, value]));
  return { event, ...(ts === undefined ? {} : { ts: String(ts) }), ...named('data', data), ...named('auth', auth) };
}

/** An event with a user's tokens, as the platform posts them. */
export function eventOf(emulator: Emulator, event: string, userId: number, parts: EventParts = {}): Fields {
  const auth = { ...addressFields(emulator), ...tokenFields(emulator, userId), ...parts.auth };
  return eventForm(event, { ts: 1_700_000_000, ...parts, auth });
}

/** The tokens of the application's own user, beside those of whoever installed it. */
export function userReady(emulator: Emulator, parts: EventParts = {}, userId = systemUser): Fields {
  return eventOf(emulator, 'ONAPPUSERREADY', 1, {
    data: { ...tokenFields(emulator, userId), ...parts.data },
    ...parts,
  });
}

/** As the installer would have made it, with nothing bound. */
export async function recordOf(emulator: Emulator, userId: number, isAdmin: boolean): Promise<Installation> {
  const { memberId, clientEndpoint, clientId, oauthUrl, applicationToken } = emulator;
  const tokens = emulator.token(userId);
  const http = createHttp();
  const outcome = await createOAuth(oauthUrl, http).verifyToken(tokens.accessToken);
  await http.close();
  if (outcome.kind !== 'done') throw new Error(outcome.kind);
  const made = { memberId, clientEndpoint, clientId, tokens, applicationToken, isAdmin, userId };
  return confirmed(made, outcome.value, oauthUrl);
}

/** Whose pairs a record holds, such as `user 1, spare 15`. */
export function ownersOf(known: Installation | undefined): string {
  if (known === undefined) return 'none';
  const spare = (known.spare ?? []).map(({ userId }) => userId);
  return [`user ${known.userId}`, ...(spare.length === 0 ? [] : [`spare ${spare.join(' and ')}`])].join(', ');
}

/** What of a page or a plain text a person would tell. */
export function answerIn({ status, html }: { readonly status: number; readonly html: string }): string {
  const outcome = /main class="([a-z]+)"/.exec(html)?.[1];
  return outcome === undefined ? `${status} ${html.trim()}` : `page: ${outcome}`;
}
