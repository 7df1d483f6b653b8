/** Carries out changes on one portal, keeps count of what became of each, and never takes an unseen success for one. */
import type { BitrixEventsError } from '../core/errors.ts';
import { rebindAsked } from '../core/judge-desired.ts';
import type { Change, Plan } from '../core/plan.ts';
import type { ChangeResult, ChangeStatus } from '../core/report.ts';
import type { Binding } from '../core/binding.ts';
import { Dialogue } from './dialogue.ts';
import type { LedgerRecord } from './ledger-record.ts';
import type { CommandOutcome, PortalPort } from './port.ts';
import { type ScheduledCall, type Step, schedule } from './schedule.ts';
import { settle, settleUnseen } from './settle.ts';

/** How often one change is tried before it is given up; between tries the portal is always read. */
const mostAttempts = 4;
/** The ledger alone is worth no long wait: the next apply writes it as well. */
const mostRecordAttempts = 2;
const pauseMs = 500;

export interface ExecutionOptions {
  readonly port: PortalPort;
  readonly ledger: LedgerRecord;
  /** Ends early when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Stops before the next request; the one in flight is finished. */
  readonly signal?: AbortSignal | undefined;
  /** Changes settled so far, of all. */
  readonly onProgress?: ((settled: number, all: number) => void) | undefined;
}

/** A change to be tried, and why an earlier try came to nothing. */
interface Open {
  readonly change: Change;
  readonly message?: string;
}

/** What is known of a change that has been sent and not been read back. */
interface Sent {
  readonly change: Change;
  readonly outcomes: CommandOutcome[];
}

export class Execution {
  readonly #plan: Plan;
  readonly #options: ExecutionOptions;
  readonly #portal: Dialogue;
  readonly #results = new Map<string, { status: ChangeStatus; message?: string }>();
  /** Changes that were sent at least once. */
  readonly #sent = new Set<string>();
  /** Changes that once got no readable answer. */
  readonly #lost = new Set<string>();
  #hasWritten = false;
  /** How long a limit met in the last try asks to wait. */
  #limitMs = 0;

  constructor(plan: Plan, live: readonly Binding[], options: ExecutionOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#portal = new Dialogue({ port: options.port, ledger: options.ledger, portal: plan.portal, live });
  }

  /** The bindings as last read, by key. */
  get live(): readonly Binding[] {
    return this.#portal.live;
  }

  /** What made any further request pointless. */
  get error(): BitrixEventsError | undefined {
    return this.#portal.error;
  }

  /** Whether any binding was, or may have been, made or removed: half a rebind counts, whatever became of the whole. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  get isStopped(): boolean {
    return this.error !== undefined || this.#options.signal?.aborted === true;
  }

  isLive(binding: Binding): boolean {
    return this.#portal.rowsOf(binding) > 0;
  }

  /** Marks a change without sending it. */
  decide(change: Change, status: ChangeStatus, message?: string): void {
    this.#results.set(change.id, { status, ...(message === undefined ? {} : { message }) });
    this.#options.onProgress?.(this.#results.size, this.#plan.changes.length);
  }

