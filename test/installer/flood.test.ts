/** A flood of well-formed forgeries, while the authorisation server is slow: whoever is honest gets in, and nothing grows. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { anEmulator } from '../cli/cli.ts';
import { aServing, freshPortals, installOn, wellInstalled } from './serving.ts';

/** In full: 200 connections for 30 s, and a server that takes 2 s for each token. */
const isFull = inject('oneIn') === 1;
const { connections, lastsMs, slowMs, portals } = isFull
  ? { connections: 200, lastsMs: 30_000, slowMs: 2_000, portals: 20 }
  : { connections: 100, lastsMs: 5_000, slowMs: 200, portals: 10 };
const cap = 32;

interface Flood {
  /** Statuses, and how often each was given. */
  readonly answers: Map<number | string, number>;
  stop(): Promise<void>;
}

/** Every connection sends one forgery after another. Some name a portal that is installed, most an invented one. */
function flood(url: string, known: string): Flood {
  const answers = new Map<number | string, number>();
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let isOver = false;
  let sent = 0;
  async function connection(): Promise<void> {
    while (!isOver) {
      sent += 1;
      const status = await post(url, forgery(sent, known), agent);
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
  }
  const all = Promise.all(Array.from({ length: connections }, connection));
  return {
    answers,
    async stop() {
      isOver = true;
      await all;
      agent.destroy();
    },
  };
}

function forgery(index: number, known: string): string {
  const memberId = index % 4 === 0 ? known : index.toString(16).padStart(32, '0');
  return new URLSearchParams({
    event: 'ONAPPINSTALL',
    ts: '1800000000',
    'auth[member_id]': memberId,
    'auth[access_token]': `forged${index}`,
    'auth[refresh_token]': `forged${index}`,
    'auth[expires_in]': '3600',
    'auth[application_token]': 'forged',
    'auth[domain]': 'forged.bitrix24.com',
  }).toString();
}

function post(url: string, body: string, agent: Agent): Promise<number | string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) };
    const outgoing = request(url, { method: 'POST', agent, headers }, (incoming) => {
      incoming.resume().on('end', () => resolve(incoming.statusCode ?? 'none'));
    });
    outgoing.on('error', ({ message }) => resolve(message));
    outgoing.end(body);
  });
}

/** The most tokens the authorisation server has had in its hands at once. */
function watchVerifications(emulator: Emulator): { readonly most: number } {
  const verified = () => emulator.requests.filter(({ method }) => method === 'app.info').length;
  const before = verified();
  let begun = 0;
  const watch = { most: 0 };
  emulator.fault({
    kind: 'delay',
    portal: 'oauth',
    method: 'app.info',
    times: Number.POSITIVE_INFINITY,
    onHit() {
      begun += 1;
      watch.most = Math.max(watch.most, begun - (verified() - before));
      return sleep(slowMs);
    },
  });
  return watch;
}

test('honest installations all succeed during a flood, and afterwards the process is what it was', async () => {
  const emulator = await anEmulator();
  const serving = await aServing(emulator);
  const [known, ...fresh] = freshPortals(emulator, portals + 1);
  if (known === undefined) throw new Error('there is no portal');
  expect(await installOn(known, serving.url)).toEqual(wellInstalled);
  const before = await serving.usage();
  const watch = watchVerifications(emulator);

  const forgeries = flood(serving.url, known.memberId);
  const over = sleep(lastsMs);
  const honest = await Promise.all(fresh.map((portal) => installOn(portal, serving.url)));
  const again = await installOn(known, serving.url);
  const during = await serving.usage();
  await over;
  const late = await serving.usage();
  await forgeries.stop();

  expect(honest).toEqual(fresh.map(() => wellInstalled));
  expect(again).toEqual(wellInstalled);
  expect([...forgeries.answers.keys()]).toEqual([404]);
  expect(watch.most).toBe(cap);
  if (before !== undefined && during !== undefined && late !== undefined) {
    expect(late.residentMiB).toBeLessThan(during.residentMiB + 64);
    await expect
      .poll(async () => (await serving.usage())?.descriptors, { timeout: 30_000 })
      .toBeLessThanOrEqual(before.descriptors + 2);
  }
  expect(serving.err()).toBe('');
  expect(await serving.stop()).toBe(0);
});
