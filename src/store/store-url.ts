/** What `--store` and BITRIX_EVENTS_STORE may say. */
import { UsageError } from '../core/errors.ts';

export type StoreUrl =
  | { readonly kind: 'file'; readonly directory: string }
  /** As it is written, password included. */
  | { readonly kind: 'postgres'; readonly url: string };

/**
 * Reads `file:DIR`, the directory as it is written, relative ones included, and tells the address of a database from it.
 * @throws UsageError `invalid-store` for anything else
 */
export function parseStoreUrl(text: string): StoreUrl {
  if (/^postgres(ql)?:/i.test(text)) return { kind: 'postgres', url: text };
  // `file:///abs` is what other tools write for `file:/abs`.
  const directory = /^file:(?:\/\/(?=\/))?(.+)$/is.exec(text)?.[1];
  if (directory === undefined || directory.startsWith('//')) {
    throw new UsageError({
      code: 'invalid-store',
      message: `the store ${JSON.stringify(text.replace(/\/\/[^/@]*@/, '//…@').slice(0, 80))} is neither of the form file:DIR nor postgres://…`,
      hint: 'For example file:.bitrix-events',
    });
  }
  return { kind: 'file', directory };
}
