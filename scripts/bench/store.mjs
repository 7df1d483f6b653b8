/** A store of many installations against one of few: finding, opening and writing one of them; and a new key for all. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { aim, cli, environment, median, printTable, root, wallTime } from './measure.mjs';

const few = 10;
const many = 10_000;
const rewritten = 4_000;
const rounds = 200;
const atATime = 16;

export async function benchStore(directory) {
  const { openFileStore } = await import(new URL('../../dist/index.js', import.meta.url).href);
  const stores = [];
  for (const count of [few, many]) {
    const folder = join(directory, `store-${count}`);
    fill(folder, count);
    const store = openFileStore(folder);
    const builtMs = await timeOf(() => store.find(unknown));
    stores.push({ count, store, builtMs });
  }
  await reportWork(stores);
  await reportMisses(stores);
  await reportNewKey(directory);
}

const unknown = { domain: 'unknown.bitrix24.com' };

const memberOf = (index) => createHash('md5').update(`${index}`).digest('hex');
const domainOf = (index) => `portal-${index}.bitrix24.com`;
const seedOf = (index) => createHash('sha256').update(`${index}`).digest('hex');

function installation(index) {
  const token = createHash('sha512').update(`${index}`).digest('hex');
  return {
    memberId: memberOf(index),
    clientEndpoint: `https://${domainOf(index)}/rest/`,
    clientId: 'local.1',
    tokens: { accessToken: token.slice(0, 70), refreshToken: token.slice(-70), expires: 1_800_000_000 },
    applicationToken: token.slice(20, 52),
    seed: seedOf(index),
    scope: ['crm', 'task', 'user'],
    userId: 1,
    version: 1,
  };
}

/** Records as they lie there after a long life, without waiting for the disk. */
function fill(folder, count) {
  mkdirSync(folder, { mode: 0o700 });
  for (let index = 0; index < count; index += 1) {
    const record = { format: 'bitrix-events-installation', formatVersion: 1, ...installation(index) };
    writeFileSync(join(folder, `${record.memberId}.json`), `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  }
}

const jobs = {
  'open by member id': (store, index) => store.read(memberOf(index)),
  'open by domain': async (store, index) => opened(store, await store.find({ domain: domainOf(index) })),
  'open by token pair': async (store, index) => opened(store, await store.find({ seed: seedOf(index) })),
  'lock and release': async (store, index) => (await store.lock(memberOf(index), 'tokens'))(),
  'write (synced)': (store, index) => store.write(installation(index)),
  'refresh (lock, read, write)': async (store, index) => {
    const release = await store.lock(memberOf(index), 'tokens');
    await store.write({ ...(await store.read(memberOf(index))) });
    await release();
  },
};

function opened(store, memberIds) {
  if (memberIds.length !== 1) throw new Error(`found ${memberIds.length} installations`);
  return store.read(memberIds[0]);
}

async function timeOf(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function reportWork(stores) {
  const rows = [];
  for (const [name, job] of Object.entries(jobs)) {
    const times = stores.map(() => []);
    // In turn, so that whatever else the machine does hits both alike.
    for (let round = 0; round < rounds; round += 1) {
      for (const [place, { store, count }] of stores.entries()) {
        const index = (round * 7919) % count;
        times[place].push(await timeOf(() => job(store, index)));
      }
    }
    const [small, large] = times.map(median);
    rows.push([name, small.toFixed(3), large.toFixed(3), (large / small).toFixed(2), aim(large / small, 3, '×')]);
  }
  printTable('store: one of many installations in a folder, medians', [
    ['', `of ${few} ms`, `of ${many} ms`, 'ratio', ''],
    ...rows,
  ]);
}

async function reportMisses(stores) {
  const again = [];
  for (const { store } of stores) {
    // What was written moments ago counts as changed, and is read once more.
    await store.find(unknown);
    again.push(await timeOf(() => store.find(unknown)));
  }
  printTable('store: looking for what is not there', [
    ['', ...stores.map(({ count }) => `of ${count} ms`)],
    ['the first time (reads all)', ...stores.map(({ builtMs }) => builtMs.toFixed(1))],
    ['again (looks for what changed)', ...again.map((ms) => ms.toFixed(1))],
  ]);
}

async function reportNewKey(directory) {
  const [bare, folder] = ['store-bare', 'store-key'].map((name) => join(directory, name));
  for (const one of [bare, folder]) fill(one, rewritten);
  const bareMs = await timeOf(() => rewriteAll(bare));
  const run = () =>
    wallTime([cli, 'store', 'reencrypt', '--store', `file:${folder}`], {
      cwd: root,
      env: { ...environment, BITRIX_EVENTS_KEY: Buffer.alloc(32, 1).toString('base64') },
    });
  const allMs = run();
  const noneMs = run();
  const row = (name, ms) => [
    name,
    (ms / 1000).toFixed(1),
    (rewritten / (ms / 1000)).toFixed(0),
    (ms / bareMs).toFixed(2),
  ];
  printTable(`store: ${rewritten} records under a new key, ${atATime} at a time`, [
    ['', 'seconds', 'records/s', 'ratio'],
    row('write, fsync, rename, fsync the folder', bareMs),
    row('store reencrypt', allMs),
    row('store reencrypt again', noneMs),
  ]);
}

/** The least that replacing a record durably takes. */
async function rewriteAll(folder) {
  let next = 0;
  const text = 'x'.repeat(900);
  const worker = async () => {
    for (let index = next++; index < rewritten; index = next++) {
      const path = join(folder, `${memberOf(index)}.json`);
      const file = await open(`${path}.tmp`, 'wx');
      await file.writeFile(text);
      await file.sync();
      await file.close();
      await rename(`${path}.tmp`, path);
      const handle = await open(folder, 'r');
      await handle.sync();
      await handle.close();
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}
