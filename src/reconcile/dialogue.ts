/** What is said to one portal and heard from it during an apply: the ledger goes along with every call, and the last reading is kept. */
import { type Binding, type BindingKey, compareBindings, keyOf } from '../core/binding.ts';
import { BitrixEventsError, NetworkError } from '../core/errors.ts';
import type { PortalIdentity } from '../core/reading.ts';
import { countRows } from '../core/compare-with-reading.ts';
import type { LedgerRecord } from './ledger-record.ts';
import type { Answer, Call, Command, CommandOutcome, PortalPort } from './port.ts';
import { hasRoom } from './schedule.ts';

export interface DialogueOptions {
  readonly port: PortalPort;
  readonly ledger: LedgerRecord;
  readonly portal: PortalIdentity;
  /** The bindings as they were read before. */
  readonly live: readonly Binding[];
}

export interface Heard {
  /** One a command that was asked for, in order; the ledger's own is not among them. */
  readonly outcomes: readonly CommandOutcome[];
  /** Whether the same request read the bindings back. */
  readonly isSeen: boolean;
}

export class Dialogue {
  readonly #options: DialogueOptions;
  #live: readonly Binding[];
  #rows: ReadonlyMap<BindingKey, number>;
  #error: BitrixEventsError | undefined;

  constructor(options: DialogueOptions) {
    this.#options = options;
    this.#live = options.live;
    this.#rows = countRows(options.live);
  }

  /** The bindings as last read, by key. */
  get live(): readonly Binding[] {
    return [...this.#live].sort(compareBindings);
  }

  /** What made any further request pointless. */
  get error(): BitrixEventsError | undefined {
    return this.#error;
  }

  /** How many live rows the last reading shows for the binding. */
  rowsOf(binding: Binding): number {
    return this.#rows.get(keyOf(binding)) ?? 0;
  }

  /**
   * Makes one request; where it has room, the ledger rides along.
   * @param isDone which changes the ledger may call done, those of this very request included: if one of them does not come true,
   *   a later request corrects it
   * @returns undefined when it was pointless, and any further request is
   */
  async send(call: Call, isDone: (changeId: string) => boolean): Promise<Heard | undefined> {
    const { ledger } = this.#options;
    const draft = hasRoom(call) ? ledger.draft(isDone, this.#live) : undefined;
    const answer = await this.#execute(draft === undefined ? call : withCommand(call, draft.command));
    if (answer === undefined) return undefined;
    if (draft === undefined) return { outcomes: answer.outcomes, isSeen: answer.live !== undefined };
    const own = answer.outcomes.at(-1);
    if (own !== undefined) ledger.settle(draft, own);
    return { outcomes: answer.outcomes.slice(0, -1), isSeen: answer.live !== undefined };
  }

  /** Whether the portal may have been told more than has come true. */
  isLedgerAhead(isDone: (changeId: string) => boolean): boolean {
    return this.#options.ledger.isAhead(isDone, this.#live);
  }

  /**
   * Sends the ledger by itself, unless the portal is known to hold it, or not to keep it.
   * @returns whether another try is worth while
   */
  async record(isDone: (changeId: string) => boolean): Promise<boolean> {
    const { ledger } = this.#options;
    const draft = ledger.isRefused ? undefined : ledger.draft(isDone, this.#live);
    if (draft === undefined) return false;
    const answer = await this.#execute({ kind: 'batch', authConnector: '', commands: [draft.command] });
    const why = this.#error?.message ?? 'it was not sent';
    ledger.settle(draft, answer?.outcomes[0] ?? { kind: 'not-sent', message: why });
    return ledger.warning !== undefined && !ledger.isRefused;
  }

  /** Reads the bindings anew; tells whether that worked. */
  async read(): Promise<boolean> {
    try {
      this.#see(await this.#options.port.readLive());
      return true;
    } catch (error) {
      if (!(error instanceof BitrixEventsError)) throw error;
      if (!(error instanceof NetworkError)) this.#error = error;
      return false;
    }
  }

  async #execute(call: Call): Promise<Answer | undefined> {
    try {
      const answer = await this.#options.port.execute(call, this.#options.portal);
      if (answer.live !== undefined) this.#see(answer.live);
      return answer;
    } catch (error) {
      if (!(error instanceof BitrixEventsError)) throw error;
      this.#error = error;
      return undefined;
    }
  }

  #see(live: readonly Binding[]): void {
    this.#live = live;
    this.#rows = countRows(live);
  }
}

function withCommand(call: Call, command: Command): Call {
  return call.kind === 'batch' ? { ...call, commands: [...call.commands, command] } : call;
}
