/** Which authorisation server to ask about a portal. None but the configured one and the vendor's two ever gets a secret. */
import { isSafeAddress, normaliseAuthorisationUrl } from './endpoint.ts';

const worldServer = 'https://oauth.bitrix.info';
const regionalServer = 'https://oauth.bitrix24.tech';
const regionalZones = new Set(['ru', 'am', 'az', 'ge', 'kz', 'kg', 'uz', 'by']);

/** Domains that the vendor gives out; any other is a portal's own and tells nothing (F185). */
const vendorDomain = /\.bitrix24\.[a-z]+(\.[a-z]+)?$/;

export interface ServerFacts {
  /** BITRIX24_OAUTH_URL, or what the application was set up with. */
  readonly configured: string | undefined;
  /** What an installation's record, a request or an address names: believed when it is one of the known ones. */
  readonly named?: string | undefined;
  /** Of the portal, for a guess by its zone (F99). */
  readonly clientEndpoint?: string | undefined;
}

/**
 * The servers to ask, the likeliest first. More than one only where nothing but the portal's own domain is known.
 * @throws UsageError `invalid-endpoint`, `insecure-endpoint` for the configured one
 */
export function authorisationServers({
  configured,
  named,
  clientEndpoint,
}: ServerFacts): readonly [string, ...string[]] {
  if (configured !== undefined) return [normaliseAuthorisationUrl(configured)];
  const portal = clientEndpoint === undefined ? undefined : new URL(clientEndpoint);
  // The emulator is its own authorisation server, and what is on this machine stays there, whatever else is named.
  if (portal?.protocol === 'http:') return [portal.origin];
  const known = knownServer(named);
  if (known !== undefined) return [known];
  if (portal === undefined) return [worldServer, regionalServer];
  const { hostname } = portal;
  const isRegional = regionalZones.has(hostname.split('.').at(-1) ?? '');
  const [likely, other] = isRegional ? [regionalServer, worldServer] : [worldServer, regionalServer];
  return vendorDomain.test(hostname) ? [likely] : [likely, other];
}

/** The known server that a text names by its host or by an address there; undefined when it is neither. */
export function knownServer(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const address = text.includes('://') ? text : `https://${text}`;
  const origin = URL.canParse(address) ? new URL(address).origin : undefined;
  return origin === worldServer || origin === regionalServer ? origin : undefined;
}

/** Whether the vendor serves this portal from the hosts of its second region. */
export function isRegionalServer(server: string): boolean {
  return server === regionalServer;
}

/** An https server has no business with services of whoever asks it: an address over plain http is only another one of its machine. */
export function mayName(server: string, clientEndpoint: string): boolean {
  const url = new URL(clientEndpoint);
  return url.protocol === 'https:' || (isSafeAddress(url) && new URL(server).protocol === 'http:');
}
