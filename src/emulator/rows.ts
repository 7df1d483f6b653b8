/** The event rows of one installation: hidden columns, uniqueness as the database has it, and the history of every change. */

/** One registration as the portal's table holds it. */
export interface Row {
  /** Hidden id; surfaces only as `event_handler_id` of a delivery. */
  readonly id: number;
  /** Upper case. */
  readonly event: string;
  /** Empty for an offline row. */
  readonly handler: string;
  /** 0: the token of whoever acted. */
  readonly userId: number;
  /** Stored for online rows too, where `event.get` does not show it. */
  readonly connector: string;
  /** Those the portal kept: of a bind `minTimeout` of `ONOFFLINEEVENT` at most (F8). */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether its events are queued and not posted. */
  readonly offline: boolean;
}

export type RowValues = Omit<Row, 'id'>;

/** One change of the rows, in order. */
export interface RowChange {
  /** Index of the request being answered; that of the next one for a change by other means, -1 for a row of the start. */
  readonly at: number;
  /** A row is never changed, only added and removed. */
  readonly op: 'add' | 'remove';
  /** The whole of it, also when it was removed. */
  readonly row: Row;
}

export type Collision = 'duplicate' | 'index' | 'too-long';

/** Byte lengths of the unique index: only these prefixes take part in it. */
const indexed = { event: 50, handler: 180, connector: 70 };
const handlerColumn = 255;

export class RowStore {
  readonly history: RowChange[] = [];
  readonly #rows = new Map<number, Row>();
  readonly #keys = new Map<string, number>();
  readonly #prefixes = new Map<string, number>();
  readonly #byEvent = new Map<string, Map<number, Row>>();
  readonly #byTarget = new Map<string, Map<number, Row>>();
  readonly #fold: () => boolean;
  readonly #at: () => number;
  #nextId: number;

  constructor(foldsCase: () => boolean, requestIndex: () => number, firstId: number) {
    this.#fold = foldsCase;
    this.#at = requestIndex;
    this.#nextId = firstId;
  }

  all(): Row[] {
    return [...this.#rows.values()];
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: number): Row | undefined {
    return this.#rows.get(id);
  }

  ofEvent(event: string): Row[] {
    return [...(this.#byEvent.get(event)?.values() ?? [])];
  }

  /** Rows of exactly this event and handler (`''` = offline). */
  ofTarget(event: string, handler: string): Row[] {
    return [...(this.#byTarget.get(target(event, handler))?.values() ?? [])];
  }

  /** Why the database would refuse this row. */
  collision(row: RowValues): Collision | undefined {
    if ((this.#keys.get(this.#key(row)) ?? 0) > 0) return 'duplicate';
    if (row.handler.length > handlerColumn) return 'too-long';
    return (this.#prefixes.get(this.#prefix(row)) ?? 0) > 0 ? 'index' : undefined;
  }

  add(values: RowValues): Row {
    const row: Row = Object.freeze({ id: this.#nextId, ...values });
    this.#nextId += 1;
    this.#rows.set(row.id, row);
    count(this.#keys, this.#key(row), 1);
    count(this.#prefixes, this.#prefix(row), 1);
    group(this.#byEvent, row.event).set(row.id, row);
    group(this.#byTarget, target(row.event, row.handler)).set(row.id, row);
    this.history.push({ at: this.#at(), op: 'add', row });
    return row;
  }

  remove(row: Row): void {
    if (!this.#rows.delete(row.id)) return;
    count(this.#keys, this.#key(row), -1);
    count(this.#prefixes, this.#prefix(row), -1);
    this.#byEvent.get(row.event)?.delete(row.id);
    this.#byTarget.get(target(row.event, row.handler))?.delete(row.id);
    this.history.push({ at: this.#at(), op: 'remove', row });
  }

  /** Builds the keys anew after the collation switch was turned. */
  reindex(): void {
    this.#keys.clear();
    this.#prefixes.clear();
    for (const row of this.#rows.values()) {
      count(this.#keys, this.#key(row), 1);
      count(this.#prefixes, this.#prefix(row), 1);
    }
  }

  #key(row: RowValues): string {
    return this.#join(row.event, this.#collate(row.handler), row.userId, this.#collate(row.connector));
  }

  #prefix(row: RowValues): string {
    const handler = this.#collate(row.handler.slice(0, indexed.handler));
    const connector = this.#collate(row.connector.slice(0, indexed.connector));
    return this.#join(row.event.slice(0, indexed.event), handler, row.userId, connector);
  }

  #join(event: string, handler: string, userId: number, connector: string): string {
    return `${event}\n${handler}\n${userId}\n${connector}`;
  }

  // MySQL's usual collations also ignore spaces at the end.
  #collate(text: string): string {
    return this.#fold() ? text.toLowerCase().replace(/ +$/, '') : text;
  }
}

function target(event: string, handler: string): string {
  return `${event}\n${handler}`;
}

function count(counts: Map<string, number>, key: string, by: number): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) counts.delete(key);
  else counts.set(key, next);
}

function group(groups: Map<string, Map<number, Row>>, key: string): Map<number, Row> {
  const found = groups.get(key);
  if (found !== undefined) return found;
  const created = new Map<number, Row>();
  groups.set(key, created);
  return created;
}
