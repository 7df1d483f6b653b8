/** The log of every request answered: what came in, what was done, what went out. */
import type { RequestLog } from './options.ts';
import { PhpArray, toPlainMap } from './php-values.ts';
import type { PhpValue } from './php-values.ts';

/** One command of a batch, as it was run. */
export interface LoggedCommand {
  /** Its name in the batch. */
  readonly key: string;
  /** In lower case, such as `event.bind`. */
  readonly method: string;
  /** After `$` references were replaced. */
  readonly params: Record<string, unknown>;
  /** As in the answer. Absent on an error, and where only facts are kept. */
  readonly result?: unknown;
  /** As in the answer. Absent when it succeeded. */
  readonly error?: { readonly error: string; readonly error_description: string; readonly argument?: string };
}

/** One HTTP request, in the order in which the server acted. Requests to `/_emulator/` are not logged. */
export interface LoggedRequest {
  /** Counts on after `clearRequests()`; back to 0 on reset. */
  readonly index: number;
  /** Clock of the emulator, milliseconds. */
  readonly at: number;
  /** `member_id`, or `oauth`. */
  readonly portal: string;
  /** How many other requests to the same portal, or to the authorisation server, were being answered when it came. */
  readonly alongside: number;
  /** `batch`, `event.get`, `oauth/token`, … */
  readonly method: string;
  /** `GET`, `POST` or another. */
  readonly httpMethod: string;
  /** As parsed, tokens and secrets replaced by `…`. Empty where only facts are kept. */
  readonly params: Record<string, unknown>;
  /** Present for a batch. */
  readonly commands?: readonly LoggedCommand[];
  /** The HTTP status; `reset` or `timeout` where a fault kept every answer from the caller. */
  readonly status: number | 'reset' | 'timeout';
  /** The answer: parsed JSON, else the text; undefined when the caller got none, and where only facts are kept. */
  readonly body: unknown;
  /** Whether the server did what was asked, fully or in part. */
  readonly acted: boolean;
  /** Kind of the fault that hit. */
  readonly fault?: string;
}

const secretNames = new Set(['auth', 'access_token', 'refresh_token', 'client_secret', 'code']);

export interface RequestFacts {
  readonly at: number;
  readonly portal: string;
  readonly method: string;
  readonly httpMethod: string;
  readonly alongside: number;
  readonly params: PhpArray;
}

export interface AnswerFacts {
  readonly status: number | 'reset' | 'timeout';
  readonly text: string | undefined;
  readonly acted: boolean;
  readonly commands: readonly LoggedCommand[] | undefined;
  readonly fault: string | undefined;
}

/** A log entry; the parsed forms are made only when somebody looks. */
export function logEntry(
  index: number,
  request: RequestFacts,
  answer: AnswerFacts,
  kept: Exclude<RequestLog, 'off'>,
): LoggedRequest {
  const { params: raw, ...facts } = request;
  const { status, acted, commands, fault, text } = answer;
  const settled = { status, acted, ...(fault === undefined ? {} : { fault }) };
  if (kept === 'facts') {
    const named = commands === undefined ? {} : { commands: commands.map(factsOf) };
    return { index, ...facts, params: {}, ...named, ...settled, body: undefined };
  }
  let params: Record<string, unknown> | undefined;
  let body: { readonly value: unknown } | undefined;
  return {
    index,
    ...facts,
    get params() {
      params ??= withoutSecrets(raw);
      return params;
    },
    ...(commands === undefined ? {} : { commands }),
    ...settled,
    get body() {
      body ??= { value: parsed(text) };
      return body.value;
    },
  };
}

function factsOf({ key, method, error }: LoggedCommand): LoggedCommand {
  return { key, method, params: {}, ...(error === undefined ? {} : { error }) };
}

function withoutSecrets(params: PhpArray): Record<string, unknown> {
  const shown = new PhpArray();
  for (const [name, value] of params) shown.set(name, hidden(name, value));
  return toPlainMap(shown);
}

function hidden(name: string, value: PhpValue): PhpValue {
  return secretNames.has(name.toLowerCase()) ? '…' : value;
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
