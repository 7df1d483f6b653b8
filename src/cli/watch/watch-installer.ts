/** Whoever watches over an installer that serves: its log, and its metrics where they were asked for. */
import type { InstallerEvent, InstallerLoad, RequestRecord } from '../../installer/options.ts';
import type { ProblemLog } from '../../installer/problem-log.ts';
import type { Context } from '../context.ts';
import { installerEntry, problemEntry, requestEntry } from './installer-log.ts';
import { createLog, type Log, type LogFormat } from './log.ts';

export interface Watch {
  /** Said in any case. */
  readonly log: Log;
  /** Not said with --quiet, and what is `debug` only with --verbose. */
  readonly note: Log;
  readonly request: (record: RequestRecord) => void;
  readonly event: (event: InstallerEvent) => void;
  readonly problems: Pick<ProblemLog, 'onInstalled' | 'onFailed' | 'onError'>;
  /** Tells whom to ask for what there is to do. */
  readonly load: (load: () => InstallerLoad) => void;
  readonly metricsUrl: string | undefined;
  stop(): Promise<void>;
}

export interface WatchOptions {
  readonly logFormat: LogFormat;
  readonly host: string;
  /** Undefined: no metrics. */
  readonly metricsPort?: number;
}

/** @throws UsageError `port-unavailable` */
export async function watchOver(
  { world, options }: Context,
  { logFormat, host, metricsPort }: WatchOptions,
): Promise<Watch> {
  const { createProblemNotes } = await import('../../installer/problem-log.ts');
  const { metrics, server } = metricsPort === undefined ? nothing : await measured(host, metricsPort);
  const log = createLog(logFormat, (line) => world.err(line));
  const note: Log = (entry) => {
    if (options.quiet === true || (entry.level === 'debug' && options.verbose !== true)) return;
    log(entry);
  };
  return {
    log,
    note,
    request(record) {
      metrics?.request(record);
      note(requestEntry(record));
    },
    event(event) {
      metrics?.installer(event);
      note(installerEntry(event));
    },
    problems: createProblemNotes((notes) => notes.map(problemEntry).forEach(log)),
    load: (load) => metrics?.watch(load),
    metricsUrl: server?.url,
    stop: async () => server?.stop(),
  };
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
