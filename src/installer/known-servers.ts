/** Chooses the authorisation server for a request: the configured one, or one of the two known ones. A request only chooses, it never names. */
import { normaliseAuthorisationUrl } from '../portal/endpoint.ts';
import { authorisationUrlOf } from '../portal/oauth.ts';
import type { Claims } from './install-request.ts';

/** One portal of each region stands for all. */
const known: ReadonlySet<string> = new Set(
  ['https://portal.bitrix24.com/', 'https://portal.bitrix24.ru/'].map(authorisationUrlOf),
);

/** @throws UsageError `invalid-endpoint`, `insecure-endpoint` */
export function assertServer(configured: string | undefined): void {
  if (configured !== undefined) normaliseAuthorisationUrl(configured);
}

export function authorisationServerFor(
  { serverEndpoint, domain }: Pick<Claims, 'serverEndpoint' | 'domain'>,
  configured: string | undefined,
): string {
  if (configured !== undefined) return normaliseAuthorisationUrl(configured);
  // Portals on a domain of their own do not show their region in it, but say which of the two servers is theirs.
  const claimed = originOf(serverEndpoint);
  if (claimed !== undefined && known.has(claimed)) return claimed;
  const address = `https://${domain ?? ''}/`;
  return authorisationUrlOf(URL.canParse(address) ? address : undefined);
}

function originOf(address: string | undefined): string | undefined {
  return address !== undefined && URL.canParse(address) ? new URL(address).origin : undefined;
}
