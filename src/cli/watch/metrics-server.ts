/** Metrics over HTTP, on a port of their own: what the world calls and what watches over it are seldom the same network. */
import { createServer, type ServerResponse } from 'node:http';
import { UsageError } from '../../core/errors.ts';
import type { Metrics } from './metrics.ts';

export interface MetricsServer {
  /** `http://127.0.0.1:9464/metrics` */
  readonly url: string;
  /** Ends at once: nobody loses anything by a reading that is cut short. */
  stop(): Promise<void>;
}

const limits = { maxHeaderSize: 8 * 1024, headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000 };
const maxConnections = 32;

/**
 * @param port 0 for a free one
 * @throws UsageError `port-unavailable`
 */
export async function serveMetrics(metrics: Pick<Metrics, 'text'>, host: string, port: number): Promise<MetricsServer> {
  const server = createServer(limits, (request, response) => {
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    if (isReading && request.url?.replace(/\?.*$/s, '') === '/metrics') void answer(metrics, response);
    else say(response, 404, 'text/plain; charset=utf-8', 'metrics are at /metrics\n');
  });
  server.maxConnections = maxConnections;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => resolve());
    });
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    throw new UsageError({
      code: 'port-unavailable',
      message: `cannot listen for readers of metrics on port ${port} of ${host}: ${String(cause.code)}`,
      hint: 'Choose another with --metrics-port',
      cause,
    });
  }
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}/metrics`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(metrics: Pick<Metrics, 'text'>, response: ServerResponse): Promise<void> {
  try {
    const { type, text } = await metrics.text();
    say(response, 200, type, text);
  } catch {
    say(response, 500, 'text/plain; charset=utf-8', 'no metrics\n');
  }
}

function say(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(text);
}
