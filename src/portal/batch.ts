/** The text of a batch's commands, and the answer taken apart by command. */
import { isFields, phpMap } from './php.ts';
import { readError, type RestError } from './rest-answer.ts';

export type WireValue = string | number | boolean | { readonly [name: string]: WireValue };
export type WireParams = Readonly<Record<string, WireValue>>;

/** A REST method with its parameters, as the portal spells both. */
export interface WireCall {
  readonly method: string;
  readonly params: WireParams;
}

/** `method?query` with every value encoded once: the portal decodes it once when the request itself is JSON (F64). */
export function commandText({ method, params }: WireCall): string {
  const query = pairs(params).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return query.length === 0 ? method : `${method}?${query.join('&')}`;
}

function pairs(params: WireParams, prefix?: string): readonly (readonly [string, string])[] {
  return Object.entries(params).flatMap(([key, value]) => {
    const name = prefix === undefined ? key : `${prefix}[${key}]`;
    if (typeof value === 'object') return pairs(value, name);
    return [[name, typeof value === 'boolean' ? (value ? '1' : '0') : String(value)] as const];
  });
}

/** Parameters of the outer call. `halt` 0 goes on after a failure; any text, `"false"` too, would stop (F58). */
export function batchParams(commands: ReadonlyMap<string, WireCall>): { readonly halt: 0; readonly cmd: object } {
  return { halt: 0, cmd: Object.fromEntries([...commands].map(([key, call]) => [key, commandText(call)])) };
}

/** What a batch says about one command. */
export type ItemAnswer =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'error'; readonly error: RestError }
  /** Neither map has its key: the batch ended before it, or the answer is not whole. */
  | { readonly kind: 'missing' };

export type BatchAnswer = (key: string) => ItemAnswer;

/** Undefined when the result of the outer call is not that of a batch. */
export function readBatch(result: unknown, secrets: readonly (string | undefined)[]): BatchAnswer | undefined {
  if (!isFields(result)) return undefined;
  const results = phpMap(result['result']);
  const errors = phpMap(result['result_error'] ?? []);
  if (results === undefined || errors === undefined) return undefined;
  return (key) => {
    if (errors.has(key)) {
      const error = readError(errors.get(key), undefined, secrets);
      return error === undefined ? { kind: 'missing' } : { kind: 'error', error };
    }
    return results.has(key) ? { kind: 'result', result: results.get(key) } : { kind: 'missing' };
  };
}
