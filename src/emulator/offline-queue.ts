/** The offline event queues of one installation, one per connector: merging, reserving, clearing. */
import { createHash } from 'node:crypto';

export interface QueuedEvent {
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
  readonly userId: number;
  readonly messageId: string;
  readonly connector: string;
  timestampMs: number;
  processId: string | null;
  isError: boolean;
}

/** Reserved batches are dropped after this long. */
const reservedLifetimeMs = 2_952_000_000;

export class OfflineQueue {
  #items: QueuedEvent[] = [];
  readonly #waiting = new Map<string, QueuedEvent>();
  #nextId = 1;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Queues a change; one that waits unreserved for the same message is refreshed instead. */
  add(connector: string, event: string, data: unknown, userId: number): void {
    const messageId = createHash('md5')
      .update(event + JSON.stringify(data ?? null))
      .digest('hex');
    const key = `${connector}\n${messageId}`;
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      waiting.timestampMs = this.#now();
      return;
    }
    const item: QueuedEvent = {
      id: this.#nextId,
      event,
      data,
      userId,
      messageId,
      connector,
      timestampMs: this.#now(),
      processId: null,
      isError: false,
    };
    this.#nextId += 1;
    this.#items.push(item);
    this.#waiting.set(key, item);
  }

  /** The queue of one connector, oldest first. */
  of(connector: string): QueuedEvent[] {
    const limit = this.#now() - reservedLifetimeMs;
    if (this.#items.some((item) => item.processId !== null && item.timestampMs <= limit)) {
      this.#items = this.#items.filter((item) => item.processId === null || item.timestampMs > limit);
    }
    return this.#items.filter((item) => item.connector === connector);
  }

  reserve(items: readonly QueuedEvent[], processId: string): void {
    for (const item of items) {
      item.processId = processId;
      this.#waiting.delete(`${item.connector}\n${item.messageId}`);
    }
  }

  remove(items: readonly QueuedEvent[]): void {
    const gone = new Set(items);
    for (const item of items) {
      const key = `${item.connector}\n${item.messageId}`;
      if (this.#waiting.get(key) === item) this.#waiting.delete(key);
    }
    this.#items = this.#items.filter((item) => !gone.has(item));
  }

  clear(): void {
    this.#items = [];
    this.#waiting.clear();
  }
}
