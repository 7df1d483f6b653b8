/** A renamed portal’s answer: where it points, and whether that is still the same portal. */
import { BitrixEventsError, PortalError } from '../core/errors.ts';
import { domainOf } from '../core/display.ts';
import { isSafeAddress } from './endpoint.ts';
import type { Session } from './session.ts';

export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/**
 * The endpoint that a redirect points to. Only scheme, host and port are taken: the path is ours.
 * @throws PortalError `bad-redirect`, `redirect-loop`
 */
export function redirectTarget(endpoint: string, location: string | undefined): string {
  const url = location !== undefined && URL.canParse(location, endpoint) ? new URL(location, endpoint) : undefined;
  const from = new URL(endpoint);
  const refused = (why: string) =>
    new PortalError({
      code: 'bad-redirect',
      message: `portal '${from.host}' redirects, and that is not followed: ${why}`,
      hint: 'If the portal was renamed, set BITRIX24_CLIENT_ENDPOINT to its new address',
    });
  if (url === undefined) throw refused('it does not say where');
  if (url.origin === from.origin) throw redirectLoop(from.host);
  if (!isSafeAddress(url)) throw refused(`'${url.host}' would get the token over ${url.protocol}//`);
  // An answer from the net must not steer a token to a service of this machine.
  if (url.protocol === 'http:' && from.protocol === 'https:')
    throw refused(`from https to ${url.protocol}//${url.host}`);
  return `${url.origin}${from.pathname}`;
}

export function redirectLoop(host: string): PortalError {
  return new PortalError({
    code: 'redirect-loop',
    message: `portal '${host}' redirects in a circle`,
    hint: 'Set BITRIX24_CLIENT_ENDPOINT to the portal’s present address',
  });
}

/**
 * Proves that the new address is the same portal before it gets the token.
 * A redirect is only a claim of whoever answers at the old name, and old names are given to new owners: following it on trust
 * would hand the token, and then every binding, to somebody else’s portal. The authorisation server knows where the token’s portal
 * lives today; it is asked, because it is not the one who claims.
 * @throws PortalError `foreign-redirect`, `unverified-redirect`
 */
export async function confirmMove(session: Session, target: string): Promise<void> {
  const { memberId, clientEndpoint } = session.current();
  const [from, to] = [domainOf(clientEndpoint), domainOf(target)];
  try {
    const owner = await session.owner();
    if (owner.memberId === memberId && owner.clientEndpoint === target) return;
    throw new PortalError({
      code: 'foreign-redirect',
      message: `portal '${from}' redirects to '${to}', which is another portal than that of the tokens (member id ${memberId})`,
      hint: 'Nothing was sent there. Check BITRIX24_CLIENT_ENDPOINT and whose portal answers at the old address',
    });
  } catch (error) {
    if (!(error instanceof BitrixEventsError) || error.code === 'foreign-redirect') throw error;
    throw new PortalError({
      code: 'unverified-redirect',
      message: `portal '${from}' redirects to '${to}', and the authorisation server could not confirm that: ${error.message}`,
      hint: error.hint ?? 'Run again, or set BITRIX24_CLIENT_ENDPOINT to the portal’s new address',
      cause: error,
    });
  }
}
