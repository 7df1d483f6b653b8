/** Calls with a parameter `token`: signed links, of which the emulator gives none out and hence accepts none. */
import type { PhpArray } from './php-values.ts';
import { text } from './methods/method.ts';
import { systemError } from './rest-error.ts';

/** The first part of a link names the scope (empty: the global one), and the method has to be of it. */
export function checkLinkScope(params: PhpArray, scopes: readonly string[]): void {
  const token = linkOf(params);
  if (token === undefined || token === '') return;
  const [scope = ''] = token.split('|', 1);
  const isOfScope = scope === '' || scope === '_global' ? scopes.length === 0 : scopes.includes(scope);
  if (!isOfScope) throw systemError('ERROR_METHOD_NOT_FOUND');
}

export function refuseLink(params: PhpArray): void {
  if (linkOf(params) !== undefined) throw systemError('ACCESS_DENIED', 'Access denied! Link check failed');
}

function linkOf(params: PhpArray): string | undefined {
  const token = params.get('token') ?? null;
  return token === null ? undefined : text(token);
}
