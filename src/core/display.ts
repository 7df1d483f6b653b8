/** Portals, URLs and bindings as they may be shown to people: short, and without what may be secret. */
import type { Binding } from './binding.ts';

const userInfo = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i;

/**
 * A URL without its query, fragment and user info, which can hold a secret:
 * `https://user:pw@a.b/x?key=1` becomes `https://…@a.b/x?…`.
 */
export function displayUrl(url: string): string {
  return url.replace(userInfo, '$1…@').replace(/[?#].*$/s, '?…');
}

/** The part of a client endpoint by which people know a portal: host and port, in lower case. */
export function domainOf(clientEndpoint: string): string {
  return clientEndpoint
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/.*$/s, '')
    .toLowerCase();
}

/** A binding in a few words, for messages. */
export function bindingText(binding: Binding): string {
  switch (binding.eventType) {
    case 'online': {
      const user = binding.authType === 0 ? '' : ` as user ${binding.authType}`;
      return `${binding.event} on ${displayUrl(binding.handler)}${user}`;
    }
    case 'offline':
      return `offline ${binding.event}${binding.authConnector === '' ? '' : ` of connector ${binding.authConnector}`}`;
  }
}
