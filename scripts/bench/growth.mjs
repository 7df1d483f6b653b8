/** What `plan` costs as the manifest grows, on a portal that holds nothing yet and on one that holds it all. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aim, cli, interleave, median, printTable, usage } from './measure.mjs';
import { startPortal } from './portal.mjs';

const rounds = 5;
const sizes = [1, 100, 5000, 10_000];
const limitMs = 1500;
const events = ['ONCRMDEALADD', 'ONCRMLEADADD', 'ONCRMCONTACTADD', 'ONCRMCOMPANYADD', 'ONTASKADD'];

export async function benchGrowth(directory) {
  for (const isFull of [false, true]) {
    const cases = [];
    for (const size of sizes) cases.push(await prepare(directory, size, isFull));
    const measured = interleave(
      rounds,
      cases.map(
        ({ args, env }) =>
          () =>
            usage(args, { env }),
      ),
    );
    for (const { portal } of cases) await portal.stop();
    report(isFull, measured);
  }
}

async function prepare(directory, size, isFull) {
  const bindings = Array.from({ length: size }, (_, index) => ({
    event: events[index % events.length],
    handler: `https://app.example.com/b24/${index}`,
  }));
  const file = join(directory, `${size}.yaml`);
  const lines = bindings.map(({ event, handler }) => `  - event: ${event}\n    handler: ${handler}\n`);
  writeFileSync(file, `version: 1\nbindings:\n${lines.join('')}`);
  // The bucket is for the pace of requests, which is not what this measures.
  const portal = await startPortal({ rows: isFull ? bindings : [], switches: { leakyBucket: false } });
  const store = `file:${join(directory, `store-${size}-${isFull}`)}`;
  return { portal, args: [cli, 'plan', '--manifest', file, '--store', store], env: portal.env };
}

function report(isFull, measured) {
  const cpu = measured.map((runs) => median(runs.map(({ cpuMs }) => cpuMs)));
  const peak = measured.map((runs) => median(runs.map(({ peakMiB }) => peakMiB)));
  const last = sizes.length - 1;
  const added = (values, index) => values[index] - values[0];
  printTable(
    `plan, ${isFull ? 'the portal holds every binding' : 'the portal is empty'}: process time (user + system) and peak memory, median of ${rounds}`,
    [
      ['bindings', 'ms', 'MiB', 'ms over 1', 'µs a binding', 'KiB a binding', ''],
      ...sizes.map((size, index) => [
        String(size),
        cpu[index].toFixed(0),
        peak[index].toFixed(0),
        index === 0 ? '' : added(cpu, index).toFixed(0),
        // What so few bindings add is lost in the noise.
        size <= 100 ? '' : ((added(cpu, index) * 1000) / (size - 1)).toFixed(0),
        size <= 100 ? '' : ((added(peak, index) * 1024) / (size - 1)).toFixed(1),
        index === last ? aim(cpu[index], limitMs, ' ms') : '',
      ]),
    ],
  );
  const factor = added(cpu, last) / added(cpu, last - 1);
  console.log(
    `\n  Growth: ${sizes[last]} bindings add ${factor.toFixed(2)}× what ${sizes[last - 1]} add (linear is 2.00×).`,
  );
}
