/** Carries out changes on one portal, keeps count of what became of each, and never takes an unseen success for one. */
import type { Binding } from '../core/binding.ts';
import type { BitrixEventsError } from '../core/errors.ts';
import type { Change, Plan } from '../core/plan.ts';
import type { ChangeResult } from '../core/report.ts';
import {
  answered,
  asNeeded,
  type ChangeState,
  type Sent,
  seen,
  settled,
  unseen,
  untried,
  type Waiting,
} from './change-state.ts';
import { Dialogue } from './dialogue.ts';
import type { LedgerRecord } from './ledger-record.ts';
import type { PortalPort } from './port.ts';
import { type ScheduledCall, schedule } from './schedule.ts';

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

export class Execution {
  readonly #plan: Plan;
  readonly #options: ExecutionOptions;
  readonly #portal: Dialogue;
  /** By change id; what is not in it has not been tried. */
  readonly #states = new Map<string, ChangeState>();
  #settledCount = 0;

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

  /** Whether any binding was, or may have been, made or removed. */
  get hasWritten(): boolean {
    return [...this.#states.values()].some((state) => state.hasWritten);
  }

  get isStopped(): boolean {
    return this.error !== undefined || this.#options.signal?.aborted === true;
  }

  isLive(binding: Binding): boolean {
    return this.#portal.rowsOf(binding) > 0;
  }

  /** Gives a change up without sending it. */
  block(change: Change, why: string): void {
    this.#put(settled(this.#stateOf(change), 'blocked', why));
  }

  /** Sends the changes until each is settled; the ledger rides along where there is room. */
  async run(changes: readonly Change[]): Promise<void> {
    for (const change of changes.filter((item) => this.#isAlreadyTrue(item))) {
      this.#put(settled(this.#stateOf(change), 'already', 'somebody else had done it when the apply began'));
    }
    for (let attempt = 1; attempt <= mostAttempts && this.#due(changes).length > 0; attempt += 1) {
      if (attempt > 1) {
        const waitMs = this.#waiting(changes).reduce((longest, state) => Math.max(longest, state.waitMs), 0);
        if (this.#portal.isLedgerAhead(this.#wasDoneHere)) await this.record();
        await this.#pause(attempt, waitMs);
      }
      await this.#attempt(changes);
    }
    for (const state of this.#waiting(changes)) {
      if (state.message !== undefined) this.#put(settled(state, 'failed', state.message));
    }
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
    return this.#plan.changes.map((change) => {
      const { id, action, binding } = change;
      const state = this.#stateOf(change);
      if (state.kind !== 'settled') return { id, action, binding, status: 'not-attempted' };
      const { status, message } = state;
      return { id, action, binding, status, ...(message === undefined ? {} : { message }) };
    });
  }

  #stateOf(change: Change): ChangeState {
    return this.#states.get(change.id) ?? untried(change);
  }

  #put(state: ChangeState): void {
    const isNews = state.kind === 'settled' && this.#stateOf(state.change).kind !== 'settled';
    this.#states.set(state.change.id, state);
    if (!isNews) return;
    this.#settledCount += 1;
    this.#options.onProgress?.(this.#settledCount, this.#plan.changes.length);
  }

  /** A row that somebody else bound is as wanted, but its options are not known, so the ledger may not vouch for them. */
  readonly #wasDoneHere = (id: string): boolean => {
    const state = this.#states.get(id);
    return state?.kind === 'settled' && state.status === 'done';
  };

  /** A plan may be older than the reading: what has come true since is not done again. */
  #isAlreadyTrue({ action, binding, cause }: Change): boolean {
    switch (action) {
      case 'bind':
        return this.isLive(binding);
      case 'unbind':
        return !this.isLive(binding);
      case 'rebind':
        // Who asks for it does not trust the ledger.
        return this.isLive(binding) && cause !== 'asked' && this.#options.ledger.vouchesFor(binding);
    }
  }

  #waiting(changes: readonly Change[]): readonly Waiting[] {
    return changes.map((change) => this.#stateOf(change)).filter((state) => state.kind === 'waiting');
  }

  #due(changes: readonly Change[]): readonly Waiting[] {
    return this.#waiting(changes).filter((state) => this.#mayBeSent(state));
  }

  /** An interrupt ends everything but a rebind that was cut in half: the row that was unbound has to come back. */
  #mayBeSent({ change, wasSent }: Waiting): boolean {
    if (this.error !== undefined) return false;
    return !this.isStopped || (change.action === 'rebind' && wasSent && !this.isLive(change.binding));
  }

  async #pause(attempt: number, waitMs = 0): Promise<void> {
    const { sleep, signal } = this.#options;
    // Once interrupted, what is still to be put right needs its short pause, and gets no long one.
    if (this.isStopped) await sleep(pauseMs * attempt, undefined);
    else await sleep(Math.max(pauseMs * attempt, waitMs), signal);
  }

  /** Sends once whatever may be sent, and reads the portal again. */
  async #attempt(changes: readonly Change[]): Promise<void> {
    for (const state of this.#due(changes)) this.#put(asNeeded(state, this.isLive(state.change.binding)));
    const steps = this.#due(changes).map(({ change, action }) => ({ ...change, action }));
    for (const scheduled of schedule(steps)) if (this.#isDue(scheduled)) await this.#send(scheduled);
    if (this.#sent().length > 0 && (await this.#portal.read())) this.#see();
    for (const state of this.#sent()) this.#put(unseen(state));
  }

  /** A direct call that has begun a rebind is followed by the one that ends it. */
  #isDue({ steps }: ScheduledCall): boolean {
    if (this.error !== undefined) return false;
    return steps.some(({ change }) => {
      const state = this.#stateOf(change);
      return state.kind === 'sent' || (state.kind === 'waiting' && this.#mayBeSent(state));
    });
  }

  async #send({ call, steps }: ScheduledCall): Promise<void> {
    const expected = new Set(steps.map(({ change }) => change.id));
    const heard = await this.#portal.send(call, (id) => expected.has(id) || this.#wasDoneHere(id));
    if (heard === undefined) {
      for (const state of steps.map(({ change }) => this.#stateOf(change))) {
        // What its first half came to is still to be read.
        if (state.kind === 'sent') continue;
        this.#put(settled(state, state.wasSent ? 'failed' : 'not-attempted', this.error?.message));
      }
      return;
    }
    let next = 0;
    for (const { change, commands } of steps) {
      this.#put(answered(this.#stateOf(change), heard.outcomes.slice(next, next + commands.length)));
      next += commands.length;
    }
    if (heard.isSeen) this.#see();
  }

  /** The portal has been read: what was sent before is judged by it. */
  #see(): void {
    for (const state of this.#sent()) this.#put(seen(state, this.#portal.rowsOf(state.change.binding)));
  }

  #sent(): readonly Sent[] {
    return [...this.#states.values()].filter((state) => state.kind === 'sent');
  }
}
