/** Makes every certificate a good one until the test ends; Node.js has only a variable for that. */
import { onTestFinished, vi } from 'vitest';

export function trustAll(): void {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  // It warns of that on the standard error stream.
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  onTestFinished(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });
}
