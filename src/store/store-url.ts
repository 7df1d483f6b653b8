/** What `--store` and BITRIX_EVENTS_STORE may say. */
import { UsageError } from '../core/errors.ts';

export interface FileStoreUrl {
  readonly kind: 'file';
  readonly directory: string;
}

/**
 * Reads `file:DIR`, the directory as it is written, relative ones included.
 * @throws UsageError `unsupported-store` for PostgreSQL, `invalid-store` for anything else
 */
export function parseStoreUrl(text: string): FileStoreUrl {
  if (/^postgres(ql)?:/i.test(text)) {
    // The URL holds a password, so it is not repeated.
    throw new UsageError({
      code: 'unsupported-store',
      message: 'a PostgreSQL store is not supported by this version',
      hint: 'Use file:DIR',
    });
  }
  // `file:///abs` is what other tools write for `file:/abs`.
  const directory = /^file:(?:\/\/(?=\/))?(.+)$/is.exec(text)?.[1];
  if (directory === undefined || directory.startsWith('//')) {
    throw new UsageError({
      code: 'invalid-store',
      message: `the store ${JSON.stringify(text.replace(/\/\/[^/@]*@/, '//…@').slice(0, 80))} is not of the form file:DIR`,
      hint: 'For example file:.bitrix-events',
    });
  }
  return { kind: 'file', directory };
}
