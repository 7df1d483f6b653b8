/** Whose frame the page lives in, and the address of the script that speaks to that portal. */
import { isSafeAddress } from '../../portal/endpoint.ts';
import { authorisationServers, isRegionalServer } from '../../portal/authorisation-servers.ts';
import type { InstallView } from './view.ts';

/** A header can hold these and nothing that would end a directive: an URL's host may have `;` and `,` in it. */
const originPattern = /^https?:\/\/[a-z0-9.:-]+$/;

/** The origin as a policy may name it; undefined for what no portal is ever at. */
export function frameOrigin(portalOrigin: string): string | undefined {
  if (!URL.canParse(portalOrigin)) return undefined;
  const url = new URL(portalOrigin);
  return isSafeAddress(url) && originPattern.test(url.origin) ? url.origin : undefined;
}

/**
 * Whose frame may show the page. A portal on plain http gets one with nothing to press on it, which says why: what anybody on its
 * network could put around the page has nothing to gain from it.
 */
export function framingOrigin({ portalOrigin, retry, finish }: InstallView): string | undefined {
  const isInert = retry === undefined && !finish;
  return frameOrigin(portalOrigin) ?? (isInert && originPattern.test(portalOrigin) ? portalOrigin : undefined);
}

/**
 * The vendor serves one script for all portals, from a host of its own for the zones that also have their own
 * authorisation server (F99); a portal on a domain of its own is of the region whose server speaks for it. Plain http is a portal on this machine, the emulator, which brings its script along.
 */
export function portalScriptUrl(origin: string, server: string | undefined): string {
  if (origin.startsWith('http:')) return `${origin}/bitrix24.js`;
  const [likely] = authorisationServers({ configured: undefined, named: server, clientEndpoint: origin });
  return isRegionalServer(likely) ? 'https://api.bitrix24.tech/api/v1/' : 'https://api.bitrix24.com/api/v1/';
}
