/** `batch`: items one after another, each seeing the effects of those before, and five PHP maps as the answer. */
import { parseStr } from './php-form.ts';
import { parseUrl } from './php-url.ts';
import { PhpArray, toPlainMap, truthy } from './php-values.ts';
import type { PhpValue } from './php-values.ts';
import { inputOf } from './methods/method.ts';
import type { Input, MethodAnswer } from './methods/method.ts';
import { resolveReferences } from './references.ts';
import type { LoggedCommand } from './request-log.ts';
import { RestError } from './rest-error.ts';

const itemLimit = 50;
const forbidden = new Set(['batch', 'download', 'upload']);
const secretNames = new Set(['auth', 'access_token']);

export interface BatchHooks {
  /** Runs one method; throws RestError. */
  execute(method: string, input: Input): { answer: MethodAnswer; time: unknown };
  /** False ends the batch before this item: the server died. */
  mayRun(position: number): boolean;
  /** True leaves the item out: not run, not answered. */
  skips(key: string): boolean;
}

export interface BatchOutcome {
  readonly result: BatchMaps;
  readonly commands: readonly LoggedCommand[];
}

export interface BatchMaps {
  readonly result: ResultMap;
  readonly result_error: ResultMap;
  readonly result_total: ResultMap;
  readonly result_next: ResultMap;
  readonly result_time: ResultMap;
}

/** A map in the order of the items; it is encoded as PHP would encode the array. */
export type ResultMap = Map<string, unknown>;

/** `outer`: the names of authorisation on the outer call, which the commands' own parameters of that name give way to. */
export function runBatch({ params }: Input, outer: readonly string[], hooks: BatchHooks): BatchOutcome {
  const maps: BatchMaps = {
    result: new Map(),
    result_error: new Map(),
    result_total: new Map(),
    result_next: new Map(),
    result_time: new Map(),
  };
  const commands: LoggedCommand[] = [];
  const items = params.get('cmd');
  const halts = truthy(params.get('halt'));
  let position = 0;
  for (const [key, item] of items instanceof PhpArray ? items : []) {
    if (!hooks.mayRun(position)) break;
    position += 1;
    if (position > itemLimit) {
      const error = new RestError(400, 'ERROR_BATCH_LENGTH_EXCEEDED', 'Max batch length exceeded');
      maps.result_error.set(key, error.body());
      if (halts) break;
      continue;
    }
    if (typeof item !== 'string' || hooks.skips(key)) continue;
    const command = runItem(key, item, outer, maps, hooks);
    commands.push(command);
    if (command.error !== undefined && halts) break;
  }
  return { result: maps, commands };
}

function runItem(
  key: string,
  item: string,
  outer: readonly string[],
  maps: BatchMaps,
  hooks: BatchHooks,
): LoggedCommand {
  const parts = parseUrl(item);
  const method = (parts?.path ?? '').toLowerCase();
  const gathered = {
    result: maps.result,
    error: maps.result_error,
    total: maps.result_total,
    next: maps.result_next,
    time: maps.result_time,
  };
  const input = inputOf(resolveReferences(parseStr(parts?.query ?? ''), gathered), outer, item);
  const logged = { key, method, params: shown(input.params) };
  try {
    if (forbidden.has(method)) {
      throw new RestError(405, 'ERROR_BATCH_METHOD_NOT_ALLOWED', 'Method is not allowed for batch usage');
    }
    const { answer, time } = hooks.execute(method, input);
    maps.result.set(key, answer.result);
    if (answer.total !== undefined) maps.result_total.set(key, answer.total);
    if (answer.next !== undefined) maps.result_next.set(key, answer.next);
    maps.result_time.set(key, time);
    return { ...logged, result: answer.result };
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    const body = error.body();
    // A scope error inside a batch comes without its text.
    const answered = error.code === 'insufficient_scope' ? { ...body, error_description: '' } : body;
    maps.result_error.set(key, answered);
    return { ...logged, error: answered };
  }
}

function shown(params: PhpArray): Record<string, unknown> {
  const visible = new PhpArray();
  for (const [name, value] of params) visible.set(name, secretNames.has(name) ? hiddenValue : value);
  return toPlainMap(visible);
}

const hiddenValue: PhpValue = '…';
