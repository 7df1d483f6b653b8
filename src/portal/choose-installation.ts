/** Chooses an installation of the store by what a person calls the portal. */
import { domainOf } from '../core/display.ts';
import { applicationGuide } from '../core/documentation.ts';
import { BitrixEventsError, UsageError } from '../core/errors.ts';
import { findInstallations } from '../installation/find-installation.ts';
import type { Installation } from '../installation/installation.ts';
import { isMemberId } from '../installation/member-id.ts';
import type { Store } from '../installation/store.ts';
import { normaliseEndpoint } from './endpoint.ts';

/**
 * @param selector a member id, a domain or an address; undefined: the only one there is
 * @throws UsageError `no-credentials`, `unknown-portal`, `ambiguous-portal`
 */
export async function chooseInstallation(store: Store, selector: string | undefined): Promise<Installation> {
  const fitting = selector === undefined ? await atMost(2, store) : await selected(selector, store);
  const [first, second] = fitting;
  if (first !== undefined && second === undefined) return first;
  if (second !== undefined) throw ambiguous(selector === undefined ? await candidatesIn(store) : namesOf(fitting));
  const candidates = await candidatesIn(store);
  if (candidates === '') {
    throw new UsageError({
      code: 'no-credentials',
      message: 'there are no tokens: none in the environment, none in the store',
      hint: `Set BITRIX24_CLIENT_ENDPOINT, BITRIX24_ACCESS_TOKEN, BITRIX24_REFRESH_TOKEN, BITRIX24_CLIENT_ID and BITRIX24_CLIENT_SECRET, or log in; where they come from: ${applicationGuide}`,
    });
  }
  throw new UsageError({
    code: 'unknown-portal',
    message: `the store has no portal '${selector}'; it has ${candidates}`,
    hint: 'Name one of them with --portal, or give the tokens of the portal by environment',
  });
}

/** Whether the selector means the portal that these facts are about; facts that are not known do not contradict. */
export function selects(
  selector: string,
  { endpoint, memberId }: { readonly endpoint: string | undefined; readonly memberId: string | undefined },
): boolean {
  if (endpoint === undefined && memberId === undefined) return true;
  return selector === memberId || (endpoint !== undefined && isAddress(selector, endpoint));
}

async function selected(selector: string, store: Store): Promise<readonly Installation[]> {
  const direct = isMemberId(selector) ? await store.read(selector) : undefined;
  if (direct !== undefined) return [direct];
  const { found, unread } = await findInstallations(store, { domain: domainIn(selector) });
  const fitting = found.filter(({ clientEndpoint }) => isAddress(selector, clientEndpoint));
  // An address that is sealed may be the one; the key is what is missing then, not the portal.
  const isSealed = unread?.code === 'no-key' || unread?.code === 'wrong-key';
  if (fitting.length === 0 && isSealed) throw unread;
  return fitting;
}

/** `127.0.0.1:4711` alone would be plain http over the net; here it only names a portal. */
function domainIn(selector: string): string {
  try {
    return domainOf(normaliseEndpoint(selector));
  } catch (error) {
    if (error instanceof BitrixEventsError) return domainOf(selector);
    throw error;
  }
}

/** Several portals of one host differ in the path, so an address that has one is compared whole. */
function isAddress(selector: string, endpoint: string): boolean {
  if (domainIn(selector) !== domainOf(endpoint)) return false;
  try {
    return !selector.includes('/rest') || normaliseEndpoint(selector) === endpoint;
  } catch (error) {
    if (error instanceof BitrixEventsError) return false;
    throw error;
  }
}

function ambiguous(candidates: string): UsageError {
  return new UsageError({
    code: 'ambiguous-portal',
    message: `the store has several portals that fit: ${candidates}`,
    hint: 'Name one of them with --portal',
  });
}

const mostNamed = 10;

/** A few by name, and how many more there are: a store may have thousands. */
async function candidatesIn(store: Store): Promise<string> {
  const named = await atMost(mostNamed, store);
  let count = 0;
  for await (const memberId of store.memberIds()) count += memberId === '' ? 0 : 1;
  return namesOf(named, Math.max(named.length, count));
}

function namesOf(installations: readonly Installation[], count = installations.length): string {
  const names = installations
    .slice(0, mostNamed)
    .map(({ clientEndpoint, memberId }) => `${domainOf(clientEndpoint)} (${memberId})`)
    .sort()
    .join(', ');
  const more = count - Math.min(installations.length, mostNamed);
  return more === 0 ? names : `${names} and ${more} more`;
}

/** One damaged record must not keep people from the other portals, unless nothing else is there. */
async function atMost(count: number, store: Store): Promise<readonly Installation[]> {
  const installations: Installation[] = [];
  let damage: UsageError | undefined;
  for await (const memberId of store.memberIds()) {
    try {
      const installation = await store.read(memberId);
      if (installation !== undefined) installations.push(installation);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      damage ??= error;
    }
    if (installations.length === count) break;
  }
  if (installations.length === 0 && damage !== undefined) throw damage;
  return installations;
}
