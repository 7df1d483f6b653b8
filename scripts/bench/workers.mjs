/** A rollout over portals in sync that answer as slowly as real ones: one process, one worker, three workers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cli, median, printTable, wallTime } from './measure.mjs';
import { withDatabase, withFleet } from './fleet.mjs';

const size = 1000;
const latencyMs = 100;
const concurrency = 10;
const rounds = 3;

export async function benchWorkers(directory) {
  await withFleet(directory, { size, name: 'workers', latencyMs }, (fleet) =>
    withDatabase((database) => besideOneProcess(fleet, database)),
  );
}

async function besideOneProcess({ folder, options }, database) {
  const env = { ...options.env, BITRIX_EVENTS_STORE: database };
  const inDatabase = { cwd: folder, env };
  wallTime([cli, 'store', 'copy', 'file:.bitrix-events', database], options);
  const apply = [cli, 'apply', '--all', '--yes'];
  // The ledger of each portal is written once.
  wallTime([...apply, '--concurrency', '50'], inDatabase);
  const queued = [...apply, '--queue', '--wait'];
  const ways = {
    'one process': () => wallTime([...apply, '--concurrency', String(concurrency)], inDatabase),
    'one worker': () => withWorkers(1, inDatabase, () => wallTime(queued, inDatabase)),
    'three workers': () => withWorkers(3, inDatabase, () => wallTime(queued, inDatabase)),
  };
  const results = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(ways)) results[name].push(await run());
  }
  const perSecond = (name) => size / (median(results[name]) / 1000);
  printTable(
    `workers: apply of ${size} portals in sync that take ${latencyMs} ms each, ${concurrency} at a time in each process, median of ${rounds}`,
    [
      ['', 'portals/s', 'ratio'],
      ...Object.keys(ways).map((name) => [
        name,
        perSecond(name).toFixed(0),
        (perSecond(name) / perSecond('one worker')).toFixed(2),
      ]),
    ],
  );
}

async function withWorkers(count, options, work) {
  const workers = Array.from({ length: count }, () =>
    spawn(process.execPath, [cli, 'worker', '--json', '--quiet', '--concurrency', String(concurrency)], {
      ...options,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  try {
    await Promise.all(workers.map((worker) => once(worker.stdout, 'data')));
    return await work();
  } finally {
    const ended = workers.filter(({ exitCode }) => exitCode === null).map((worker) => once(worker, 'exit'));
    for (const worker of workers) worker.kill('SIGTERM');
    await Promise.all(ended);
  }
}
