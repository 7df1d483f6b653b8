/** Measures what the README claims about speed: start-up, the size of the package, planning as it grows, installing many handlers, a store of many portals, a sweep over them by one process and by workers, and a flood of forgeries. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchFleet } from './bench/fleet.mjs';
import { benchFlood } from './bench/flood.mjs';
import { benchGrowth } from './bench/growth.mjs';
import { benchInstall } from './bench/install.mjs';
import { benchInstalls } from './bench/installs.mjs';
import { benchSize } from './bench/size.mjs';
import { benchStartUp } from './bench/start-up.mjs';
import { benchStore } from './bench/store.mjs';
import { benchWorkers } from './bench/workers.mjs';
import { build } from './build.mjs';

const parts = {
  'start-up': benchStartUp,
  size: benchSize,
  growth: benchGrowth,
  install: benchInstall,
  installs: benchInstalls,
  store: benchStore,
  flood: benchFlood,
  fleet: benchFleet,
  workers: benchWorkers,
};
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in parts));
if (unknown !== undefined) throw new Error(`there is no '${unknown}'; there are ${Object.keys(parts).join(', ')}`);

await build();
console.log(`Node.js ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model}`);
const directory = mkdtempSync(join(tmpdir(), 'bitrix-events-bench-'));
try {
  for (const [name, bench] of Object.entries(parts)) {
    if (wanted.length === 0 || wanted.includes(name)) await bench(directory);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
