/** What an installer that serves tells its log and its metrics. */
import type { InstallerEvent, InstallerLoad, RequestRecord } from '../../installer/options.ts';
import type { ProblemLog } from '../../installer/problem-log.ts';
import { installerEntry, problemEntry, requestEntry } from './installer-log.ts';
import type { Watch } from './watch.ts';

export interface InstallerWatch {
  readonly request: (record: RequestRecord) => void;
  readonly event: (event: InstallerEvent) => void;
  readonly problems: Pick<ProblemLog, 'onInstalled' | 'onFailed' | 'onError'>;
  /** Tells whom to ask for what there is to do. */
  readonly load: (load: () => InstallerLoad) => void;
}

export async function watchInstaller({ log, note, metrics }: Watch): Promise<InstallerWatch> {
  const { createProblemNotes } = await import('../../installer/problem-log.ts');
  return {
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
  };
}
