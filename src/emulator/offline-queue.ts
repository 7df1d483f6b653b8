/** The offline event queues of one installation, one per connector: merging, reserving, failing, clearing. */
import { createHash } from 'node:crypto';

export interface QueuedEvent {
  readonly id: number;
  readonly event: string;
  readonly messageId: string;
  readonly connector: string;
  data: unknown;
  userId: number;
  timestampMs: number;
  /** Empty while nobody has reserved it. */
  processId: string;
  isError: boolean;
}

/** Reserved batches are dropped after this long. */
const reservedLifetimeMs = 2_952_000_000;

export class OfflineQueue {
  readonly #queues = new Map<string, Queue>();
  #nextId = 1;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    let size = 0;
    for (const queue of this.#queues.values()) size += queue.items.size;
    return size;
  }

  /** Queues a change; one that waits unreserved for the same message is refreshed instead, a failed one too. */
  add(connector: string, event: string, data: unknown, userId: number): void {
    const messageId = createHash('md5')
      .update(`${event}|${JSON.stringify(data ?? null)}`)
      .digest('hex');
    const queue = this.#queue(connector);
    const waiting = queue.waiting.get(messageId);
    if (waiting !== undefined) {
      Object.assign(waiting, { data, userId, timestampMs: this.#now() });
      return;
    }
    const item: QueuedEvent = {
      id: this.#nextId,
      event,
      messageId,
      connector,
      data,
      userId,
      timestampMs: this.#now(),
      processId: '',
      isError: false,
    };
    this.#nextId += 1;
    queue.items.add(item);
    queue.waiting.set(messageId, item);
  }

  /** The queue of one connector, oldest first. */
  of(connector: string): QueuedEvent[] {
    const limit = this.#now() - reservedLifetimeMs;
    const { items } = this.#queue(connector);
    for (const item of items) if (item.processId !== '' && item.timestampMs <= limit) items.delete(item);
    return [...items];
  }

  /** What of it is reserved by a process; `''` = what nobody reserved. */
  ofProcess(connector: string, processId: string): QueuedEvent[] {
    return this.of(connector).filter((item) => item.processId === processId);
  }

  reserve(items: readonly QueuedEvent[], processId: string): void {
    for (const item of items) {
      this.#queue(item.connector).waiting.delete(item.messageId);
      item.processId = processId;
    }
  }

  /** Marks a process's messages as failed and frees them; their copies in other processes and in the queue go. */
  fail(connector: string, processId: string, messageIds: ReadonlySet<string>): void {
    const affected = this.of(connector).filter((item) => !item.isError && messageIds.has(item.messageId));
    this.remove(affected.filter((item) => item.processId !== processId));
    for (const item of affected.filter((one) => one.processId === processId)) {
      item.isError = true;
      item.processId = '';
      this.#queue(connector).waiting.set(item.messageId, item);
    }
  }

  remove(items: readonly QueuedEvent[]): void {
    for (const item of items) {
      const queue = this.#queue(item.connector);
      if (queue.waiting.get(item.messageId) === item) queue.waiting.delete(item.messageId);
      queue.items.delete(item);
    }
  }

  clear(): void {
    this.#queues.clear();
  }

  #queue(connector: string): Queue {
    const found = this.#queues.get(connector);
    if (found !== undefined) return found;
    const created: Queue = { items: new Set(), waiting: new Map() };
    this.#queues.set(connector, created);
    return created;
  }
}

interface Queue {
  readonly items: Set<QueuedEvent>;
  /** What no process has reserved, by message: there is one of each. */
  readonly waiting: Map<string, QueuedEvent>;
}
