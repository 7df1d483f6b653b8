/** The record of what a manifest last applied, kept on the portal itself: hashes of keys and options, never a URL. */
import { type Binding, keyOf, optionsText } from './binding.ts';
import type { Digest } from './fingerprint.ts';
import type { Reading } from './reading.ts';

const ledgerVersion = 1;

/** What is known of the options a recorded binding was bound with: a hash of them, `none`, or `unverified`. */
export type RecordedOptions = string;

/** Recorded options by the hash of the key. */
export type Ledger = ReadonlyMap<string, RecordedOptions>;

export type ParsedLedger =
  /** `environment`: of the manifest that wrote it, empty for none; undefined where an older version wrote it. */
  | { readonly kind: 'ledger'; readonly entries: Ledger; readonly environment?: string }
  | { readonly kind: 'absent' }
  /** Written by a newer version: not to be overwritten. */
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'damaged' };

interface LedgerJson {
  readonly v: number;
  readonly at: string;
  readonly by: string;
  readonly env?: string;
  readonly keys: Readonly<Record<string, string>>;
}

/** 64 bits of SHA-256: among 10,000 keys two collide with a chance of one in 10^11. */
export function hashKey(binding: Binding, digest: Digest): string {
  return digest(keyOf(binding)).slice(0, 16);
}

export function hashOptions(binding: Binding, digest: Digest): RecordedOptions {
  const text = optionsText(binding.options);
  return text === '' ? 'none' : digest(text).slice(0, 8);
}

export function parseLedger(text: string | undefined): ParsedLedger {
  if (text === undefined || text === '') return { kind: 'absent' };
  let json: Partial<LedgerJson> | null;
  try {
    json = JSON.parse(text) as Partial<LedgerJson> | null;
  } catch {
    return { kind: 'damaged' };
  }
  if (typeof json !== 'object' || json === null || typeof json.v !== 'number') return { kind: 'damaged' };
  if (json.v > ledgerVersion) return { kind: 'newer', version: json.v };
  if (json.v !== ledgerVersion || typeof json.keys !== 'object' || json.keys === null || Array.isArray(json.keys)) {
    return { kind: 'damaged' };
  }
  const entries = Object.entries(json.keys);
  if (!entries.every(([, options]) => typeof options === 'string')) return { kind: 'damaged' };
  return {
    kind: 'ledger',
    entries: new Map(entries),
    ...(typeof json.env === 'string' ? { environment: json.env } : {}),
  };
}

/**
 * The text to record.
 * @param at ISO time
 * @param by version of the tool
 * @param environment of the manifest, empty for none
 */
export function ledgerText(entries: Ledger, at: string, by: string, environment?: string): string {
  const keys = Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  const env = environment === undefined ? {} : { env: environment };
  return JSON.stringify({ v: ledgerVersion, at, by, ...env, keys } satisfies LedgerJson);
}

export function sameEntries(a: Ledger, b: Ledger): boolean {
  return a.size === b.size && [...a].every(([key, options]) => b.get(key) === options);
}

/** What the ledgers found on a portal say about one binding. */
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
