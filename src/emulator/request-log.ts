/** The log of every request answered: what came in, what was done, what went out. */
import { PhpArray, toPlainMap } from './php-values.ts';
import type { PhpValue } from './php-values.ts';

/** One command of a batch, as it was run. */
export interface LoggedCommand {
  readonly key: string;
  readonly method: string;
  /** After `$` references were replaced. */
  readonly params: Record<string, unknown>;
  readonly result?: unknown;
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
  /** `batch`, `event.get`, `oauth/token`, … */
  readonly method: string;
  readonly httpMethod: string;
  /** As parsed, tokens and secrets replaced by `…`. */
  readonly params: Record<string, unknown>;
  /** Present for a batch. */
  readonly commands?: readonly LoggedCommand[];
  readonly status: number | 'reset' | 'timeout';
  /** The answer: parsed JSON, else the text; undefined when the caller got none. */
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
export function logEntry(index: number, request: RequestFacts, answer: AnswerFacts): LoggedRequest {
  let params: Record<string, unknown> | undefined;
  let body: { readonly value: unknown } | undefined;
  const { params: raw, ...facts } = request;
  return {
    index,
    ...facts,
    get params() {
      params ??= withoutSecrets(raw);
      return params;
    },
    ...(answer.commands === undefined ? {} : { commands: answer.commands }),
    status: answer.status,
    get body() {
      body ??= { value: parsed(answer.text) };
      return body.value;
    },
    acted: answer.acted,
    ...(answer.fault === undefined ? {} : { fault: answer.fault }),
  };
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
