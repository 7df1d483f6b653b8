/** Whoever watches over a process that stays: its log, and its metrics where they were asked for. */
import type { Context } from '../context.ts';
import { createLog, type Log, type LogFormat } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface Watch {
  /** Said in any case. */
  readonly log: Log;
  /** Not said with --quiet, and what is `debug` only with --verbose. */
  readonly note: Log;
  readonly metrics: Metrics | undefined;
  readonly metricsUrl: string | undefined;
  stop(): Promise<void>;
}

/** By their names on the command line. */
export interface WatchChoices {
  readonly logFormat: LogFormat;
  /** Undefined: no metrics. */
  readonly metricsPort?: number;
  readonly metricsHost?: string;
}

/**
 * @param host where metrics are, unless another one is chosen
 * @throws UsageError `port-unavailable`
 */
export async function openWatch(
  { world, options }: Context,
  { logFormat, metricsPort, metricsHost }: WatchChoices,
  host: string,
): Promise<Watch> {
  const { metrics, server } = metricsPort === undefined ? nothing : await measured(metricsHost ?? host, metricsPort);
  const log = createLog(logFormat, (line) => world.err(line));
  const note: Log = (entry) => {
    if (options.quiet === true || (entry.level === 'debug' && options.verbose !== true)) return;
    log(entry);
  };
  return { log, note, metrics, metricsUrl: server?.url, stop: async () => server?.stop() };
}

const nothing = { metrics: undefined, server: undefined } as const;

async function measured(host: string, port: number) {
  const [{ createMetrics }, { serveMetrics }] = await Promise.all([
    import('./metrics.ts'),
    import('./metrics-server.ts'),
  ]);
  const metrics = await createMetrics();
  return { metrics, server: await serveMetrics(metrics, host, port) };
}
