/** `check --all` over many portals in sync, beside bare undici asking each of them once; and from a database beside files. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aim, cli, environment, median, printTable, root, usage, wallTime } from './measure.mjs';

const sizes = [100, 1000, 10_000];
const rounds = 3;
const concurrency = 10;
/** In more room V8 leaves lying what nobody holds; what is kept shows where there is little. */
const littleRoom = ['--max-old-space-size=40', '--max-semi-space-size=4'];
const handler = 'https://app.example.com/b24';
const bareClient = fileURLToPath(new URL('bare-process.mjs', import.meta.url));
const databases = join(root, 'test', 'support', 'postgres-server.mjs');

export async function benchFleet(directory) {
  const measured = [];
  for (const size of sizes) {
    measured.push(await withFleet(directory, { size, name: String(size) }, (fleet) => besideBare(fleet)));
  }
  reportSpeed('all at one address', measured);
  reportGrowth(measured);
  // The whole of 127/8 is this machine only there.
  if (process.platform === 'linux') {
    const apart = { size: 2000, name: 'apart', isApart: true };
    reportSpeed('each at an address of its own', [await withFleet(directory, apart, (fleet) => besideBare(fleet))]);
  }
  reportStores(await withFleet(directory, { size: 2000, name: 'stores' }, besideDatabase));
}

/** A fleet that listens, and a project with a store that knows it. */
export async function withFleet(directory, { size, name, isApart = false, latencyMs = 0 }, work) {
  const emulator = await startFleet(size, isApart, latencyMs);
  try {
    const folder = join(directory, `fleet-${name}`);
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'bitrix-events.yaml'),
      `version: 1\nbindings:\n  - { event: ONTASKADD, handler: "${handler}" }\n`,
    );
    fill(join(folder, '.bitrix-events'), emulator);
    const env = {
      ...environment,
      BITRIX24_CLIENT_ID: emulator.clientId,
      BITRIX24_CLIENT_SECRET: emulator.clientSecret,
      BITRIX24_OAUTH_URL: emulator.oauthUrl,
    };
    const check = [cli, 'check', '--all', '--concurrency', String(concurrency)];
    return await work({ ...emulator, size, folder, check, options: { cwd: folder, env } });
  } finally {
    emulator.stop();
  }
}

async function besideBare(fleet) {
  const { size, folder, check, options } = fleet;
  await fleet.ask('what a client asks');
  usage(check, options);
  const { asked: params, requests } = await fleet.ask('log nothing');
  const list = join(folder, 'portals.json');
  writeFileSync(list, JSON.stringify({ portals: fleet.portals, params, concurrency }));
  const results = { bare: [], ours: [], inLittleRoom: [] };
  for (let round = 0; round < rounds; round += 1) {
    results.bare.push(await timed(fleet, [bareClient, list], options));
    results.ours.push(await timed(fleet, check, options));
    results.inLittleRoom.push(await timed(fleet, [...littleRoom, ...check], options));
  }
  return { size, requests: requests / size, ...results };
}

async function besideDatabase(fleet) {
  return withDatabase(async (database) => {
    wallTime([cli, 'store', 'copy', 'file:.bitrix-events', database], fleet.options);
    const results = { files: [], database: [] };
    for (let round = 0; round < rounds; round += 1) {
      results.files.push(await timed(fleet, fleet.check, fleet.options));
      results.database.push(await timed(fleet, [...fleet.check, '--store', database], fleet.options));
    }
    return { size: fleet.size, ...results };
  });
}

/** A server of PostgreSQL of its own, by its address. */
export async function withDatabase(work) {
  const server = spawn(process.execPath, [databases], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [address] = await once(server.stdout.setEncoding('utf8'), 'data');
    return await work(address.trim());
  } finally {
    server.stdin.end();
    await once(server, 'exit');
  }
}

async function timed(fleet, args, options) {
  const before = await fleet.ask('now');
  const started = performance.now();
  const used = usage(args, options);
  const wallMs = performance.now() - started;
  const after = await fleet.ask('now');
  return { ...used, wallMs, emulatorMs: after.cpuMs - before.cpuMs };
}

