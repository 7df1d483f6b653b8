/** Whether an event that the application's own handler was sent comes from a portal which has the application: what it says, or nothing. */
import { domainOf } from '../core/display.ts';
import { isMemberId } from '../installation/member-id.ts';
import type { Store } from '../installation/store.ts';
import { isSameSecret } from '../portal/secret-compare.ts';
import { eventText } from './event-body.ts';
import { type FormMap, mapField, parseForm, textField } from './form.ts';
import { scopeField, tokenField } from './install-request.ts';
import type { InstallerLimits } from './options.ts';

/** An event whose sender knew the application token of its portal. */
export interface VerifiedEvent {
  /** In upper case, such as `ONCRMDEALADD`. */
  readonly event: string;
  /** `member_id` of the portal, which renaming, updates and reinstallation leave as it is (F114, F120). */
  readonly memberId: string;
  /** The portal's host, as it was verified when the application was installed there. */
  readonly domain: string;
  /** As PHP nests it: maps without a prototype, every value in them a text. */
  readonly data: FormMap;
  /** When it happened, in seconds since 1970 by the portal's clock. */
  readonly ts: number | undefined;
  /** Of the live row it was delivered for; changes when that is bound again. */
  readonly eventHandlerId: number | undefined;
  /** For calls as `userId`, for an hour; absent when nobody caused the event, and where the event never brings one (F128). */
  readonly accessToken: string | undefined;
  /** Whose `accessToken` it is: the user of the binding, else whoever caused the event (F127). Undefined without one. */
  readonly userId: number | undefined;
  /** What `accessToken` may do: REST scopes as the portal writes them. */
  readonly scope: readonly string[] | undefined;
  /** For how long `accessToken` was good when it was sent: 3600 as documented (F102). */
  readonly expiresInSeconds: number | undefined;
}

export interface VerifyContext {
  readonly store: Pick<Store, 'read'>;
  readonly limits: InstallerLimits;
}

/**
 * @param request a Fetch `Request`, a request of node:http, Express or Fastify, a parsed body, or its text
 * @returns undefined for everything that is not an event of an installation we know, for whatever reason
 * @throws UsageError `body-consumed`, and what the store throws
 */
export async function verifyEvent(
  request: unknown,
  { store, limits }: VerifyContext,
): Promise<VerifiedEvent | undefined> {
  const text = await eventText(request, limits);
  const body = text === undefined ? undefined : parseForm(text);
  const auth = body === undefined ? undefined : mapField(body, 'auth');
  if (body === undefined || auth === undefined) return undefined;
  const event = textField(body, 'event')?.toUpperCase();
  const memberId = textField(auth, 'member_id');
  const applicationToken = tokenField(auth, 'application_token');
  if (event === undefined || !eventPattern.test(event) || applicationToken === undefined) return undefined;
  if (memberId === undefined || !isMemberId(memberId)) return undefined;
  const known = await store.read(memberId);
  // Compared in any case, so that the comparison does not tell which portals are known.
  const isSame = isSameSecret(applicationToken, known?.applicationToken ?? '');
  if (known === undefined || !isSame) return undefined;
  return {
    event,
    memberId,
    domain: domainOf(known.clientEndpoint),
    data: mapField(body, 'data') ?? noFields,
    ts: numberField(body, 'ts'),
    eventHandlerId: numberField(body, 'event_handler_id'),
    accessToken: tokenField(auth, 'access_token'),
    userId: numberField(auth, 'user_id'),
    scope: scopeField(auth, 'scope'),
    expiresInSeconds: numberField(auth, 'expires_in'),
  };
}

function numberField(map: FormMap, name: string): number | undefined {
  const value = textField(map, name);
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

const eventPattern = /^[A-Z0-9_.:-]{1,128}$/;

const noFields: FormMap = Object.freeze({ __proto__: null });
