/** Reads the body of an answer of REST: a result, an error, or nothing that can be relied on. */
import { isFields } from './php.ts';
import { portalText } from './portal-text.ts';

/** What a portal says when it refuses, with the text already fit to be shown. */
export interface RestError {
  /** As the portal spells it, such as `ERROR_CORE`. */
  readonly code: string;
  readonly description: string;
  /** The HTTP status; undefined for a command inside a batch. */
  readonly status: number | undefined;
  /** Unix time in seconds when a method that used up its time opens again. */
  readonly operatingResetAt?: number;
}

export type RestAnswer =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'error'; readonly error: RestError }
  | { readonly kind: 'unreadable'; readonly message: string };

/** The key `error` decides, whatever the status: errors come with 200 too (F85). */
export function readAnswer(status: number, text: string, secrets: readonly (string | undefined)[]): RestAnswer {
  const unreadable = (what: string): RestAnswer => ({ kind: 'unreadable', message: `${what} (HTTP ${status})` });
  if (text.trim() === '') return unreadable('an empty answer');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return unreadable(/^\s*</.test(text) ? 'an HTML page instead of JSON' : 'an answer that is no complete JSON');
  }
  if (!isFields(body)) return unreadable('an answer that is no JSON object');
  const error = readError(body, status, secrets);
  if (error !== undefined) return { kind: 'error', error };
  if (status >= 400 || !('result' in body)) return unreadable('an answer with neither result nor error');
  return { kind: 'result', result: body['result'] };
}

/** An error object of an answer or of a command in a batch; undefined when it is none. */
export function readError(
  body: unknown,
  status: number | undefined,
  secrets: readonly (string | undefined)[],
): RestError | undefined {
  if (!isFields(body)) return undefined;
  // REST version 3 nests code and text.
  const nested = isFields(body['error']) ? body['error'] : undefined;
  const code = nested === undefined ? body['error'] : nested['code'];
  if (typeof code !== 'string' || code === '') return undefined;
  const time = isFields(body['time']) ? body['time'] : {};
  const resetAt = Number(time['operating_reset_at'] ?? body['operating_reset_at']);
  return {
    code: portalText(code, secrets).slice(0, 80),
    description: portalText(nested === undefined ? body['error_description'] : nested['message'], secrets),
    status,
    ...(Number.isFinite(resetAt) && resetAt > 0 ? { operatingResetAt: resetAt } : {}),
  };
}
