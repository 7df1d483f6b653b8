/** Looks at every connection that this process opens while something is done: to which host, whatever opened it. */
import { Socket } from 'node:net';
import { vi } from 'vitest';

/** What came of the work, and the hosts, each once. The connections are made as ever. */
export async function hostsOf<Result>(work: () => Promise<Result>): Promise<readonly [Result, readonly string[]]> {
  const spy = vi.spyOn(Socket.prototype, 'connect');
  try {
    const result = await work();
    return [result, [...new Set(spy.mock.calls.map(hostIn))].sort()];
  } finally {
    spy.mockRestore();
  }
}

/** `net.connect` hands its arguments over as one list, `tls.connect` as they are. */
function hostIn(given: readonly unknown[]): string {
  const [first, second] = given.flat();
  const isNamed = typeof first === 'object' && first !== null && 'host' in first && typeof first.host === 'string';
  if (isNamed) return String(first.host);
  return typeof second === 'string' ? second : 'localhost';
}
