/** Locks of a database between processes and connections: what ends them, and how their holder learns of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LockHolder } from '../../src/installation/store.ts';
import { aCli } from '../cli/cli.ts';
import { aDatabase, runSql } from '../support/postgres.ts';
import { aDatabasePlace, aStore, cutLockConnections, lockHolders as holders } from './place.ts';
import { aPooler } from './pooler.ts';

/** Holds a lock, and tells on request whether it still does. */
const program = `
import { openPostgresStore } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../dist/index.js')).href)};
const [url, silenceMs] = process.argv.slice(2);
const store = openPostgresStore(url, { command: 'holder', silenceMs: Number(silenceMs) });
const lock = await store.hold('b', 'apply');
console.log('held');
for await (const _ of process.stdin) console.log((await lock.isHeld()) ? 'held' : 'lost');
`;

interface Holder {
  readonly child: ChildProcess;
  readonly says: () => Promise<string>;
}

async function aHolder(url: string, silenceMs = 60_000): Promise<Holder> {
  const { directory } = await aCli();
  const script = join(directory, 'holder.mjs');
  await writeFile(script, program);
  const child = spawn(process.execPath, [script, url, String(silenceMs)], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const says = async (): Promise<string> => String((await lines.next()).value);
  expect(await says()).toBe('held');
  return { child, says };
}

describe('a lock in PostgreSQL', () => {
  test('of a killed process is free, and nobody is told of the dead', async () => {
    const url = await aDatabase();
    const { child } = await aHolder(url);
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    const told: LockHolder[] = [];
    const release = await aStore(url).lock('b', 'apply', { onWait: (holder) => told.push(holder) });
    await release();
    // The server may have needed a moment to notice.
    expect(told.length).toBeLessThanOrEqual(1);
  });

  test('of a stopped process goes to somebody else, and it learns so when it wakes up', async () => {
    const url = await aDatabase();
    const { child, says } = await aHolder(url, 3_000);
    child.kill('SIGSTOP');
    const told: string[] = [];
    const other = aStore(url);
    const mine = await other.hold('b', 'apply', { onWait: ({ owner }) => told.push(owner) });
    expect(told).toEqual([expect.stringMatching(/^holder, process \d+ on /)]);
    child.kill('SIGCONT');
    child.stdin?.write('?\n');
    expect(await says()).toBe('lost');
    expect(await mine.isHeld()).toBe(true);
    await mine.release();
    expect(await mine.isHeld()).toBe(false);
  });

  test('is kept by a process that does nothing: it does not fall silent', async () => {
    const url = await aDatabase();
    const { child, says } = await aHolder(url, 3_000);
    const seen = new Set<string>();
    while (seen.size < 3) {
      const [row] = await runSql(
        url,
        `SELECT state_change::text AS at FROM pg_stat_activity WHERE pid IN (${holders})`,
        ['advisory'],
      );
      seen.add(String(row?.['at']));
    }
    child.stdin?.write('?\n');
    expect(await says()).toBe('held');
  });

  test('is lost with its connection; giving it back is no error, and the next one comes over a new connection', async () => {
    const { url, open } = await aDatabasePlace();
    const store = open();
    const lost = await store.hold('b', 'apply');
    expect(await lost.isHeld()).toBe(true);
    expect(await cutLockConnections(url)).toBe(1);
    expect(await lost.isHeld()).toBe(false);
    const others = await open().hold('b', 'apply');
    await lost.release();
    await lost.release();
    expect(await others.isHeld()).toBe(true);
    await others.release();
    await (await store.lock('b', 'apply'))();
  });

  test('is waited for without holding up other locks, all of them on one connection', async () => {
    const { url, open } = await aDatabasePlace();
    const [store, other] = [open(), open()];
    const held = await other.lock('b', 'apply');
    let isIn = false;
    const waiting = store.lock('b', 'apply').then((release) => {
      isIn = true;
      return release;
    });
    const ids = Array.from({ length: 50 }, (_, index) => `c${index}`);
    const releases = await Promise.all(ids.map((memberId) => store.lock(memberId, 'apply')));
    expect(isIn).toBe(false);
    expect(await runSql(url, holders, ['advisory'])).toHaveLength(2);
    await Promise.all(releases.map((release) => release()));
    await held();
    await (await waiting)();
    expect(await runSql(url, holders, ['advisory'])).toEqual([]);
    expect(await runSql(url, 'SELECT * FROM bitrix_events.lock_holders')).toEqual([]);
  });

  test('with a note of somebody else than its holder is somebody’s by the name of the connection', async () => {
    const { url, open } = await aDatabasePlace();
    const release = await open({ command: 'first' }).lock('b', 'apply');
    await runSql(url, "UPDATE bitrix_events.lock_holders SET backend = 0, owner = 'dead'");
    const told: LockHolder[] = [];
    const late = { signal: AbortSignal.abort(), onWait: (holder: LockHolder) => told.push(holder) };
    await expect(open().lock('b', 'apply', late)).rejects.toMatchObject({ code: 'locked' });
    expect(told).toEqual([{ owner: 'first, locks', ageMs: 0 }]);
    await release();
  });

  test('is refused behind a pooler that gives each transaction another session, where reading works', async () => {
    const { url, open } = await aDatabasePlace();
    const pooled = aStore(await aPooler(url, 'transaction'));
    expect(await pooled.read('b')).toBeUndefined();
    const refused = { code: 'transaction-pooler', message: expect.not.stringContaining(new URL(url).password) };
    await expect(pooled.lock('b', 'apply')).rejects.toMatchObject(refused);
    await expect(pooled.lock('b', 'tokens')).rejects.toMatchObject(refused);
    await (await open().lock('b', 'apply'))();
  });

  test('holds behind a pooler that leaves everybody their session', async () => {
    const { url, open } = await aDatabasePlace();
    const pooled = aStore(await aPooler(url, 'session'), { command: 'pooled' });
    const held = await pooled.hold('b', 'apply');
    expect(await held.isHeld()).toBe(true);
    const late = open().lock('b', 'apply', { signal: AbortSignal.abort() });
    await expect(late).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining('by pooled, process '),
    });
    await held.release();
    await (await open().lock('b', 'apply'))();
  });
});
