/** Keeps the ledger on the portal in step with what was really applied. */
import type { Binding } from '../core/binding.ts';
import type { Digest } from '../core/digest.ts';
import { type Ledger, ledgerText, parseLedger, sameEntries } from '../core/ledger.ts';
import { nextLedger } from '../core/next-ledger.ts';
import type { Plan } from '../core/plan.ts';
import type { Reading } from '../core/reading.ts';
import type { Command } from './port.ts';

interface LedgerRecordOptions {
  readonly plan: Plan;
  readonly reading: Reading;
  readonly digest: Digest;
  readonly now: () => Date;
  readonly toolVersion: string;
}

export class LedgerRecord {
  readonly #options: LedgerRecordOptions;
  readonly #recorded: Ledger;
  readonly #isWritable: boolean;
  /** What the portal holds as far as known; undefined when that is not a ledger that can be built on. */
  #written: Ledger | undefined;
  #sent: Ledger | undefined;

  constructor(options: LedgerRecordOptions) {
    const { plan, reading } = options;
    this.#options = options;
    const parsed = parseLedger(reading.ledgers?.get(plan.manifest.name));
    this.#recorded = parsed.kind === 'ledger' ? parsed.entries : new Map();
    // An absent ledger says the same as an empty one; a damaged one has to be replaced.
    this.#written = parsed.kind === 'damaged' ? undefined : this.#recorded;
    this.#isWritable = plan.portal.isAdmin && reading.ledgers !== undefined && parsed.kind !== 'newer';
  }

  /** The command that records these changes as done; undefined when there is nothing to write, or no right to. */
  command(isDone: (changeId: string) => boolean, live: readonly Binding[]): Command | undefined {
    const { plan, digest, now, toolVersion } = this.#options;
    if (!this.#isWritable) return undefined;
    const entries = nextLedger({ plan, recorded: this.#recorded, isDone, live, digest });
    if (this.#written !== undefined && sameEntries(entries, this.#written)) return undefined;
    this.#sent = entries;
    return { kind: 'record', name: plan.manifest.name, text: ledgerText(entries, now().toISOString(), toolVersion) };
  }

  /** The portal confirmed the last command. */
  confirm(): void {
    this.#written = this.#sent;
  }
}
