/** One POST and what came of it: an answer, surely nothing, or nobody knows. Never follows, never repeats. */
import { request } from 'undici';
import { longestTimerMs } from './clock.ts';
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

export interface HttpOptions {
  /** For one request, from its start to the last byte of its answer. Default 65 000: the portal's front server gives up after 60 s (F87). */
  readonly timeoutMs?: number | undefined;
  /** Default: none. */
  readonly proxy?: ProxySettings | undefined;
}

/** An answer with ten thousand bindings has about 2 MB. */
const maxAnswerBytes = 32 * 1024 * 1024;

/** @throws UsageError `invalid-proxy` */
export function createHttp({ timeoutMs = 65_000, proxy }: HttpOptions = {}): Http {
  const closing = new AbortController();
  const connections = createConnections(proxy, closing.signal);
  let hasAbandoned = false;
  return {
    async post(url, body, signal) {
      if (signal?.aborted) return { kind: 'not-sent', message: 'interrupted', cause: signal.reason };
      const timeout = AbortSignal.timeout(Math.min(timeoutMs, longestTimerMs));
      const end = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
      try {
        const answered = request(url, {
          method: 'POST',
          headers: { ...headersOf(body), accept: 'application/json', 'user-agent': 'bitrix-events' },
          body: textOf(body),
          signal: end,
          // The signal bounds the whole exchange; undici's own two limits would only bound its parts.
          headersTimeout: 0,
          bodyTimeout: 0,
          dispatcher: connections,
        });
        // While it still connects, undici listens to no signal.
        const response = await Promise.race([answered, rejectionBy(end)]);
        const { location } = response.headers;
        return {
          kind: 'answer',
          status: response.statusCode,
          location: Array.isArray(location) ? location[0] : location,
          text: await readLimited(response.body),
        };
      } catch (cause) {
        hasAbandoned ||= end.aborted;
        if (timeout.aborted) return { kind: 'lost', message: `no answer within ${timeoutMs / 1000} s`, cause };
        if (signal?.aborted) return { kind: 'lost', message: 'interrupted before the answer came', cause };
        return failure(cause);
      }
    },
    async close() {
      if (!hasAbandoned) return connections.close();
      // What was given up may still be connecting, and would keep the process waiting.
      closing.abort();
      await connections.destroy();
    },
  };
}

function rejectionBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
  });
}

function headersOf(body: HttpBody): Record<string, string> {
  return { 'content-type': body.kind === 'json' ? 'application/json' : 'application/x-www-form-urlencoded' };
}

function textOf(body: HttpBody): string {
  return body.kind === 'json' ? JSON.stringify(body.value) : new URLSearchParams(body.fields).toString();
}

async function readLimited(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new RangeError(`an answer of more than ${maxAnswerBytes / 1024 / 1024} MiB`);
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
