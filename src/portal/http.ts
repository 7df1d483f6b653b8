/** One POST and what came of it: an answer, surely nothing, or nobody knows. Never follows, never repeats. */
import { Agent, request } from 'undici';
import { longestTimerMs } from './clock.ts';

export type HttpOutcome =
  | { readonly kind: 'answer'; readonly status: number; readonly location: string | undefined; readonly text: string }
  /** The request never reached the other side. */
  | { readonly kind: 'not-sent'; readonly message: string; readonly cause: unknown }
  /** It may have arrived, and may have been carried out. */
  | { readonly kind: 'lost'; readonly message: string; readonly cause: unknown };

export type HttpBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly fields: Readonly<Record<string, string>> };

export interface Http {
  /** Tokens and secrets belong into the body: URLs end up in logs. Never throws. */
  post(url: string, body: HttpBody, signal?: AbortSignal): Promise<HttpOutcome>;
  close(): Promise<void>;
}

export interface HttpOptions {
  /** For one request, from its start to the last byte of its answer. Default 65 000: the portal's front server gives up after 60 s (F87). */
  readonly timeoutMs?: number | undefined;
}

/** An answer with ten thousand bindings has about 2 MB. */
const maxAnswerBytes = 32 * 1024 * 1024;

export function createHttp({ timeoutMs = 65_000 }: HttpOptions = {}): Http {
  const connections = new Agent({ connect: { timeout: 10_000 } });
  return {
    async post(url, body, signal) {
      if (signal?.aborted) return { kind: 'not-sent', message: 'interrupted', cause: signal.reason };
      const timeout = AbortSignal.timeout(Math.min(timeoutMs, longestTimerMs));
      try {
        const response = await request(url, {
          method: 'POST',
          headers: { ...headersOf(body), accept: 'application/json', 'user-agent': 'bitrix-events' },
          body: textOf(body),
          signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
          // The signal bounds the whole exchange; undici's own two limits would only bound its parts.
          headersTimeout: 0,
          bodyTimeout: 0,
          dispatcher: connections,
        });
        const { location } = response.headers;
        return {
          kind: 'answer',
          status: response.statusCode,
          location: Array.isArray(location) ? location[0] : location,
          text: await readLimited(response.body),
        };
      } catch (cause) {
        if (timeout.aborted) return { kind: 'lost', message: `no answer within ${timeoutMs / 1000} s`, cause };
        if (signal?.aborted) return { kind: 'lost', message: 'interrupted before the answer came', cause };
        return failure(cause);
      }
    },
    async close() {
      await connections.close();
    },
  };
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

/** System errors in which no byte of the request left this machine, or none got through TLS. */
const notSent: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within 10 s',
};

const lost: Readonly<Record<string, string>> = {
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was cut short',
};

function failure(cause: unknown): HttpOutcome {
  const code = stringProperty(cause, 'code');
  const unsent = notSent[code];
  if (unsent !== undefined) return { kind: 'not-sent', message: unsent, cause };
  if (isCertificateProblem(code))
    return { kind: 'not-sent', message: `the certificate is not trusted (${code})`, cause };
  if (stringProperty(cause, 'syscall') === 'connect')
    return { kind: 'not-sent', message: `no connection (${code})`, cause };
  const text =
    cause instanceof RangeError ? cause.message : (lost[code] ?? (code === '' ? 'no answer' : `no answer (${code})`));
  return { kind: 'lost', message: text, cause };
}

function isCertificateProblem(code: string): boolean {
  return /^(ERR_TLS_CERT|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/.test(code);
}

function stringProperty(value: unknown, name: 'code' | 'syscall'): string {
  const property: unknown = value instanceof Error && name in value ? Reflect.get(value, name) : undefined;
  return typeof property === 'string' ? property : '';
}
