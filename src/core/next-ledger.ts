/** What the ledger has to say after a plan was carried out as far as it was. */
import { type Binding, keyOf } from './binding.ts';
import type { Digest } from './fingerprint.ts';
import { type Ledger, type RecordedOptions, hashKey, hashOptions } from './ledger.ts';
import { isDesired, type Plan } from './plan.ts';

interface LedgerFacts {
  readonly plan: Plan;
  /** The ledger as it was read. */
  readonly recorded: Ledger;
  /** Which of the plan's changes have come true. */
  readonly isDone: (changeId: string) => boolean;
  /** Rows live at the end, as far as known. */
  readonly live: readonly Binding[];
  readonly digest: Digest;
}

/**
 * Everything desired, and rows applied before that are still live and still ours to remove.
 * A row that another manifest owns is let go, so that its owner can remove it.
 */
export function nextLedger({ plan, recorded, isDone, live, digest }: LedgerFacts): Ledger {
  const entries = new Map<string, RecordedOptions>();
  const foreign = new Set(
    plan.kept.filter(({ verdict }) => verdict === 'foreign').map(({ binding }) => keyOf(binding)),
  );
  for (const binding of recorded.size === 0 ? [] : live) {
    const hash = hashKey(binding, digest);
    const options = recorded.get(hash);
    if (options !== undefined && !foreign.has(keyOf(binding))) entries.set(hash, options);
  }

  const certain = (binding: Binding): void => {
    entries.set(hashKey(binding, digest), hashOptions(binding, digest));
  };
  const uncertain = (binding: Binding): void => {
    const hash = hashKey(binding, digest);
    const isPlain = hashOptions(binding, digest) === 'none';
    entries.set(hash, entries.get(hash) ?? (isPlain ? 'none' : 'unverified'));
  };
  // A kept row still has the options it was last bound with, also when the manifest no longer names any.
  for (const { binding } of plan.kept.filter(isDesired)) uncertain(binding);
  for (const { id, action, binding } of plan.changes) {
    if (action !== 'unbind') (isDone(id) ? certain : uncertain)(binding);
    else if (isDone(id)) entries.delete(hashKey(binding, digest));
  }
  for (const { action, binding } of plan.blocked) if (action !== 'unbind') uncertain(binding);
  return entries;
}
