/** Chooses an installation of the store by what a person calls the portal. */
import { BitrixEventsError, UsageError } from '../core/errors.ts';
import type { Installation } from '../installation/installation.ts';
import type { Store } from '../installation/store.ts';
import { domainOf } from '../core/display.ts';
import { normaliseEndpoint } from './endpoint.ts';

/**
 * @param selector a member id, a domain or an address; undefined: the only one there is
 * @throws UsageError `no-credentials`, `unknown-portal`, `ambiguous-portal`
 */
export async function chooseInstallation(store: Store, selector: string | undefined): Promise<Installation> {
  const all = await readAll(store);
  const fitting = selector === undefined ? all : all.filter((installation) => fits(selector, installation));
  const [first, second] = fitting;
  if (first !== undefined && second === undefined) return first;
  if (all.length === 0) {
    throw new UsageError({
      code: 'no-credentials',
      message: 'there are no tokens: none in the environment, none in the store',
      hint: 'Set BITRIX24_CLIENT_ENDPOINT, BITRIX24_ACCESS_TOKEN, BITRIX24_REFRESH_TOKEN, BITRIX24_CLIENT_ID and BITRIX24_CLIENT_SECRET, or log in',
    });
  }
  const shown = (fitting.length === 0 ? all : fitting).slice(0, 10).map(nameOf).join(', ');
  const more = Math.max(0, (fitting.length === 0 ? all : fitting).length - 10);
  const candidates = more === 0 ? shown : `${shown} and ${more} more`;
  if (fitting.length === 0) {
    throw new UsageError({
      code: 'unknown-portal',
      message: `the store has no portal '${selector}'; it has ${candidates}`,
      hint: 'Name one of them with --portal, or give the tokens of the portal by environment',
    });
  }
  throw new UsageError({
    code: 'ambiguous-portal',
    message: `the store has several portals that fit: ${candidates}`,
    hint: 'Name one of them with --portal',
  });
}

/** Whether the selector means the portal that these facts are about; facts that are not known do not contradict. */
export function selects(
  selector: string,
  { endpoint, memberId }: { readonly endpoint: string | undefined; readonly memberId: string | undefined },
): boolean {
  if (endpoint === undefined && memberId === undefined) return true;
  return selector === memberId || (endpoint !== undefined && isDomain(selector, endpoint));
}

function fits(selector: string, { memberId, clientEndpoint }: Installation): boolean {
  return selects(selector, { memberId, endpoint: clientEndpoint });
}

function isDomain(selector: string, endpoint: string): boolean {
  try {
    const wanted = normaliseEndpoint(selector);
    // Several portals of one host differ in the path, so an address that has one is compared whole.
    return selector.includes('/rest') ? wanted === endpoint : domainOf(wanted) === domainOf(endpoint);
  } catch (error) {
    // `127.0.0.1:4711` alone would be plain http over the net; here it only names a portal.
    if (error instanceof BitrixEventsError) return selector === domainOf(endpoint);
    throw error;
  }
}

/** One damaged file must not keep people from the other portals, unless nothing else is there. */
async function readAll(store: Store): Promise<readonly Installation[]> {
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
  }
  if (installations.length === 0 && damage !== undefined) throw damage;
  return installations.sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
}

function nameOf({ clientEndpoint, memberId }: Installation): string {
  return `${domainOf(clientEndpoint)} (${memberId})`;
}
