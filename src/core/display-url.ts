/** A URL as it may be shown: its query, fragment and user info can hold a secret and are left out. */

const userInfo = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i;

/** `https://user:pw@a.b/x?key=1` becomes `https://…@a.b/x?…`. */
export function displayUrl(url: string): string {
  return url.replace(userInfo, '$1…@').replace(/[?#].*$/s, '?…');
}
