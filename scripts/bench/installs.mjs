/** Many portals install the application at the same moment: how long each waits for its answer, and what the server needs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { cli, printTable, root } from './measure.mjs';
import { startPortal } from './portal.mjs';

const portals = 200;
const handlers = 10;

const usageReporter = new URL('report-usage.mjs', import.meta.url).href;

export async function benchInstalls(directory) {
  const bindings = Array.from({ length: handlers }, (_, index) => ({
    event: 'ONCRMDEALADD',
    handler: `https://app.example.com/b24/${index}`,
  }));
  const manifest = join(directory, 'installs.json');
  writeFileSync(manifest, JSON.stringify({ version: 1, bindings }));
  const portal = await startPortal({});
  const results = [];
  try {
    for (const mode of [[], ['--background']]) {
      const store = `file:${join(directory, `installs-store-${mode.length}`)}`;
      results.push(await measure(portal, ['--manifest', manifest, '--store', store, ...mode]));
    }
  } finally {
    await portal.stop();
  }
  report(results);
}

async function measure(portal, options) {
  await post(portal, 'reset');
  const members = [];
  for (let index = 0; index < portals; index += 1) members.push((await post(portal, 'add-portal')).memberId);
  const server = await startServer(portal.env, options);
  const waits = await Promise.all(
    members.map(async (member) => {
      const started = performance.now();
      const { status } = await post(portal, 'install', {
        portal: member,
        kind: 'api-only',
        applicationUrl: server.url,
      });
      if (status !== 200) throw new Error(`an installation was answered with ${status}`);
      return performance.now() - started;
    }),
  );
  // In the background the work goes on after the answers; the server ends when it is done.
  const usage = await server.stop();
  const bound = (await state(portal)).portals.slice(1).map(({ rows }) => rows.length);
  // One more row on each is the platform's own.
  if (bound.some((rows) => rows !== handlers + 1)) throw new Error('not every portal holds every handler');
  return { waits: waits.toSorted((a, b) => a - b), ...usage };
}

export async function post({ ready }, action, body = {}) {
  const answer = await fetch(`${ready.url}/_emulator/${action}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()).result;
}

async function state({ ready }) {
  return (await (await fetch(`${ready.url}/_emulator/state`)).json()).result;
}

export async function startServer(env, options) {
  const args = ['--import', usageReporter, cli, 'serve', '--port', '0', '--json', '--quiet', ...options];
  const started = performance.now();
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { url } = JSON.parse(line);
  const ready = performance.now();
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      const usage = JSON.parse(await text(child.stdio[3]));
      if (child.exitCode === null) await once(child, 'exit');
      if (child.exitCode !== 0) throw new Error(`serve ended with ${child.exitCode}`);
      return { ...usage, startMs: ready - started, allMs: performance.now() - ready };
    },
  };
}

/** @param waits sorted */
export function at(waits, share) {
  return waits[Math.min(waits.length - 1, Math.floor(waits.length * share))];
}

function report(results) {
  printTable(`serve: ${portals} portals install ${handlers} handlers at once`, [
    ['answered', 'p50 ms', 'p99 ms', 'all done ms', 'CPU ms', 'peak MiB'],
    ...results.map(({ waits, allMs, cpuMs, peakMiB }, index) => [
      index === 0 ? 'when it is bound' : 'at once (--background)',
      at(waits, 0.5).toFixed(0),
      at(waits, 0.99).toFixed(0),
      allMs.toFixed(0),
      cpuMs.toFixed(0),
      peakMiB.toFixed(0),
    ]),
  ]);
}
