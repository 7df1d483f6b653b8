/** Portals, URLs, bindings and texts from outside as they may be shown to people: short, without what may be secret, in one line. */
import type { Binding } from './binding.ts';

/**
 * What ends a line, steers a terminal, turns the direction of writing round or shows nothing: controls (C0, DEL, C1), format
 * characters (bidi, zero-width, tags), line and paragraph separators, halves of a pair, and letters that are blank.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u034f\u115f\u1160\u3164\uffa0]/gu;

/**
 * Text that somebody else has written, fit for a log, a terminal and a page: it stays in its line, steers nothing, and hides
 * nothing. Each character that might becomes U+FFFD, so that one sees that something was there.
 */
export function printable(text: string): string {
  return text.replace(unprintable, '\ufffd');
}

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
