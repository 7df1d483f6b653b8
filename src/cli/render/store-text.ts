/** The installations of a store, for people. */
import { printable } from '../../core/display.ts';
import type { BitrixEventsError } from '../../core/errors.ts';
import type { StoredRecord } from '../../records/installation-secrets.ts';
import type { Style } from './style.ts';
import { widest } from './widest.ts';

export type StoreRow =
  | { readonly memberId: string; readonly record: StoredRecord }
  | { readonly memberId: string; readonly error: BitrixEventsError };

const encryptionNotes: Readonly<Record<StoredRecord['encryption'], string>> = {
  none: 'tokens in the clear',
  'first-key': 'encrypted',
  'other-key': 'encrypted with an older key',
  'unknown-key': 'encrypted, its key was not given',
};

export function storeText(rows: readonly StoreRow[], style: Style): string {
  if (rows.length === 0) return 'The store is empty.\n';
  const idWidth = widest(rows.map(({ memberId }) => memberId));
  const domainWidth = widest(rows.map(domainOf));
  const lines = rows.map((row) => {
    const [colour, note] = noteOf(row);
    return `${row.memberId.padEnd(idWidth)}  ${domainOf(row).padEnd(domainWidth)}  ${style(colour, note)}`;
  });
  return `${lines.join('\n')}\n\n${rows.length} ${rows.length === 1 ? 'installation' : 'installations'}\n`;
}

function noteOf(row: StoreRow): readonly ['dim' | 'yellow' | 'red', string] {
  if ('error' in row) return ['red', printable(`${row.error.message}  [${row.error.code}]`)];
  const { encryption } = row.record;
  return [encryption === 'unknown-key' ? 'yellow' : 'dim', encryptionNotes[encryption]];
}

function domainOf(row: StoreRow): string {
  if ('error' in row) return '?';
  const { clientEndpoint = '?' } = row.record;
  return URL.canParse(clientEndpoint) ? new URL(clientEndpoint).host : printable(clientEndpoint);
}
