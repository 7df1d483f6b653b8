/** The part of an address by which people know a portal. */

/** Host and port of a client endpoint, in lower case. */
export function domainOf(clientEndpoint: string): string {
  return clientEndpoint
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/.*$/s, '')
    .toLowerCase();
}
