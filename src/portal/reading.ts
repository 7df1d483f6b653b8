/** One batch that asks a portal everything the planner needs, and its answer as a reading. */
import { PortalError } from '../core/errors.ts';
import type { Reading } from '../core/reading.ts';
import type { Installation } from '../installation/installation.ts';
import type { BatchAnswer, WireCall } from './batch.ts';
import { type LiveRows, readRows } from './binding-rows.ts';
import { ledgerPrefix } from './commands.ts';
import { domainOf } from '../core/display.ts';
import { portalRefusal } from './errors.ts';
import { isFields, phpFlag, phpInteger, phpList, phpMap, textOf } from './php.ts';
import type { RestError } from './rest-answer.ts';
import { mayPass } from './retry.ts';

/** `event.get` comes last, so that no other command can change what it saw. */
export const readingCommands: ReadonlyMap<string, WireCall> = new Map([
  ['profile', { method: 'profile', params: {} }],
  ['application', { method: 'app.info', params: {} }],
  ['events', { method: 'events', params: {} }],
  ['options', { method: 'app.option.get', params: {} }],
  ['connectors', { method: 'feature.get', params: { CODE: 'rest_auth_connector' } }],
  ['live', { method: 'event.get', params: {} }],
]);

/**
 * Who asks and what is bound have to be known; everything else may stay unsaid.
 * @throws PortalError the refusal’s code, `inactive-user`, `unreadable-answer`
 */
export function readReading(batch: BatchAnswer, { memberId, clientEndpoint, clientId }: Installation): Reading {
  const domain = domainOf(clientEndpoint);
  const live = readLiveItem(batch, 'live', domain);
  const { userId, isAdmin } = readProfile(needed(batch, 'profile', 'to say whose the token is', domain), domain);
  const application = said(batch, 'application');
  const info = isFields(application) ? application : {};
  return {
    portal: { memberId, clientEndpoint, clientId, userId, isAdmin, isInstalled: phpFlag(info['INSTALLED']) },
    visibility: isAdmin ? 'all' : 'own',
    isPaymentExpired: phpFlag(info['PAYMENT_EXPIRED']) === true,
    live: live.bindings,
    strangeRows: live.strange,
    offeredEvents: readEvents(said(batch, 'events')),
    ledgers: readLedgers(said(batch, 'options')),
    allowsConnectors: readFeature(said(batch, 'connectors')),
  };
}

/**
 * What makes a reading worth nothing, so that it is made again: a part that the answer does not even mention, or what it cannot
 * do without refused for a reason that may pass.
 */
export function flawOfReading(batch: BatchAnswer): string | RestError | undefined {
  const items = new Map([...readingCommands.keys()].map((key) => [key, batch(key)]));
  if ([...items.values()].some(({ kind }) => kind === 'missing')) return 'an answer that lacks part of what was asked';
  for (const item of [items.get('profile'), items.get('live')]) {
    if (item?.kind === 'error' && mayPass(item.error)) return item.error;
  }
  return undefined;
}

/** @throws PortalError */
export function readLiveItem(batch: BatchAnswer, key: string, domain: string): LiveRows {
  return readLiveResult(needed(batch, key, 'to list the bindings', domain), domain);
}

/** @throws PortalError `unreadable-answer` */
export function readLiveResult(result: unknown, domain: string): LiveRows {
  const live = readRows(result);
  if (live === undefined) throw unreadable(domain, 'its list of bindings makes no sense');
  return live;
}

function needed(batch: BatchAnswer, key: string, what: string, domain: string): unknown {
  const item = batch(key);
  if (item.kind === 'error') throw portalRefusal(item.error, what, domain);
  if (item.kind === 'missing') throw unreadable(domain, 'its answer lacks part of what was asked');
  return item.result;
}

function said(batch: BatchAnswer, key: string): unknown {
  const item = batch(key);
  return item.kind === 'result' ? item.result : undefined;
}

export interface PortalUser {
  readonly userId: number;
  readonly isAdmin: boolean;
}

/** @throws PortalError `inactive-user`, `unreadable-answer` */
export function readProfile(profile: unknown, domain: string): PortalUser {
  if (phpList(profile)?.length === 0) {
    throw new PortalError({
      code: 'inactive-user',
      message: `the user of the token is not active on portal '${domain}'`,
      hint: 'Activate the user, or log in as another one',
    });
  }
  const fields = isFields(profile) ? profile : {};
  const userId = phpInteger(fields['ID']);
  if (userId === undefined || userId <= 0) throw unreadable(domain, 'it does not say whose the token is');
  return { userId, isAdmin: phpFlag(fields['ADMIN']) === true };
}

function readEvents(result: unknown): ReadonlySet<string> | undefined {
  const names = phpList(result);
  if (names === undefined) return undefined;
  const events = new Set<string>();
  for (const name of names) {
    if (typeof name !== 'string') return undefined;
    events.add(name.toUpperCase());
  }
  return events;
}

function readLedgers(result: unknown): ReadonlyMap<string, string> | undefined {
  const options = phpMap(result);
  if (options === undefined) return undefined;
  const ledgers = new Map<string, string>();
  for (const [name, value] of options) {
    // A portal may hand back a JSON text already parsed; whether it is a ledger is judged elsewhere.
    if (name.startsWith(ledgerPrefix)) ledgers.set(name.slice(ledgerPrefix.length), textOf(value));
  }
  return ledgers;
}

function readFeature(result: unknown): boolean | undefined {
  return isFields(result) ? phpFlag(result['value']) : undefined;
}

function unreadable(domain: string, what: string): PortalError {
  return new PortalError({
    code: 'unreadable-answer',
    message: `portal '${domain}' gave an answer that cannot be used: ${what}`,
    hint: 'Run again; if it stays so, report it with the output of --verbose',
  });
}
