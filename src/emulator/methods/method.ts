/** What a REST method is here: the call it gets, what it gives back, how it is registered. */
import type { PhpArray, PhpValue } from '../php-values.ts';
import { stringOf } from '../php-values.ts';
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

export interface Method {
  /** Any of these scopes allows it; empty = global. */
  readonly scopes: readonly string[];
  readonly run: Run;
}

/** `params`: names in lower case, authorisation taken out; `asSent`: before that. */
export type Run = (caller: Caller, params: PhpArray, asSent: PhpArray) => MethodAnswer;

export function globalMethod(run: Run): Method {
  return { scopes: [], run };
}

/** A parameter a PHP function with a string argument gets: an array there kills the request. */
export function text(value: PhpValue | undefined): string {
  const string = stringOf(value);
  if (string === undefined) throw new PhpFatal('an array where a string is needed');
  return string;
}

/** PHP's `empty()` for a parameter that must be there. */
export function isEmptyText(value: string): boolean {
  return value === '' || value === '0';
}
