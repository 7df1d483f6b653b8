/** Runs a command and tells what it took; medians and tables of that. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const cli = join(root, 'dist', 'cli.js');

const usageReporter = new URL('report-usage.mjs', import.meta.url).href;

/** The caller's environment without what would change the measurement or point to a portal of theirs. */
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:NODE_|BITRIX|HANDLER_BASE_URL$|FORCE_COLOR$)/.test(name)),
);

/** Milliseconds from starting a process of Node.js to its end. */
export function wallTime(args, options) {
  const started = performance.now();
  insist(args, spawnSync(process.execPath, args, { cwd: root, env: environment, stdio: 'ignore', ...options }));
  return performance.now() - started;
}

/** What the process itself counted: milliseconds of CPU, user and system together, and its peak memory in MiB. */
export function usage(args, options) {
  const stdio = ['ignore', 'ignore', 'pipe', 'pipe'];
  const all = ['--import', usageReporter, ...args];
  const child = spawnSync(process.execPath, all, { cwd: root, env: environment, stdio, ...options });
  insist(args, child);
  return JSON.parse(child.output[3].toString());
}

function insist(args, { status, error, stderr }) {
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`'node ${args.join(' ')}' ended with ${status}\n${stderr ?? ''}`);
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs every job in turn, so that whatever else the machine does hits all alike. The first round is not counted. */
export function interleave(rounds, jobs) {
  const results = jobs.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, job] of jobs.entries()) {
      const result = job();
      if (round > 0) results[index].push(result);
    }
  }
  return results;
}

/** The first row is the heading; every column but the first is aligned to the right. */
export function printTable(title, rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
  console.log(`\n${title}\n\n  ${lines.join('\n  ')}`);
}

/** A measured value beside what it should stay under. */
export function aim(value, limit, unit) {
  return `aim < ${limit}${unit}: ${value < limit ? 'met' : 'missed'}`;
}