  /** Sends the changes until each is settled; the ledger rides along where there is room. */
  async run(changes: readonly Change[]): Promise<void> {
    let open: readonly Open[] = changes.filter((change) => !this.#isAlreadyTrue(change)).map((change) => ({ change }));
    for (let attempt = 1; attempt <= mostAttempts && open.some(({ change }) => this.#mayBeSent(change)); attempt += 1) {
      if (attempt > 1) {
        if (this.#portal.isLedgerAhead(this.#wasDoneHere)) await this.record();
        await this.#pause(attempt);
      }
      open = await this.#attempt(open);
    }
    for (const { change, message } of open) if (message !== undefined) this.decide(change, 'failed', message);
  }

  /** Sends the ledger by itself, if there is still something in it that the portal is not known to hold. */
  async record(): Promise<void> {
    for (let attempt = 1; attempt <= mostRecordAttempts && this.error === undefined; attempt += 1) {
      // What this run has written must not stay wrong for its being interrupted.
      if (this.isStopped && !this.#portal.isLedgerAhead(this.#wasDoneHere)) return;
      if (attempt > 1) await this.#pause(attempt);
      if (!(await this.#portal.record(this.#wasDoneHere))) return;
    }
  }

  results(): readonly ChangeResult[] {
    return this.#plan.changes.map(({ id, action, binding }) => ({
      id,
      action,
      binding,
      ...(this.#results.get(id) ?? { status: 'not-attempted' }),
    }));
  }

  /** A row that somebody else bound is as wanted, but its options are not known, so the ledger may not vouch for them. */
  readonly #wasDoneHere = (id: string): boolean => this.#results.get(id)?.status === 'done';

  /** A plan may be older than the reading: what has come true since is not done again. */
  #isAlreadyTrue(change: Change): boolean {
    const { action, binding, reason } = change;
    const isTrue =
      action === 'rebind'
        ? this.isLive(binding) && reason !== rebindAsked && this.#options.ledger.vouchesFor(binding)
        : this.isLive(binding) === (action === 'bind');
    if (isTrue) this.decide(change, 'already', 'somebody else had done it when the apply began');
    return isTrue;
  }

  /** An interrupt ends everything but a rebind that was cut in half: the row that was unbound has to come back. */
  #mayBeSent(change: Change): boolean {
    if (this.error !== undefined) return false;
    return !this.isStopped || (this.#isRebind(change) && this.#sent.has(change.id) && !this.isLive(change.binding));
  }

  #isRebind({ id }: Change): boolean {
    return this.#plan.changes.some((change) => change.id === id && change.action === 'rebind');
  }

  async #pause(attempt: number): Promise<void> {
    const { sleep, signal } = this.#options;
    // Once interrupted, what is still to be put right needs its short pause, and gets no long one.
    if (this.isStopped) await sleep(pauseMs * attempt, undefined);
    else await sleep(Math.max(pauseMs * attempt, this.#limitMs), signal);
    this.#limitMs = 0;
  }

  /** @returns the changes to try again */
  async #attempt(open: readonly Open[]): Promise<readonly Open[]> {
    const awaiting = new Map<string, Sent>();
    const again = new Map(open.map((item) => [item.change.id, item]));
    const settleAll = (): void => {
      for (const sent of awaiting.values()) {
        const message = this.#settle(sent);
        if (message === undefined) again.delete(sent.change.id);
        else again.set(sent.change.id, { change: sent.change, message });
      }
      awaiting.clear();
    };
    const due = open.filter(({ change }) => this.#mayBeSent(change));
    for (const scheduled of schedule(due.map(({ change }) => this.#asNeeded(change)))) {
      const isSecondHalf = scheduled.steps.some(({ change }) => awaiting.has(change.id));
      const isDue = isSecondHalf || scheduled.steps.some(({ change }) => this.#mayBeSent(change));
      if (this.error !== undefined || !isDue) continue;
      const isSeen = await this.#send(scheduled, awaiting);
      if (this.error !== undefined) for (const { change } of scheduled.steps) again.delete(change.id);
      if (isSeen) settleAll();
    }
    if (awaiting.size > 0 && (await this.#portal.read())) settleAll();
    for (const { change, outcomes } of awaiting.values()) {
      const { status, message } = settleUnseen(outcomes, this.#lost.has(change.id));
      this.decide(change, status, message);
      again.delete(change.id);
    }
    return [...again.values()];
  }

  /** A rebind that was cut in half needs only its second half, and needs it soon. */
  #asNeeded(change: Change): Change {
    return change.action === 'rebind' && !this.isLive(change.binding) ? { ...change, action: 'bind' } : change;
  }

  /** @returns whether the bindings were read back */
  async #send({ call, steps }: ScheduledCall, awaiting: Map<string, Sent>): Promise<boolean> {
    const expected = new Set(steps.map(({ change }) => change.id));
    const heard = await this.#portal.send(call, (id) => expected.has(id) || this.#wasDoneHere(id));
    if (heard === undefined) {
      for (const { change } of steps) {
        this.decide(change, this.#sent.has(change.id) ? 'failed' : 'not-attempted', this.error?.message);
      }
      return false;
    }
    this.#note(steps, heard.outcomes, awaiting);
    return heard.isSeen;
  }

  #note(steps: readonly Step[], outcomes: readonly CommandOutcome[], awaiting: Map<string, Sent>): void {
    let next = 0;
    for (const { change, commands } of steps) {
      const sent = awaiting.get(change.id) ?? { change, outcomes: [] };
      const own = outcomes.slice(next, next + commands.length);
      next += commands.length;
      sent.outcomes.push(...own);
      for (const outcome of own) {
        if (outcome.kind === 'done' && outcome.removed !== 0) this.#hasWritten = true;
        if (outcome.kind === 'limited') this.#limitMs = Math.max(this.#limitMs, outcome.waitMs);
      }
      this.#sent.add(change.id);
      awaiting.set(change.id, sent);
    }
  }

  /** @returns why it has to be tried again; undefined when it is settled */
  #settle({ change, outcomes }: Sent): string | undefined {
    const rows = this.#portal.rowsOf(change.binding);
    const settlement = settle({ change, outcomes, rows, isRepeated: this.#lost.has(change.id) });
    if (outcomes.some(({ kind }) => kind === 'unknown')) {
      this.#lost.add(change.id);
      if (change.action === 'rebind') this.#hasWritten = true;
    }
    if (settlement.kind === 'again') return settlement.message;
    this.decide(change, settlement.status, settlement.message);
    return undefined;
  }
}
