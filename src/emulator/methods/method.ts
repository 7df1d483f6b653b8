/** What a REST method is here: the call it gets, what it gives back, how it is registered. */
import { PhpArray, foldNames, intval, stringOf } from '../php-values.ts';
import type { PhpValue } from '../php-values.ts';
import { PhpFatal } from '../rest-error.ts';
import type { PortalState, User, World } from '../state.ts';
import type { Chain } from '../tokens.ts';

/** Who calls, and through what. */
export interface Caller {
  readonly world: World;
  readonly portal: PortalState;
  readonly user: User;
  /** Undefined for a webhook. */
  readonly chain: Chain | undefined;
  readonly scope: readonly string[];
  /** `auth_connector` of the outer call. */
  readonly connector: string;
}

export interface MethodAnswer {
  readonly result: unknown;
  readonly total?: number;
  readonly next?: number;
}

/** What a method is called with. */
export interface Input {
  /** Names in lower case: for the methods, which are most, that take them in any. */
  readonly params: PhpArray;
  /** Names as sent; like `params` without what the server itself takes out: authorisation, `start`, `state`. */
  readonly asSent: PhpArray;
  /** The parameter `start`, of pages. */
  readonly start: number;
  /** Text in which faults look for their `match`. */
  readonly raw: string;
}

export interface Method {
  /** Any of these scopes allows it; empty = global. */
  readonly scopes: readonly string[];
  readonly run: Run;
}

export type Run = (caller: Caller, input: Input) => MethodAnswer;

export function globalMethod(run: Run): Method {
  return { scopes: [], run };
}

/** The names of authorisation, compared exactly: `AUTH` in capitals is a parameter like any other. */
export const authNames: readonly string[] = ['auth', 'access_token', 'auth_connector'];

/** Takes out what the server itself reads; `taken` are the names of authorisation that were found. */
export function inputOf(sent: PhpArray, taken: readonly string[], raw: string): Input {
  const asSent = new PhpArray();
  const left = new Set([...taken, 'start', 'state']);
  for (const [name, value] of sent) if (!left.has(name)) asSent.set(name, value);
  return { params: foldNames(asSent), asSent, start: intval(sent.get('start')), raw };
}

/** A parameter a PHP function with a string argument gets: an array there kills the request. */
export function text(value: PhpValue | undefined): string {
  const string = stringOf(value);
  if (string === undefined) throw new PhpFatal('an array where a string is needed');
  return string;
}
