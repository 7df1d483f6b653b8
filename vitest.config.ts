import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** What tries the same thing very often, so that a part of it tells nearly as much. */
const laws = [
  'test/properties/*.test.ts',
  'test/*/{fuzz,import}.test.ts',
  'test/installer/{flood,hostile-portal,kills}.test.ts',
  'test/faults/{matrix,kill,random}.test.ts',
];

/** What needs a browser or an editor's language server, installs the package, runs whole pipelines, or waits until the dead are known to be dead. */
const whole = [
  'test/browser/**/*.test.ts',
  'test/cli/newcomer.test.ts',
  'test/editor/*.test.ts',
  'test/faults/workers.test.ts',
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
          exclude: whole,
          provide: { oneIn: 20 },
        },
      },
      {
        test: {
          ...shared,
          // Thousands of runs on a machine that has other things to do.
          testTimeout: 600_000,
          name: 'slow',
          include: [...laws, ...whole],
          provide: { oneIn: 1 },
        },
      },
    ],
  },
});
