/** Looks whether a handler can be reached, by a request that nobody takes for an event: HEAD, without the query of its URL and without a body. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { request } from 'undici';
import { abortOn, rejectionBy } from '../reconcile/abort.ts';
import { createConnections } from './connections.ts';
import { codeOf, NoConnection, reasonOf } from './no-connection.ts';
import type { ProxySettings } from './proxy.ts';

export interface ProbeOptions {
  readonly proxy?: ProxySettings | undefined;
  /** For the whole exchange. Default 5 000. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type Probe =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Where a redirect leads, as the server wrote it. */
      readonly location: string | undefined;
      readonly durationMs: number;
      /** Milliseconds since 1970 when its certificate expires; undefined without TLS. */
      readonly certificateEndsMs: number | undefined;
    }
  | { readonly kind: 'no-answer'; readonly message: string; readonly isCertificate: boolean };

/** Never throws, whatever the URL. */
export async function probeHandler(
  url: string,
  { proxy, timeoutMs = 5_000, signal }: ProbeOptions = {},
): Promise<Probe> {
  const end = abortOn([signal], timeoutMs);
  let certificateEndsMs: number | undefined;
  const startedAt = performance.now();
  try {
    const onConnection = (socket: Socket) => {
      const { valid_to: ends } = socket instanceof TLSSocket ? socket.getPeerCertificate() : {};
      certificateEndsMs = ends === undefined ? undefined : Date.parse(ends);
    };
    const connections = createConnections(proxy, { idleMs: timeoutMs, signal: end.signal, onConnection });
    try {
      const answered = request(withoutQuery(url), {
        method: 'HEAD',
        headers: { 'user-agent': 'bitrix-events doctor' },
        signal: end.signal,
        dispatcher: connections,
      });
      const { statusCode, headers } = await Promise.race([answered, rejectionBy(end.signal)]);
      const location = Array.isArray(headers.location) ? headers.location[0] : headers.location;
      const durationMs = performance.now() - startedAt;
      return { kind: 'answer', status: statusCode, location, durationMs, certificateEndsMs };
    } finally {
      await connections.destroy();
    }
  } catch (error) {
    return { kind: 'no-answer', ...failure(error, end.signal, timeoutMs) };
  } finally {
    end.forget();
  }
}

function failure(error: unknown, end: AbortSignal, timeoutMs: number) {
  if (end.aborted) return { message: `no answer within ${timeoutMs / 1000} s`, isCertificate: false };
  if (!(error instanceof NoConnection)) {
    const code = codeOf(error);
    const message = `the connection ended before an answer came${code === '' ? '' : ` (${code})`}`;
    return { message, isCertificate: false };
  }
  const isCertificate = /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_|ERR_TLS_)/.test(codeOf(error.cause));
  return { message: reasonOf(error).message, isCertificate };
}

/** A query may be a secret, or tell a script what to do. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
