/** Ends a test run with the steps that tests have timed, and one plain line of counts that a machine can read. */
import type { Reporter, TestModule } from 'vitest/node';

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        count[test.result().state] += 1;
        const steps = test.annotations().filter(({ type }) => type === 'step');
        if (steps.length > 0)
          process.stdout.write(`\n${[test.name, ...steps.map(({ message }) => message)].join('\n  ')}\n`);
      }
      // A file that fails to load has no tests to count, and is a failure all the same.
      if (module.state() === 'failed' && count.failed === 0) count.failed += 1;
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed${skipped}\n`);
  }
}
