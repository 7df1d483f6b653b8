/** Locks between real processes: one holder at a time, the dead are recovered, the living never. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, utimesSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LockHolder } from '../../src/installation/store.ts';
import { openFileStore } from '../../src/store/file-store.ts';

let parent: string;
let script: string;
let directory: string;
const children = new Set<ChildProcess>();

/** Holds the lock until killed, or runs through many short critical sections that overwrite each other if two ever overlap. */
const source = `
import { openFileStore } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/file-store.ts'))};
import { existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
const [directory, mode, counter, times] = process.argv.slice(2);
const store = openFileStore(directory, { command: 'holder' });
if (mode === 'hold') {
  await store.lock('b', 'apply');
  console.log('held');
  setInterval(() => {}, 1000);
} else if (mode === 'no-descriptors') {
  const release = await store.lock('b', 'apply');
  const failure = () => { for (;;) try { openSync('/dev/null'); } catch (error) { return error.code; } };
  const code = failure();
  await release();
  console.log(JSON.stringify([code, existsSync(directory + '/b.apply.lock')]));
  process.exit();
} else if (mode === 'no-space') {
  const failures = new Set();
  const fail = (error) => failures.add(error.code + ' ' + error.message.split(': ').at(-1));
  const handles = () => readdirSync('/dev/fd').length;
  const before = handles();
  for (let i = 0; i < 10; i++) {
    await store.lock('b', 'apply').catch(fail);
    await store.write(JSON.parse(counter)).catch(fail);
  }
  global.gc();
  await new Promise((done) => setTimeout(done, 10));
  console.log(JSON.stringify([[...failures], handles() - before]));
} else {
  for (let i = 0; i < Number(times); i++) {
    const release = await store.lock('b', 'apply');
    const count = Number(readFileSync(counter, 'utf8'));
    await new Promise((done) => setTimeout(done, 1));
    writeFileSync(counter, String(count + 1));
    if (mode === 'die') process.kill(process.pid, 'SIGKILL');
    await release();
  }
}
`;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'bitrix-events-lock-'));
  const entry = join(parent, 'entry.mjs');
  script = join(parent, 'lock.mjs');
  await writeFile(entry, source);
  const build = await rolldown({ input: entry, platform: 'node', logLevel: 'silent' });
  await build.write({ file: script, format: 'esm', codeSplitting: false });
  await build.close();
});
afterAll(() => rm(parent, { recursive: true, force: true }));
beforeEach(async () => {
  directory = await mkdtemp(join(parent, 'store-'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

function run(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [script, directory, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  return child;
}

/** Runs it under a limit that the system keeps, and gives what it prints. */
async function limited(limit: string, ...args: readonly string[]): Promise<unknown> {
  const command = `ulimit ${limit}; exec "$@"`;
  const child = spawn('bash', ['-c', command, 'bash', process.execPath, '--expose-gc', script, directory, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  return json(child.stdout);
}

async function holder(): Promise<ChildProcess> {
  const child = run('hold');
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface(child.stdout)) if (line === 'held') break;
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

const lockFile = () => join(directory, 'b.apply.lock');
/** What there is of locks, and of claims to them. */
const lockFiles = async () => [
  ...(await readdir(directory)).filter((name) => !name.startsWith('.')),
  ...(await readdir(join(directory, '.tmp')).catch(() => [])),
];

/** As a process on another machine would have left it, its file last touched so long ago. */
async function foreignLock(silentForMs: number): Promise<void> {
  const record = {
    token: 't',
    pid: 1,
    host: 'elsewhere',
    idSpace: 'x',
    started: '1',
    command: 'apply',
    takenAtMs: 1_000_000,
  };
  const claim = `${lockFile()}.claim`;
  await writeFile(claim, JSON.stringify(record));
  const touched = new Date(Date.now() - silentForMs);
  await utimes(claim, touched, touched);
  await rename(claim, lockFile());
}

async function lockedMessage(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'UsageError', code: 'locked' });
  return error instanceof Error ? error.message : '';
}

describe('a lock', () => {
  it('is taken and given back without a trace', async () => {
    const release = await openFileStore(directory).lock('b', 'apply');
    expect(await lockFiles()).toEqual(['b.apply.lock']);
    await release();
    await release();
    expect(await lockFiles()).toEqual([]);
  });

  it('of another name or portal is another lock', async () => {
    const store = openFileStore(directory);
    const releases = [await store.lock('b', 'apply'), await store.lock('b', 'tokens'), await store.lock('c', 'apply')];
    for (const release of releases) await release();
    expect(await lockFiles()).toEqual([]);
  });

  it('makes a second process wait, tells it once for whom, and lets it in when it is free', async () => {
    const first = await openFileStore(directory, { command: 'apply', now: () => 5_000 }).lock('b', 'apply');
    const told: LockHolder[] = [];
    const second = openFileStore(directory, { now: () => 8_000 }).lock('b', 'apply', {
      onWait: (who) => {
        told.push(who);
        setTimeout(() => void first(), 200);
      },
    });
    await (await second)();
    expect(told).toEqual([{ owner: `apply, process ${process.pid} on ${hostname()}`, ageMs: 3_000 }]);
  });

  it('says who holds it and since when to whoever gives up waiting', async () => {
    const child = await holder();
    const abort = new AbortController();
    const now = () => 1_800_000_000_000;
    const store = openFileStore(directory, { now });
    const message = await lockedMessage(
      store.lock('b', 'apply', { signal: abort.signal, onWait: () => abort.abort() }),
    );
    const { takenAtMs } = JSON.parse(await readFile(lockFile(), 'utf8')) as { takenAtMs: number };
    const age = Math.max(0, now() - takenAtMs);
    expect(message).toBe(
      `portal 'b' is locked by holder, process ${child.pid} on ${hostname()}, since ${new Date(now() - age).toISOString()} (${Math.round(age / 1000)} s)`,
    );
    expect(await lockFiles()).toEqual(['b.apply.lock']);
  });

  it('tells for whom it would have waited also whoever has no time left', async () => {
    const release = await openFileStore(directory, { command: 'apply' }).lock('b', 'apply');
    const told: string[] = [];
    const options = { signal: AbortSignal.abort(), onWait: ({ owner }: LockHolder) => told.push(owner) };
    await lockedMessage(openFileStore(directory).lock('b', 'apply', options));
    expect(told).toEqual([`apply, process ${process.pid} on ${hostname()}`]);
    await release();
  });

  it('of a killed process is recovered at once', async () => {
    await kill(await holder());
    expect(await lockFiles()).toEqual(['b.apply.lock']);
    const waits: LockHolder[] = [];
    const release = await openFileStore(directory).lock('b', 'apply', { onWait: (who) => waits.push(who) });
    expect(waits).toEqual([]);
    await release();
    expect(await lockFiles()).toEqual([]);
  });

  it('of a process whose id was given to another one is recovered', async () => {
    await kill(await holder());
    const record = JSON.parse(await readFile(lockFile(), 'utf8')) as object;
    await writeFile(lockFile(), JSON.stringify({ ...record, pid: process.pid }));
    await (await openFileStore(directory).lock('b', 'apply'))();
    expect(await lockFiles()).toEqual([]);
  });

  it('of a killed process goes to one of many that find it at the same moment', async () => {
    await kill(await holder());
    const dead = await readFile(lockFile(), 'utf8');
    let inside = 0;
    let most = 0;
    for (let round = 0; round < 15; round++) {
      await writeFile(lockFile(), dead);
      const enter = async () => {
        const release = await openFileStore(directory, { random: () => 0 }).lock('b', 'apply');
        most = Math.max(most, ++inside);
        await new Promise((done) => setTimeout(done, 1));
        inside--;
        await release();
      };
      await Promise.all([enter(), enter(), enter(), enter()]);
    }
    expect(most).toBe(1);
    expect(await lockFiles()).toEqual([]);
  });

  it('is recovered although a recoverer died half-way', async () => {
    await kill(await holder());
    const dead = await readFile(lockFile(), 'utf8');
    await writeFile(`${lockFile()}.recovery`, dead);
    await (await openFileStore(directory).lock('b', 'apply'))();
    expect(await lockFiles()).toEqual([]);
  });

  it('of another machine holds while its file is touched', async () => {
    await foreignLock(30_000);
    const abort = AbortSignal.timeout(200);
    expect(await lockedMessage(openFileStore(directory).lock('b', 'apply', { signal: abort }))).toContain(
      'process 1 on elsewhere',
    );
  });

  it('of another machine is recovered when its file was not touched for a minute', async () => {
    await foreignLock(61_000);
    await (await openFileStore(directory).lock('b', 'apply'))();
    expect(await lockFiles()).toEqual([]);
  });

  it('whose file makes no sense is treated as that of another machine', async () => {
    await writeFile(lockFile(), '');
    expect(
      await lockedMessage(openFileStore(directory).lock('b', 'apply', { signal: AbortSignal.timeout(100) })),
    ).toContain('an unknown process');
    const touched = new Date(Date.now() - 61_000);
    await utimes(lockFile(), touched, touched);
    await (await openFileStore(directory).lock('b', 'apply'))();
  });

  it('of another machine whose clock is ahead is recovered when its file was the same for a minute', async () => {
    await foreignLock(-2 * 3_600_000);
    let nowMs = 0;
    const store = openFileStore(directory, { random: () => 0, monotonicNow: () => (nowMs += 20_000) });
    await (await store.lock('b', 'apply'))();
    expect(await lockFiles()).toEqual([]);
  });

  it('of another machine whose clock is ahead holds while its file is touched', async () => {
    await foreignLock(-2 * 3_600_000);
    const abort = new AbortController();
    let looks = 0;
    const monotonicNow = () => {
      looks += 1;
      utimesSync(lockFile(), 0, 4_000_000_000 + looks);
      if (looks === 10) abort.abort();
      return looks * 50_000;
    };
    const store = openFileStore(directory, { random: () => 0, monotonicNow });
    expect(await lockedMessage(store.lock('b', 'apply', { signal: abort.signal }))).toContain('process 1 on elsewhere');
  });

  it('is given back by a process that has no descriptor left', async () => {
    expect(await limited('-n 64', 'no-descriptors')).toEqual(['EMFILE', false]);
    expect(await lockFiles()).toEqual([]);
  });

  it('that cannot be taken, as the disk is full, leaves neither a file nor a handle, and the records as they are', async () => {
    const installation = {
      memberId: 'b',
      clientEndpoint: 'https://b.bitrix24.com/rest/',
      clientId: '',
      tokens: { accessToken: 'x' },
    };
    await openFileStore(directory).write(installation);
    const before = await readFile(join(directory, 'b.json'), 'utf8');
    const next = { ...installation, tokens: { accessToken: 'y' } };
    expect(await limited('-f 0', 'no-space', JSON.stringify(next))).toEqual([['unusable-store EFBIG'], 0]);
    expect(await lockFiles()).toEqual(['b.json']);
    expect(await readFile(join(directory, 'b.json'), 'utf8')).toBe(before);
  });

  it('leaves no empty .gitignore where the disk was full from the beginning', async () => {
    await limited('-f 0', 'no-space', JSON.stringify({ memberId: 'b' }));
    expect(existsSync(join(directory, '.gitignore'))).toBe(false);
  });

  it.each(['file', 'nothing'])(
    'that could not be given back, with %s in place of its folder, is given back later',
    async (stands) => {
      const release = await openFileStore(directory).lock('b', 'apply');
      const aside = `${directory}-aside`;
      await rename(directory, aside);
      if (stands === 'file') await writeFile(directory, '');
      await release();
      await release();
      await rm(directory, { force: true });
      await rename(aside, directory);
      await (await openFileStore(directory).lock('b', 'apply'))();
      expect(await lockFiles()).toEqual([]);
    },
  );

  it('that was taken over is not given back by its former holder', async () => {
    const former = await openFileStore(directory).lock('b', 'apply');
    await foreignLock(0);
    await former();
    expect(await lockFiles()).toEqual(['b.apply.lock']);
  });

  it('admits one process at a time, also while holders are being killed', async () => {
    const counter = join(parent, `counter-${Math.random()}`);
    await writeFile(counter, '0');
    // A dead lock lies there from the start, so that all of them race for the recovery first.
    await kill(await holder());
    const processes = [
      ...Array.from({ length: 4 }, () => run('count', counter, '40')),
      ...Array.from({ length: 4 }, () => run('die', counter, '1')),
    ];
    await Promise.all(processes.map((child) => once(child, 'exit')));
    expect(await readFile(counter, 'utf8')).toBe(String(4 * 40 + 4));
    await (await openFileStore(directory).lock('b', 'apply'))();
    expect(await lockFiles()).toEqual([]);
  });
});
