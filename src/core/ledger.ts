/** The record of what a manifest last applied, kept on the portal itself: hashes of keys and options, never a URL. */
import { type Binding, keyOf, optionsText } from './binding.ts';
import type { Digest } from './digest.ts';

const ledgerVersion = 1;

/** What is known of the options a recorded binding was bound with. */
export type RecordedOptions = string | 'none' | 'unverified';

/** Recorded options by the hash of the key. */
export type Ledger = ReadonlyMap<string, RecordedOptions>;

export type ParsedLedger =
  | { readonly kind: 'ledger'; readonly entries: Ledger }
  | { readonly kind: 'absent' }
  /** Written by a newer version: not to be overwritten. */
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'damaged' };

interface LedgerJson {
  readonly v: number;
  readonly at: string;
  readonly by: string;
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
  return { kind: 'ledger', entries: new Map(entries) };
}

/**
 * The text to record.
 * @param at ISO time
 * @param by version of the tool
 */
export function ledgerText(entries: Ledger, at: string, by: string): string {
  const keys = Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify({ v: ledgerVersion, at, by, keys } satisfies LedgerJson);
}

export function sameEntries(a: Ledger, b: Ledger): boolean {
  return a.size === b.size && [...a].every(([key, options]) => b.get(key) === options);
}
