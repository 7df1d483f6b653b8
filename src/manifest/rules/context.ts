/** What a rule may look at, and what it answers with. */
import type { EventType } from '../../core/binding.ts';
import type { Draft, DraftBinding, Placed } from '../draft.ts';
import type { Path, Problem } from '../problem.ts';

/** One event of one binding as written. */
export interface Row {
  /** Upper case. */
  readonly event: string;
  /** Where the event stands. */
  readonly path: Path;
  readonly binding: DraftBinding;
  /** The handler's URL; undefined where there is none. */
  readonly url: string | undefined;
  /** True: the event or the URL still waits for a variable. */
  readonly isPending: boolean;
}

export interface RuleContext {
  readonly draft: Draft;
  readonly rows: readonly Row[];
  /** Every handler URL that is known, with the one place where it is written, under `handlers` or in a binding. */
  readonly urls: readonly Placed<string>[];
  /** A place in words, for a problem that has two. */
  readonly whereIs: (path: Path) => string;
}

type Field = 'handler' | 'authType' | 'authConnector';

const fields: Readonly<Record<EventType, Readonly<Record<Field, boolean>>>> = {
  online: { handler: true, authType: true, authConnector: false },
  offline: { handler: false, authType: false, authConnector: true },
};

/** Whether bindings of that kind have the field; undefined where the kind is not known. */
export function hasField({ eventType }: Pick<DraftBinding, 'eventType'>, field: Field): boolean | undefined {
  return eventType === undefined ? undefined : fields[eventType][field];
}

/** Looks for one kind of mistake. */
export type Rule = (context: RuleContext) => Iterable<Problem>;

export function error(place: Path, facts: Pick<Problem, 'code' | 'message' | 'hint'>): Problem {
  return { severity: 'error', place: { path: place }, ...facts };
}

export function warning(place: Path, facts: Pick<Problem, 'code' | 'message' | 'hint'>): Problem {
  return { severity: 'warning', place: { path: place }, ...facts };
}
