/** Scripted faults: which request each one hits, and how often. */
import { urlDecode } from './php-form.ts';

/** Every `FaultKind`, for whoever reads one. */
export const faultKinds = [
  'reset',
  'timeout',
  'html',
  'truncated',
  'empty',
  'error',
  'redirect',
  'drop-keys',
  'delay',
  'partial',
  'connector-blind',
  'command-error',
  'lock',
] as const;

/** What goes wrong; each kind is described at `Fault`. */
export type FaultKind = (typeof faultKinds)[number];

/** One scripted fault. */
export interface Fault {
  /**
   * `reset` cuts the connection, `timeout` never answers, `html` answers a gateway's page, `truncated` half the JSON, `empty` no
   * body, `error` an error of the portal, `redirect` a 302, `drop-keys` a batch answer without some commands, `delay` only
   * waits, `partial` runs the first commands of a batch and then cuts the connection, `connector-blind` ignores
   * `auth_connector`, `command-error` fails one command of a batch or a direct call, `lock` does so with the text of a handler
   * that is being bound at this moment.
   */
  readonly kind: FaultKind;
  /** Whether the server acts first: `after` = it did, and then the answer is lost or mangled. Default `before`. */
  readonly when?: 'before' | 'after';
  /** Method of the request (`batch`, `event.bind`, `oauth/token`); for `command-error` and `lock` that of the command. Default any. */
  readonly method?: string;
  /** `member_id` of the portal, or `oauth`. Default any. */
  readonly portal?: string;
  /** Lets so many matching requests pass first. */
  readonly skip?: number;
  /** How many to hit then; default 1, Infinity allowed. */
  readonly times?: number;
  /** HTTP status for `error` (default: the code's own), `html` (default 502), `empty` and `truncated` (default 200). */
  readonly status?: number;
  /** Error code for `error` and `command-error`; default INTERNAL_SERVER_ERROR. */
  readonly error?: string;
  /** Error text; default the code's own. */
  readonly description?: string;
  /** `operating_reset_at` (unix seconds) in the `time` of an `error`. */
  readonly operatingResetAt?: number;
  /** Where a `redirect` points. */
  readonly location?: string;
  /** How long a `delay` waits; any other kind waits as long before it strikes. */
  readonly delayMs?: number;
  /** Text that must occur in the raw request, plain or percent-decoded. */
  readonly match?: string;
  /** For `partial`: how many commands still run. Default 0. */
  readonly commands?: number;
  /** For `drop-keys`: the commands' keys missing from the answer, default all. `before`: they are not run either. */
  readonly keys?: readonly string[];
  /** Called at the moment it strikes, in code only. For `command-error` and `lock` it is not waited for. */
  readonly onHit?: () => void | Promise<void>;
}

/** A fault in force. */
export interface FaultHandle {
  /** How many requests or commands it has struck so far. */
  readonly hits: number;
  /** Ends it. Nothing happens when it has ended before. */
  remove(): void;
}

interface ActiveFault {
  readonly fault: Fault;
  /** Who came first strikes first. */
  readonly order: number;
  seen: number;
  hits: number;
}

export interface FaultTarget {
  readonly portal: string;
  readonly method: string;
  /** The raw request: query and body, or one command. */
  readonly raw: string;
}

export class FaultStore {
  /** By the portal they name: a request to one of thousands looks at its own, and at those that name none. */
  readonly #active = new Map<string | undefined, readonly ActiveFault[]>();
  #added = 0;

  get isEmpty(): boolean {
    return this.#active.size === 0;
  }

  add(fault: Fault): FaultHandle {
    const active: ActiveFault = { fault, order: this.#added, seen: 0, hits: 0 };
    this.#added += 1;
    this.#active.set(fault.portal, [...this.#of(fault.portal), active]);
    return {
      get hits() {
        return active.hits;
      },
      remove: () => {
        const others = this.#of(fault.portal).filter((other) => other !== active);
        if (others.length > 0) this.#active.set(fault.portal, others);
        else this.#active.delete(fault.portal);
      },
    };
  }

  clear(): void {
    this.#active.clear();
  }

  /** The fault that hits this request. */
  strike(target: FaultTarget): Fault | undefined {
    return this.#next(target, (kind) => kind !== 'command-error' && kind !== 'lock');
  }

  /** The fault that hits this command, inside a batch or called directly. */
  strikeCommand(target: FaultTarget): Fault | undefined {
    return this.#next(target, (kind) => kind === 'command-error' || kind === 'lock');
  }

  #of(portal: string | undefined): readonly ActiveFault[] {
    return this.#active.get(portal) ?? [];
  }

  #next(target: FaultTarget, isOfKind: (kind: FaultKind) => boolean): Fault | undefined {
    const own = this.#of(target.portal);
    const all = this.#of(undefined);
    const near = own.length === 0 ? all : [...own, ...all].sort((a, b) => a.order - b.order);
    let hit: Fault | undefined;
    for (const active of near) {
      if (!isOfKind(active.fault.kind) || !matches(active.fault, target)) continue;
      active.seen += 1;
      if (hit !== undefined) continue;
      if (active.seen <= (active.fault.skip ?? 0) || active.hits >= (active.fault.times ?? 1)) continue;
      active.hits += 1;
      hit = active.fault;
    }
    return hit;
  }
}

/** Whether the fault is one of those that name this portal or none is known. */
function matches(fault: Fault, target: FaultTarget): boolean {
  if (fault.method !== undefined && fault.method.toLowerCase() !== target.method) return false;
  if (fault.match === undefined) return true;
  return target.raw.includes(fault.match) || urlDecode(target.raw).includes(fault.match);
}
