/** What the ledgers found on a portal say about one binding. */
import type { Binding } from './binding.ts';
import type { Digest } from './digest.ts';
import { type Ledger, type ParsedLedger, type RecordedOptions, hashKey, parseLedger } from './ledger.ts';
import type { Reading } from './reading.ts';

export interface LedgerView {
  readonly own: ParsedLedger | { readonly kind: 'unreadable' };
  /** What the manifest's own ledger records of this binding's options; undefined when the binding is not in it. */
  recorded(binding: Binding): RecordedOptions | undefined;
  /** The name of another manifest whose ledger holds this binding. */
  otherOwner(binding: Binding): string | undefined;
  /** Why a row that no readable ledger holds may be another manifest's all the same. */
  readonly otherOwnerDoubt: string | undefined;
}

export function viewLedgers(name: string, reading: Reading, digest: Digest): LedgerView {
  const own = reading.ledgers === undefined ? { kind: 'unreadable' as const } : parseLedger(reading.ledgers.get(name));
  const entries: Ledger = own.kind === 'ledger' ? own.entries : new Map();
  const others = [...(reading.ledgers ?? [])]
    .filter(([other]) => other !== name)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([other, text]) => ({ name: other, ledger: parseLedger(text) }));

  // A damaged one owns nothing any more, to its own manifest neither; a newer one does, only this version cannot read it.
  const newer = others.find(({ ledger }) => ledger.kind === 'newer');
  const newerDoubt = newer && `the ledger bitrix_events.${newer.name} was written by a newer bitrix-events`;

  return {
    own,
    otherOwnerDoubt: own.kind === 'unreadable' ? 'the application options could not be read' : newerDoubt,
    recorded: (binding) => (entries.size === 0 ? undefined : entries.get(hashKey(binding, digest))),
    otherOwner: (binding) => {
      if (others.length === 0) return undefined;
      const hash = hashKey(binding, digest);
      return others.find(({ ledger }) => ledger.kind === 'ledger' && ledger.entries.has(hash))?.name;
    },
  };
}
