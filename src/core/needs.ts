/** What a portal needs from somebody before events arrive from it, or before anybody can work on it. Pure. */
import type { Code } from './codes.ts';
import { type BitrixEventsError, NetworkError, UsageError } from './errors.ts';
import { type Actor, actorFor } from './fleet.ts';

export type NeedKind =
  /** The application is installed, and its installation was never finished: events are dropped. */
  | 'unfinished'
  | 'unpaid'
  /** It answers, and no event can come, or nobody fetches those that do. */
  | 'silent'
  /** Events of the manifest lie beyond the scopes that were granted. */
  | 'scope'
  /** The tokens there are open nothing any more. */
  | 'unauthorised'
  /** The application was taken away. */
  | 'removed'
  /** The portal is gone. */
  | 'deleted'
  /** Its record cannot be read. */
  | 'unreadable'
  /** It gives no answer. */
  | 'unreachable'
  /** It refuses for another reason. */
  | 'refused';

export interface Need {
  readonly need: NeedKind;
  readonly act: Actor;
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
}

/** What a portal says of itself in one answer. Undefined: it did not say. */
export interface PortalStanding {
  /** False until the installation is finished: events are dropped (F112). */
  readonly isInstalled: boolean | undefined;
  /** True while the application is not paid for: events are dropped (F113). */
  readonly isPaymentExpired: boolean | undefined;
  /** Whether every binding is seen. */
  readonly isAdmin: boolean | undefined;
  /** Granted to the application, in lower case. */
  readonly scopes: readonly string[] | undefined;
  /** Upper case, of bindings that are live; those of the platform itself included. */
  readonly boundEvents: readonly string[] | undefined;
  /** In the application's default offline queue. */
  readonly waiting: { readonly depth: number; readonly oldestMs: number | undefined } | undefined;
}

/** An event that a manifest asks for. */
export interface WantedEvent {
  readonly event: string;
  /** Any of them grants it; none where the catalogue does not know the event. */
  readonly scopes: readonly string[];
}

/** An application that fetches its offline events does so within minutes. */
const longestWaitMs = 24 * 60 * 60 * 1_000;

/**
 * Nothing where all is well. Of a portal that drops events by itself it is not told that none arrive.
 * @param wanted what a manifest asks for, where there is one
 * @param isPlatforms whether the platform binds such an event by itself
 */
export function needsOf(
  standing: PortalStanding,
  wanted: readonly WantedEvent[] | undefined,
  isPlatforms: (event: string) => boolean,
  nowMs: number,
): readonly Need[] {
  const needs = [unfinished(standing), unpaid(standing), scope(standing, wanted)].filter((need) => need !== undefined);
  const isDeaf = standing.isInstalled === false || standing.isPaymentExpired === true;
  if (isDeaf) return needs;
  const silent = [unbound(standing, wanted, isPlatforms), unread(standing, nowMs)].filter((need) => need !== undefined);
  return [...needs, ...silent];
}

function unfinished({ isInstalled }: PortalStanding): Need | undefined {
  if (isInstalled !== false) return undefined;
  return needed('unfinished', {
    code: 'not-installed',
    message: 'the installation of the application is not finished: events are dropped',
    hint: 'An administrator of the portal has to open the application, and its installation page to call BX24.installFinish()',
  });
}

function unpaid({ isPaymentExpired }: PortalStanding): Need | undefined {
  if (isPaymentExpired !== true) return undefined;
  return needed('unpaid', {
    code: 'payment-expired',
    message: 'the application is not paid for: events are dropped',
    hint: 'The owner of the portal has to renew the subscription',
  });
}

function scope({ scopes }: PortalStanding, wanted: readonly WantedEvent[] = []): Need | undefined {
  if (scopes === undefined) return undefined;
  const granted = new Set(['basic', ...scopes]);
  const missing = wanted.filter((event) => event.scopes.length > 0 && !event.scopes.some((name) => granted.has(name)));
  if (missing.length === 0) return undefined;
  const names = [...new Set(missing.map((event) => event.scopes[0]))].join(', ');
  const events = [...new Set(missing.map(({ event }) => event))].join(', ');
  return needed('scope', {
    code: 'needs-scope',
    message: `the application was not granted ${names}, which ${events} needs`,
    hint: 'Ask for it in a version of the application that an administrator of the portal accepts, or in the settings of a local application',
  });
}

function unbound(
  { boundEvents, isAdmin }: PortalStanding,
  wanted: readonly WantedEvent[] | undefined,
  isPlatforms: (event: string) => boolean,
): Need | undefined {
  // Others see but their own rows.
  if (boundEvents === undefined || isAdmin !== true || wanted?.length === 0) return undefined;
  const isMeant = (event: string): boolean =>
    wanted === undefined ? !isPlatforms(event) : wanted.some((one) => one.event === event);
  if (boundEvents.some(isMeant)) return undefined;
  const what = wanted === undefined ? 'nothing is bound' : 'none of the events of the manifest is bound';
  return needed('silent', {
    code: 'nothing-bound',
    message: `${what}: no event reaches the application`,
    hint: 'Bind them with apply --portal',
  });
}

function unread({ waiting }: PortalStanding, nowMs: number): Need | undefined {
  const { depth = 0, oldestMs } = waiting ?? {};
  if (oldestMs === undefined || nowMs - oldestMs <= longestWaitMs) return undefined;
  const days = Math.floor((nowMs - oldestMs) / longestWaitMs);
  const age = days === 1 ? 'for more than a day' : `for ${days} days`;
  return needed('silent', {
    code: 'offline-waiting',
    message: `${depth} offline ${depth === 1 ? 'event waits' : 'events wait'} to be fetched, the oldest ${age}`,
    hint: 'Look whether the program that calls event.offline.get still runs, and whether its binding is meant',
  });
}

const kinds: Partial<Readonly<Record<Code, NeedKind>>> = {
  'application-not-found': 'removed',
  'authorisation-expired': 'unauthorised',
  'authorisation-lost': 'unauthorised',
  'authorisation-refused': 'unauthorised',
  'foreign-tokens': 'unauthorised',
  'inactive-user': 'unauthorised',
  'no-access': 'unauthorised',
  'no-authorisation': 'unauthorised',
  'payment-required': 'unpaid',
  'portal-deleted': 'deleted',
  'token-refused': 'unauthorised',
};

/** Of a portal that could not be asked. */
export function needOfError(error: BitrixEventsError): Need {
  const { code, message, hint } = error;
  return needed(kindOf(error), { code, message, ...(hint === undefined ? {} : { hint }) });
}

function kindOf(error: BitrixEventsError): NeedKind {
  if (error instanceof NetworkError) return 'unreachable';
  if (error instanceof UsageError) return 'unreadable';
  return kinds[error.code] ?? 'refused';
}

function needed(need: NeedKind, facts: Omit<Need, 'need' | 'act'>): Need {
  return { need, act: actorFor(facts.code), ...facts };
}
