import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // Tests wait more than they compute, and none of them touches what its neighbours import.
    isolate: false,
    maxWorkers: Math.max(4, availableParallelism()),
    reporters: ['default', './scripts/count-reporter.ts'],
  },
});
