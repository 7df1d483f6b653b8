/** Keeps the ledger on the portal in step with what was really applied. */
import type { Binding } from '../core/binding.ts';
import type { Digest } from '../core/fingerprint.ts';
import { hashKey, hashOptions, type Ledger, ledgerText, parseLedger, sameEntries } from '../core/ledger.ts';
import { nextLedger } from '../core/next-ledger.ts';
import type { Plan, PlanWarning } from '../core/plan.ts';
import type { Reading } from '../core/reading.ts';
import type { Command, CommandOutcome } from './port.ts';

interface LedgerRecordOptions {
  readonly plan: Plan;
  readonly reading: Reading;
  readonly digest: Digest;
  readonly now: () => Date;
  readonly toolVersion: string;
}

/** A ledger to be sent, and the command that sends it. */
export interface LedgerDraft {
  readonly entries: Ledger;
  readonly command: Command;
}

export class LedgerRecord {
  readonly #options: LedgerRecordOptions;
  readonly #recorded: Ledger;
  readonly #isWritable: boolean;
  /** Of the manifest that wrote what the portal holds; undefined where an older version wrote it. */
  #environment: string | undefined;
  /** What the portal holds; undefined when nobody knows, or it is no ledger. */
  #written: Ledger | undefined;
  /** What this run has sent and the portal may hold. */
  #told: readonly Ledger[] = [];
  /** What became of the last one sent. */
  #outcome: CommandOutcome | undefined;

  constructor(options: LedgerRecordOptions) {
    const { plan, reading } = options;
    this.#options = options;
    const parsed = parseLedger(reading.ledgers?.get(plan.manifest.name));
    this.#recorded = parsed.kind === 'ledger' ? parsed.entries : new Map();
    this.#environment = parsed.kind === 'ledger' ? parsed.environment : undefined;
    // An absent ledger says the same as an empty one; a damaged one has to be replaced.
    this.#written = parsed.kind === 'damaged' ? undefined : this.#recorded;
    this.#isWritable = plan.portal.isAdmin && reading.ledgers !== undefined && parsed.kind !== 'newer';
  }

  /** Whether the ledger, as it was read, says that the row has the options it should have. */
  vouchesFor(binding: Binding): boolean {
    const { digest } = this.#options;
    return this.#recorded.get(hashKey(binding, digest)) === hashOptions(binding, digest);
  }

  /** What records these changes as done; undefined when there is nothing to write, or no right to. */
  draft(isDone: (changeId: string) => boolean, live: readonly Binding[]): LedgerDraft | undefined {
    const { plan, now, toolVersion } = this.#options;
    if (!this.#isWritable) return undefined;
    const entries = this.#entries(isDone, live);
    const { environment = '' } = plan.manifest;
    const isSameEnvironment = (this.#environment ?? environment) === environment;
    if (this.#written !== undefined && isSameEnvironment && sameEntries(entries, this.#written)) return undefined;
    const text = ledgerText(entries, now().toISOString(), toolVersion, environment);
    return { entries, command: { kind: 'record', name: plan.manifest.name, text } };
  }

  /**
   * Whether the portal may have been told more than has come true: a row gone that is live, options set that are not.
   * A run that ended now would leave that behind for good.
   */
  isAhead(isDone: (changeId: string) => boolean, live: readonly Binding[]): boolean {
    if (this.#told.length === 0) return false;
    const entries = [...this.#entries(isDone, live)];
    return this.#told.some((told) => entries.some(([key, options]) => told.get(key) !== options));
  }

  /** Notes what became of a draft that was sent. */
  settle({ entries }: LedgerDraft, outcome: CommandOutcome): void {
    this.#outcome = outcome;
    if (outcome.kind === 'done') {
      this.#written = entries;
      this.#environment = this.#options.plan.manifest.environment ?? '';
      this.#told = [entries];
    } else if (outcome.kind === 'unknown') {
      this.#written = undefined;
      this.#told = [...this.#told, entries];
    }
  }

  /** Whether the portal will not keep it, so that there is no point in sending it by itself. */
  get isRefused(): boolean {
    return this.#outcome?.kind === 'refused';
  }

  /** What to say when the portal is not known to hold what was sent last; undefined when it is, or nothing was sent. */
  get warning(): PlanWarning | undefined {
    const outcome = this.#outcome;
    if (outcome === undefined || outcome.kind === 'done') return undefined;
    if (outcome.kind === 'refused') {
      return {
        code: 'ledger-not-written',
        message: `the ledger could not be written: ${outcome.message} (${outcome.code})`,
        hint: 'Until it can, only "owns" decides what is managed',
      };
    }
    const why = 'message' in outcome ? outcome.message : 'the portal was busy';
    const what =
      outcome.kind === 'unknown' ? 'whether the ledger was written is not known' : 'the ledger could not be written';
    return { code: 'ledger-not-written', message: `${what}: ${why}`, hint: 'Run again: the next apply writes it' };
  }

  #entries(isDone: (changeId: string) => boolean, live: readonly Binding[]): Ledger {
    const { plan, digest } = this.#options;
    return nextLedger({ plan, recorded: this.#recorded, isDone, live, digest });
  }
}
