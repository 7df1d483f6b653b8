/** Loaded into a measured process before anything else: at its end it writes what it used to file descriptor 3. */
import { readFileSync, writeSync } from 'node:fs';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeSync(3, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMiB: peakKiB(maxRSS) / 1024 }));
});

/** On Linux `maxRSS` is never less than what the parent had when it started this process; the kernel's own mark is. */
function peakKiB(maxRSS) {
  if (process.platform !== 'linux') return maxRSS;
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? maxRSS);
}
