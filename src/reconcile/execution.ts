/** Carries out changes on one portal, keeps count of what became of each, and never takes an unseen success for one. */
import { type Binding, type BindingKey, compareBindings, keyOf } from '../core/binding.ts';
import { type BitrixEventsError, PortalError, NetworkError } from '../core/errors.ts';
import type { Change, Plan } from '../core/plan.ts';
import { countRows } from '../core/rebase.ts';
import type { ChangeResult, ChangeStatus } from '../core/report.ts';
import type { Command, CommandOutcome, PortalPort } from './port.ts';
import { type ScheduledCall, type Step, schedule } from './schedule.ts';
import { type Attempt, settle, settleUnseen } from './settle.ts';

/** How often one change is tried before it is given up; between tries the portal is always read. */
const mostAttempts = 4;
const pauseMs = 500;

export interface ExecutionOptions {
  readonly port: PortalPort;
  readonly sleep: (ms: number) => Promise<void>;
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
  readonly #results = new Map<string, { status: ChangeStatus; message?: string }>();
  /** Changes that once got no readable answer. */
  readonly #lost = new Set<string>();
  #live: readonly Binding[];
  #rows: ReadonlyMap<BindingKey, number>;
  #recordOutcome: CommandOutcome | undefined;
  #error: BitrixEventsError | undefined;
  #hasWritten = false;

  constructor(plan: Plan, live: readonly Binding[], options: ExecutionOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#live = live;
    this.#rows = countRows(live);
  }

  /** The bindings as last read, by key. */
  get live(): readonly Binding[] {
    return [...this.#live].sort(compareBindings);
  }

  /** Whether the portal confirmed the record sent last. */
  get isRecorded(): boolean {
    return this.#recordOutcome?.kind === 'done';
  }

  /** Why the portal would not keep the record sent last; undefined when it kept it, did not answer, or none was sent. */
  get recordRefusal(): string | undefined {
    return this.#recordOutcome?.kind === 'refused'
      ? `${this.#recordOutcome.message} (${this.#recordOutcome.code})`
      : undefined;
  }

  /** What made any further request pointless. */
  get error(): BitrixEventsError | undefined {
    return this.#error;
  }

  /** Whether any binding was, or may have been, made or removed: half a rebind counts, whatever became of the whole. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  get isStopped(): boolean {
    return this.#error !== undefined || this.#options.signal?.aborted === true;
  }

  /** Whether this execution itself did it: what somebody else did may differ in its options. */
  /** A row that somebody else bound is as wanted, but its options are not known, so nothing may vouch for them. */
  wasDoneHere(id: string): boolean {
    return this.#results.get(id)?.status === 'done';
  }

  isLive(binding: Binding): boolean {
    return this.#rows.has(keyOf(binding));
  }

  /** Marks a change without sending it. */
  decide(change: Change, status: ChangeStatus, message: string): void {
    this.#results.set(change.id, { status, message });
    this.#tellProgress();
  }

  /** Sends the changes, and the record with the last of them, until each is settled. */
  async run(changes: readonly Change[], record?: Command): Promise<void> {
    this.#recordOutcome = undefined;
    let open: readonly Open[] = changes.filter((change) => !this.#isAlreadyTrue(change)).map((change) => ({ change }));
    for (
      let attempt = 1;
      attempt <= mostAttempts && !this.isStopped && (open.length > 0 || (attempt === 1 && record !== undefined));
      attempt += 1
    ) {
      if (attempt > 1) await this.#options.sleep(pauseMs * attempt);
      open = await this.#attempt(open, attempt === 1 ? record : undefined);
    }
    for (const { change, message } of open) if (message !== undefined) this.decide(change, 'failed', message);
  }

  results(): readonly ChangeResult[] {
    return this.#plan.changes.map(({ id, action, binding }) => ({
      id,
      action,
      binding,
      ...(this.#results.get(id) ?? { status: 'not-attempted' }),
    }));
  }

  /** A plan may be older than the reading: what has come true since is not done again. */
  #isAlreadyTrue(change: Change): boolean {
    const isTrue = change.action !== 'rebind' && this.isLive(change.binding) === (change.action === 'bind');
    if (isTrue) this.decide(change, 'already', 'somebody else had done it when the apply began');
    return isTrue;
  }

  /** @returns the changes to try again */
  async #attempt(open: readonly Open[], record: Command | undefined): Promise<readonly Open[]> {
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
    for (const scheduled of schedule(
      open.map(({ change }) => this.#asNeeded(change)),
      record,
    )) {
      // A rebind that takes two requests is not left half done for being interrupted.
      const isSecondHalf = scheduled.steps.some(({ change }) => awaiting.has(change.id));
      if (this.#error !== undefined || (this.isStopped && !isSecondHalf)) break;
      const live = await this.#send(scheduled, awaiting);
      if (this.#error !== undefined) for (const { change } of scheduled.steps) again.delete(change.id);
      if (live === undefined) continue;
      this.#see(live);
      settleAll();
    }
    if (awaiting.size > 0 && (await this.#read())) settleAll();
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

  async #send({ call, steps, hasRecord }: ScheduledCall, awaiting: Map<string, Sent>) {
    try {
      const answer = await this.#options.port.execute(call, this.#plan.portal);
      this.#note(steps, answer.outcomes, awaiting);
      if (hasRecord) this.#recordOutcome = answer.outcomes.at(-1);
      return answer.live;
    } catch (error) {
      if (!(error instanceof PortalError)) throw error;
      this.#error = error;
      for (const { change } of steps) this.decide(change, 'not-attempted', error.message);
      return undefined;
    }
  }

  #note(steps: readonly Step[], outcomes: readonly CommandOutcome[], awaiting: Map<string, Sent>): void {
    let next = 0;
    for (const { change, commands } of steps) {
      const sent = awaiting.get(change.id) ?? { change, outcomes: [] };
      const own = outcomes.slice(next, next + commands.length);
      next += commands.length;
      sent.outcomes.push(...own);
      if (own.some((outcome) => outcome.kind === 'done' && outcome.removed !== 0)) this.#hasWritten = true;
      awaiting.set(change.id, sent);
    }
  }

  /** @returns why it has to be tried again; undefined when it is settled */
  #settle({ change, outcomes }: Sent): string | undefined {
    const attempt: Attempt = {
      change,
      outcomes,
      rows: this.#rows.get(keyOf(change.binding)) ?? 0,
      isRepeated: this.#lost.has(change.id),
    };
    if (outcomes.some(({ kind }) => kind === 'unknown')) {
      this.#lost.add(change.id);
      if (change.action === 'rebind') this.#hasWritten = true;
    }
    const settlement = settle(attempt);
    if (settlement.kind === 'again') return settlement.message;
    const { status, message } = settlement;
    this.#results.set(change.id, { status, ...(message === undefined ? {} : { message }) });
    this.#tellProgress();
    return undefined;
  }

  /** Reads the bindings anew; tells whether that worked. */
  async #read(): Promise<boolean> {
    try {
      this.#see(await this.#options.port.readLive());
      return true;
    } catch (error) {
      if (error instanceof PortalError) this.#error = error;
      else if (!(error instanceof NetworkError)) throw error;
      return false;
    }
  }

  #see(live: readonly Binding[]): void {
    this.#live = live;
    this.#rows = countRows(live);
  }

  #tellProgress(): void {
    this.#options.onProgress?.(this.#results.size, this.#plan.changes.length);
  }
}
