/** Where a PostgreSQL server is, said so that everybody may read it. */
import { UsageError } from '../core/errors.ts';

/**
 * The address without its password, and without parameters, which may hold another one.
 * @throws UsageError `invalid-store`
 */
export function shownAddress(url: string): string {
  // Not `new URL(…)`, whose message would repeat it.
  if (!/^postgres(ql)?:\/\//i.test(url) || !URL.canParse(url)) throw invalidAddress();
  const { username, host, pathname, searchParams } = new URL(url);
  const socket = searchParams.get('host');
  const shown = `postgres://${username === '' ? '' : `${username}@`}${host}${pathname === '/' ? '' : pathname}`;
  return socket === null ? shown : `${shown}?host=${socket}`;
}

function invalidAddress(): UsageError {
  return new UsageError({
    code: 'invalid-store',
    message: 'the store is no address of a PostgreSQL database',
    hint: 'For example postgres://user:password@host:5432/database, with what is special in the password written as %XX',
  });
}
