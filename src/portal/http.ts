/** One POST and what came of it: an answer, surely nothing, or nobody knows. Never follows, never repeats. */
import { request } from 'undici';
import { abortOn, rejectionBy } from '../reconcile/abort.ts';
import { createConnections } from './connections.ts';
import { codeOf, NoConnection, reasonOf } from './no-connection.ts';
import type { ProxySettings } from './proxy.ts';

export type HttpOutcome =
  | { readonly kind: 'answer'; readonly status: number; readonly location: string | undefined; readonly text: string }
  /** The request never reached the other side. */
  | { readonly kind: 'not-sent'; readonly message: string; readonly hint?: string | undefined; readonly cause: unknown }
  /** It may have arrived, and may have been carried out. */
  | { readonly kind: 'lost'; readonly message: string; readonly cause: unknown };

export type HttpBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly fields: Readonly<Record<string, string>> };

export interface Http {
  /** Tokens and secrets belong into the body: URLs end up in logs. Never throws. */
  post(url: string, body: HttpBody, signal?: AbortSignal): Promise<HttpOutcome>;
  /** When nothing is in flight any more. */
  close(): Promise<void>;
}

export interface HttpClient extends Http {
  /** Over the same connections, except that an answer of more than so many bytes is read on only when `admit` has resolved. */
  admitting(bytes: number, admit: () => Promise<void>): Http;
}

export interface HttpOptions {
  /** For one request, from its start to the last byte of its answer. Default 65 000: the portal's front server gives up after 60 s (F87). */
  readonly timeoutMs?: number | undefined;
  /** Of one answer; a longer one is lost. Default 32 MiB: an answer with ten thousand bindings has about 2 MB. */
  readonly maxAnswerBytes?: number | undefined;
  /** How long a connection is kept for another request, at most. Default 4000. */
  readonly idleMs?: number | undefined;
  /** Default: none. */
  readonly proxy?: ProxySettings | undefined;
}

const defaultAnswerBytes = 32 * 1024 * 1024;

/** What has to resolve before an answer is read beyond so many bytes. */
interface Hurdle {
  readonly bytes: number;
  readonly pass: (bytes: number) => Promise<void>;
}

function tooLong(bytes: number): Promise<void> {
  return Promise.reject(new RangeError(`an answer of more than ${bytes / 1024 / 1024} MiB`));
}

/** @throws UsageError `invalid-proxy` */
export function createHttp({
  timeoutMs = 65_000,
  maxAnswerBytes = defaultAnswerBytes,
  idleMs = 4_000,
  proxy,
}: HttpOptions = {}): HttpClient {
  const closing = new AbortController();
  const connections = createConnections(proxy, { idleMs, signal: closing.signal });
  let hasAbandoned = false;
  const over = (hurdles: readonly Hurdle[]): HttpClient => ({
    async post(url, body, signal) {
      if (signal?.aborted) return { kind: 'not-sent', message: 'interrupted', cause: signal.reason };
      const end = abortOn([signal], timeoutMs);
      try {
        // While it still connects, undici listens to no signal; nor does who has to admit the answer.
        const givenUp = rejectionBy(end.signal);
        const answered = request(url, {
          method: 'POST',
          headers: { ...headersOf(body), accept: 'application/json', 'user-agent': 'bitrix-events' },
          body: textOf(body),
          signal: end.signal,
          // The signal bounds the whole exchange; undici's own two limits would only bound its parts.
          headersTimeout: 0,
          bodyTimeout: 0,
          dispatcher: connections,
        });
        const response = await Promise.race([answered, givenUp]);
        const { location } = response.headers;
        return {
          kind: 'answer',
          status: response.statusCode,
          location: Array.isArray(location) ? location[0] : location,
          text: await Promise.race([readOver(hurdles, response.body), givenUp]),
        };
      } catch (cause) {
        hasAbandoned ||= end.signal.aborted;
        if (end.isTooLate()) return { kind: 'lost', message: `no answer within ${timeoutMs / 1000} s`, cause };
        if (signal?.aborted) return { kind: 'lost', message: 'interrupted before the answer came', cause };
        return failure(cause);
      } finally {
        end.forget();
      }
    },
    admitting: (bytes, pass) => over([{ bytes, pass }, ...hurdles]),
    async close() {
      if (!hasAbandoned) return connections.close();
      // What was given up may still be connecting, and would keep the process waiting.
      closing.abort();
      await connections.destroy();
    },
  });
  return over([{ bytes: maxAnswerBytes, pass: tooLong }]);
}

function headersOf(body: HttpBody): Record<string, string> {
  return { 'content-type': body.kind === 'json' ? 'application/json' : 'application/x-www-form-urlencoded' };
}

function textOf(body: HttpBody): string {
  return body.kind === 'json' ? JSON.stringify(body.value) : new URLSearchParams(body.fields).toString();
}

async function readOver(hurdles: readonly Hurdle[], body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const reached = hurdles.filter((hurdle) => bytes <= hurdle.bytes && bytes + chunk.length > hurdle.bytes);
    for (const hurdle of reached) await hurdle.pass(hurdle.bytes);
    bytes += chunk.length;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** System errors after the connection had come about. */
const lost: Readonly<Record<string, string>> = {
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was cut short',
};

function failure(cause: unknown): HttpOutcome {
  if (cause instanceof NoConnection) return { kind: 'not-sent', ...reasonOf(cause), cause: cause.cause };
  const code = codeOf(cause);
  const text =
    cause instanceof RangeError ? cause.message : (lost[code] ?? (code === '' ? 'no answer' : `no answer (${code})`));
  return { kind: 'lost', message: text, cause };
}
