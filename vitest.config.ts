import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** What tries the same thing very often, so that a part of it tells nearly as much. */
const laws = ['test/properties/*.test.ts', 'test/*/{fuzz,import}.test.ts', 'test/faults/{matrix,random}.test.ts'];

/** What takes every command through every format, outcome or place. */
const tables = ['test/cli/{exit-codes,formats,secrets,surroundings}.test.ts'];

/** What is mostly the start of processes: there the two cores of a small machine go. */
const processes = [
  'test/cli/{care,completion,interrupt,pipelines,process,rollouts,streams,terminal}.test.ts',
  'test/docs/links.test.ts',
  'test/emulator/document.test.ts',
  'test/examples/quickstart.test.ts',
  'test/faults/{concurrency,kill}.test.ts',
  'test/fleet/herd.test.ts',
  'test/installer/{connections,examples,flood,hostile-portal,hostile-texts,kills,serve,speaks,unread-log}.test.ts',
  'test/library/types.test.ts',
  'test/package/{api,audit}.test.ts',
  'test/pipelines/hooks.test.ts',
  'test/postgres/{locks,processes}.test.ts',
  'test/store/file-lock.test.ts',
];

/** What waits for a queue, however little there is to do. */
const queues = ['test/fleet/{sweep,worker}.test.ts'];

/** What needs a browser or an editor's language server, installs the package, runs whole pipelines, or waits until the dead are known to be dead. */
const whole = [
  'test/docs/{completion,examples-story,fleet-story,snippets}.test.ts',
  'test/browser/**/*.test.ts',
  'test/cli/newcomer.test.ts',
  'test/editor/*.test.ts',
  'test/{faults/workers,fleet/herd-workers}.test.ts',
  'test/package/{git-install,packed}.test.ts',
  'test/pipelines/{github-action,github-workflows,gitlab,guide}.test.ts',
];

const shared = {
  testTimeout: 120_000,
  hookTimeout: 60_000,
  // Tests wait more than they compute, and none of them touches what its neighbours import.
  isolate: false,
};

export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    maxWorkers: Math.max(4, availableParallelism()),
    reporters: ['default', './scripts/count-reporter.ts'],
    projects: [
      {
        test: {
          ...shared,
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: [...tables, ...processes, ...queues, ...whole],
          provide: { oneIn: 40 },
        },
      },
      {
        test: {
          ...shared,
          // Thousands of runs on a machine that has other things to do.
          testTimeout: 600_000,
          hookTimeout: 300_000,
          name: 'slow',
          include: [...laws, ...tables, ...processes, ...queues, ...whole],
          provide: { oneIn: 1 },
        },
      },
    ],
  },
});
