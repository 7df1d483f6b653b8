/** Installing many handlers on a portal that is far away: this project against the loop of the official SDK. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { cli, median, printTable, root } from './measure.mjs';
import { startPortal } from './portal.mjs';

const rounds = 3;
const handlers = 40;
const latencyMs = 100;
const aimedRatio = 15;
const installer = fileURLToPath(new URL('install-process.mjs', import.meta.url));

export async function benchInstall(directory) {
  const bindings = Array.from({ length: handlers }, (_, index) => ({
    event: index % 2 === 0 ? 'ONCRMDEALADD' : 'ONCRMLEADADD',
    handler: `https://app.example.com/b24/${index}`,
  }));
  const manifest = join(directory, 'install.json');
  const store = join(directory, 'install-store');
  writeFileSync(manifest, JSON.stringify({ version: 1, bindings }));
  const ways = [
    ['@bitrix24/b24jssdk, one event.bind after another', [installer, 'sdk', manifest]],
    ['bitrix-events, apply() of the library', [installer, 'library', manifest, store]],
    [
      'bitrix-events apply --yes, start-up included',
      [cli, 'apply', '--yes', '--manifest', manifest, '--store', `file:${store}`],
    ],
  ];
  const portal = await startPortal({});
  const results = ways.map(() => []);
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, [, args]] of ways.entries()) {
        rmSync(store, { recursive: true, force: true });
        await portal.reset(latencyMs);
        const wallMs = await install(args, portal);
        const rows = await portal.rows();
        if (rows !== handlers) throw new Error(`the portal holds ${rows} handlers instead of ${handlers}`);
        results[index].push({ wallMs, requests: await portal.requests() });
      }
    }
  } finally {
    await portal.stop();
  }
  report(ways, results);
}

/** An installer says itself how long it took, once loaded; for a command, its whole life counts. */
async function install(args, { env, ready }) {
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...env, BENCH_DOMAIN: ready.domain, BENCH_APPLICATION_TOKEN: ready.applicationToken },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const out = await text(child.stdout);
  const [code] = await closed;
  const wallMs = performance.now() - started;
  if (code !== 0) throw new Error(`'node ${args.join(' ')}' ended with ${code}\n${out}`);
  return args[0] === installer ? JSON.parse(out).wallMs : wallMs;
}

function report(ways, results) {
  const wall = results.map((runs) => median(runs.map(({ wallMs }) => wallMs)));
  const requests = results.map((runs) => median(runs.map((run) => run.requests)));
  printTable(`Installing ${handlers} handlers at ${latencyMs} ms latency, median of ${rounds}`, [
    ['how', 'requests', 'fewer', 'ms', 'faster', ''],
    ...ways.map(([name], index) => {
      const ratio = requests[0] / requests[index];
      return [
        name,
        String(requests[index]),
        `${ratio.toFixed(1)}×`,
        wall[index].toFixed(0),
        `${(wall[0] / wall[index]).toFixed(1)}×`,
        index === 0 ? '' : `aim ≥ ${aimedRatio}× fewer: ${ratio >= aimedRatio ? 'met' : 'missed'}`,
      ];
    }),
  ]);
}
