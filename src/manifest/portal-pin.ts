/** A portal as a manifest names it, in the form in which it is compared. */

/**
 * In lower case, and a domain beyond ASCII as DNS has it: `портал.рф` is `xn--80awhdgm.xn--p1ai`.
 * Undefined for what is neither a domain nor a member id.
 */
export function portalPin(text: string): string | undefined {
  // A member id may be all digits, of which a URL would make an address.
  if (/^[a-z0-9._-]+(:\d+)?$/i.test(text)) return text.toLowerCase();
  const address = `https://${text}`;
  if (/[\s/\\?#@]/.test(text) || !/[^\0-\x7f]/.test(text) || !URL.canParse(address)) return undefined;
  return new URL(address).host;
}
