/** Portals install the application while forgeries pour in and the authorisation server is slow: how long they wait, and what it costs. */
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { at, post, startServer } from './installs.mjs';
import { printTable } from './measure.mjs';
import { startPortal } from './portal.mjs';

const connections = 200;
const lastsMs = 30_000;
const slowMs = 2_000;
const portals = 20;

export async function benchFlood(directory) {
  const manifest = join(directory, 'flood.json');
  const bindings = [{ event: 'ONCRMDEALADD', handler: 'https://app.example.com/b24' }];
  writeFileSync(manifest, JSON.stringify({ version: 1, bindings }));
  const portal = await startPortal({});
  const results = [];
  try {
    for (const isFlooded of [false, true]) {
      const store = `file:${join(directory, `flood-store-${isFlooded}`)}`;
      results.push(await measure(portal, ['--manifest', manifest, '--store', store], isFlooded));
    }
  } finally {
    await portal.stop();
  }
  report(results);
}

async function measure(portal, options, isFlooded) {
  await post(portal, 'reset');
  const members = [];
  for (let index = 0; index < portals; index += 1) members.push((await post(portal, 'add-portal')).memberId);
  await post(portal, 'fault', { kind: 'delay', portal: 'oauth', method: 'app.info', delayMs: slowMs, times: null });
  const server = await startServer(portal.env, options);
  const flood = isFlooded ? startFlood(server.url) : undefined;
  const over = sleep(isFlooded ? lastsMs : 0);
  const waits = [];
  for (const member of members) {
    // One after another while the flood lasts, and not all at its beginning.
    waits.push(install(portal, member, server.url));
    await sleep(isFlooded ? lastsMs / portals / 2 : 0);
  }
  const all = await Promise.all(waits);
  await over;
  const refused = await flood?.stop();
  return { waits: all.toSorted((a, b) => a - b), refused: refused ?? 0, ...(await server.stop()) };
}

async function install(portal, member, applicationUrl) {
  const started = performance.now();
  const { status } = await post(portal, 'install', { portal: member, kind: 'api-only', applicationUrl });
  if (status !== 200) throw new Error(`an installation was answered with ${status}`);
  return performance.now() - started;
}

/** Every connection sends one forgery after another, each of another portal and with another token. */
function startFlood(url) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let isOver = false;
  let sent = 0;
  const connection = async () => {
    while (!isOver) {
      sent += 1;
      const status = await forge(url, sent, agent);
      if (status !== 404) throw new Error(`a forgery was answered with ${status}`);
    }
  };
  const all = Promise.all(Array.from({ length: connections }, connection));
  return {
    async stop() {
      isOver = true;
      await all;
      agent.destroy();
      return sent;
    },
  };
}

function forge(url, index, agent) {
  const body = new URLSearchParams({
    event: 'ONAPPINSTALL',
    'auth[member_id]': index.toString(16).padStart(32, '0'),
    'auth[access_token]': `forged${index}`,
    'auth[refresh_token]': `forged${index}`,
    'auth[application_token]': 'forged',
  }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers }, (incoming) => {
      incoming.resume().on('end', () => resolve(incoming.statusCode));
    });
    outgoing.on('error', reject).end(body);
  });
}

function report(results) {
  printTable(`serve: ${portals} portals install, the authorisation server takes ${slowMs} ms for each token`, [
    ['meanwhile', 'installed', 'p50 ms', 'slowest ms', 'refused', 'CPU ms', 'peak MiB'],
    ...results.map(({ waits, refused, cpuMs, peakMiB }, index) => [
      index === 0 ? 'nothing' : `${connections} connections forge for ${lastsMs / 1000} s`,
      `${waits.length} of ${portals}`,
      at(waits, 0.5).toFixed(0),
      at(waits, 1).toFixed(0),
      String(refused),
      cpuMs.toFixed(0),
      peakMiB.toFixed(0),
    ]),
  ]);
}
