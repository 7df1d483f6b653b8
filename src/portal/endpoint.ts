/** Addresses of a portal's REST and of authorisation servers: which texts are accepted, and which may be talked to. */
import { applicationGuide } from '../core/documentation.ts';
import { UsageError } from '../core/errors.ts';

/**
 * Makes `https://acme.bitrix24.com/rest/` of a domain, an address, or an address below it.
 * A path before `/rest/` is kept. Plain http is accepted for this machine only.
 * @throws UsageError `webhook-url`, `invalid-endpoint`, `insecure-endpoint`
 */
export function normaliseEndpoint(text: string): string {
  const url = parseAddress(text, 'portal');
  const [, prefix, rest] = /^(.*?)\/rest(?:\/(.*))?$/.exec(url.pathname) ?? [];
  // Checked before anything that would show the text: the last part of a webhook's URL is a secret.
  if (rest !== undefined && /^\d+\/[^/]+/.test(rest)) {
    throw new UsageError({
      code: 'webhook-url',
      message: `'${url.host}/rest/…' is the URL of a webhook; events can be bound by an application only`,
      hint: `Give the portal’s address, such as https://acme.bitrix24.com/rest/, and the tokens of an application; how to get one: ${applicationGuide}`,
    });
  }
  if (prefix === undefined && url.pathname !== '/')
    throw invalid('portal', `'${url.host}' has a path other than /rest/`);
  return `${url.origin}${prefix ?? ''}/rest/`;
}

/**
 * The origin of an authorisation server.
 * @throws UsageError `invalid-endpoint`, `insecure-endpoint`
 */
export function normaliseAuthorisationUrl(text: string): string {
  return parseAddress(text, 'authorisation server').origin;
}

/** Whether a token may be sent there: over TLS, or without leaving this machine. */
export function isSafeAddress(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/** Whether a host is this machine, whatever asks. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function parseAddress(text: string, what: string): URL {
  const trimmed = text.trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.hostname === '') throw invalid(what, 'it is no URL');
  if (url.username !== '' || url.password !== '') throw invalid(what, `'${url.host}' comes with a user name`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw invalid(what, `'${url.protocol}' is no web address`);
  if (!isSafeAddress(url)) {
    throw new UsageError({
      code: 'insecure-endpoint',
      message: `the address of the ${what}, '${url.origin}', is plain http: tokens are sent over https only`,
      hint: 'Plain http is accepted for addresses of this machine, such as http://127.0.0.1:4711/rest/',
    });
  }
  return url;
}

function invalid(what: string, why: string): UsageError {
  return new UsageError({
    code: 'invalid-endpoint',
    message: `the address of the ${what} cannot be used: ${why}`,
    hint: what === 'portal' ? 'For example https://acme.bitrix24.com/rest/' : 'For example https://oauth.bitrix.info',
  });
}