async function startFleet(count, isApart, latencyMs) {
  const child = fork(fileURLToPath(new URL('fleet-process.mjs', import.meta.url)), { env: environment });
  const ask = async (question) => {
    child.send(question);
    const [answer] = await once(child, 'message');
    return answer;
  };
  const host = isApart ? '0.0.0.0' : '127.0.0.1';
  const ready = await ask({ count, rows: [{ event: 'ONTASKADD', handler }], host, latencyMs });
  const addressed = ({ clientEndpoint, ...portal }, index) => {
    const own = isApart ? `127.${1 + (index >> 8)}.${index & 255}.1` : host;
    return { ...portal, clientEndpoint: clientEndpoint.replace(host, own) };
  };
  const oauthUrl = ready.oauthUrl.replace(host, '127.0.0.1');
  return { ...ready, oauthUrl, portals: ready.portals.map(addressed), ask, stop: () => child.kill() };
}

/** Records as they lie there after logins long ago. */
function fill(folder, { portals, clientId }) {
  mkdirSync(folder, { mode: 0o700 });
  for (const portal of portals) {
    const facts = { clientId, server: 'http://127.0.0.1', userId: 1, isAdmin: true };
    const record = { format: 'bitrix-events-installation', formatVersion: 1, ...portal, ...facts };
    writeFileSync(join(folder, `${portal.memberId}.json`), `${JSON.stringify(record)}\n`, { mode: 0o600 });
  }
}

const perSecond = ({ size }, runs) => size / (median(runs.map(({ wallMs }) => wallMs)) / 1000);
const share = (runs) => median(runs.map(({ emulatorMs, cpuMs }) => emulatorMs / (emulatorMs + cpuMs)));

function reportSpeed(where, measured) {
  printTable(`fleet: portals in sync, ${where}, ${concurrency} at a time, median of ${rounds}`, [
    ['portals', 'bare/s', 'check/s', 'ratio', 'emulator’s CPU, bare', 'check', 'requests a portal', ''],
    ...measured.map((one) => {
      const ratio = perSecond(one, one.ours) / perSecond(one, one.bare);
      return [
        String(one.size),
        perSecond(one, one.bare).toFixed(0),
        perSecond(one, one.ours).toFixed(0),
        ratio.toFixed(2),
        `${(share(one.bare) * 100).toFixed(0)} %`,
        `${(share(one.ours) * 100).toFixed(0)} %`,
        one.requests.toFixed(3),
        `aim ≥ 0.80: ${ratio >= 0.8 ? 'met' : 'missed'}`,
      ];
    }),
  ]);
}

function reportGrowth(measured) {
  const cpu = (runs) => median(runs.map(({ cpuMs }) => cpuMs));
  const peak = (runs) => median(runs.map(({ peakMiB }) => peakMiB));
  const [first] = measured;
  printTable('fleet: what check --all takes as portals grow, medians', [
    ['portals', 'CPU ms', 'µs a portal', 'bare µs', 'bare MiB', 'MiB', '', 'MiB in a heap of 40', ''],
    ...measured.map((one) => {
      const against = (runs, least) => {
        const factor = peak(runs) / peak(least);
        return one === first ? '' : `${factor.toFixed(2)}, ${aim(factor, 1.3, '×')}`;
      };
      const added = (runs, least) => ((cpu(runs) - cpu(least)) * 1000) / (one.size - first.size);
      return [
        String(one.size),
        cpu(one.ours).toFixed(0),
        one === first ? '' : added(one.ours, first.ours).toFixed(0),
        one === first ? '' : added(one.bare, first.bare).toFixed(0),
        peak(one.bare).toFixed(0),
        peak(one.ours).toFixed(0),
        against(one.ours, first.ours),
        peak(one.inLittleRoom).toFixed(0),
        against(one.inLittleRoom, first.inLittleRoom),
      ];
    }),
  ]);
}

function reportStores({ size, files, database }) {
  const row = (name, runs) => [
    name,
    perSecond({ size }, runs).toFixed(0),
    (perSecond({ size }, runs) / perSecond({ size }, files)).toFixed(2),
    median(runs.map(({ cpuMs }) => cpuMs)).toFixed(0),
  ];
  printTable(
    `fleet: check --all of ${size} portals from files and from PostgreSQL on this machine, median of ${rounds}`,
    [['', 'portals/s', 'ratio', 'CPU ms'], row('files', files), row('PostgreSQL', database)],
  );
}
