/** Locks between real processes: one holder at a time, the dead are recovered, the living never. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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
import { readFileSync, writeFileSync } from 'node:fs';
const [directory, mode, counter, times] = process.argv.slice(2);
const store = openFileStore(directory, { command: 'holder' });
if (mode === 'hold') {
  await store.lock('b', 'apply');
  console.log('held');
  setInterval(() => {}, 1000);
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
const lockFiles = async () => (await readdir(directory)).filter((name) => name !== '.gitignore');

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
  await writeFile(lockFile(), JSON.stringify(record));
  const touched = new Date(Date.now() - silentForMs);
  await utimes(lockFile(), touched, touched);
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
