/** One process that looks after its portals, by a clock in the test's hand: each in its turn, what is found told, and nothing else touched. */
import { describe, expect, test } from 'vitest';
import { turnOf } from '../../src/core/interval.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import { ManifestError } from '../../src/core/errors.ts';
import { careFor, type CheckEvery } from '../../src/fleet/care.ts';
import type { CareEvent } from '../../src/fleet/care-event.ts';
import { digest } from '../../src/reconcile/platform.ts';
import { type CaredFleet, caredFleet, dayMs, hourMs, stores } from './cared-fleet.ts';
import { fleetManifest, handler } from './fleet.ts';

const kinds = Object.keys(stores) as (keyof typeof stores)[];
const always = { times: Number.POSITIVE_INFINITY };
const refusing = {
  kind: 'command-error',
  method: 'event.bind',
  error: 'ERROR_CORE',
  description: 'No',
  ...always,
} as const;

interface Looking {
  readonly events: readonly CareEvent[];
  readonly problems: readonly unknown[];
  /** Goes on by so much time, an hour at a time. */
  go(ms: number): Promise<void>;
}

/** @param more instead of a look a day that changes nothing */
function lookAfter(fleet: CaredFleet, more: Partial<CheckEvery> & Pick<CheckEvery, 'manifest'>): Looking {
  const { clock, store } = fleet;
  const events: CareEvent[] = [];
  const problems: unknown[] = [];
  const care = careFor({
    store,
    world: fleet.worldOf(store),
    check: { intervalMs: dayMs, heals: false, ...more },
    concurrency: 1,
    sinceMs: clock.now,
    onEvent: (event) => events.push(event),
    onProblem: (error) => problems.push(error),
    signal: new AbortController().signal,
  });
  return {
    events,
    problems,
    async go(ms) {
      for (const end = clock.now + ms; clock.now < end; ) {
        clock.now += hourMs;
        await care.tick(clock.now);
      }
    },
  };
}

/** Portals whose tokens do not grow old. */
async function aFleet(size: number, kind: keyof typeof stores = 'a folder'): Promise<CaredFleet> {
  const fleet = await caredFleet(size, kind);
  fleet.clock.portals = fleet.clock.now;
  return fleet;
}

const wanting = (manifest: Manifest) => (): Promise<Manifest> => Promise.resolve(manifest);

const found = ({ events }: Looking): readonly (readonly [memberId: string, state: string, verdict: unknown])[] =>
  events
    .flatMap((event) => (event.kind === 'found' ? [event] : []))
    .map(({ portal, ending }) => [portal.memberId, ending.state, ending.verdict] as const);

const byName = <Row extends readonly [string, ...unknown[]]>(rows: readonly Row[]): readonly Row[] =>
  rows.toSorted(([a], [b]) => (a < b ? -1 : 1));

const boundOn = ({ portals }: CaredFleet): readonly string[] =>
  portals.map(({ rows }) => rows.map(({ event }) => event).join());

describe.each(kinds)('in %s', (kind) => {
  test('each portal is looked at when its turn comes, with one request, and of one that is well nothing is told', async () => {
    const fleet = await aFleet(8, kind);
    for (const portal of fleet.portals) portal.addRow({ event: 'ONTASKADD', handler });
    const looking = lookAfter(fleet, { manifest: wanting(await fleetManifest('OnTaskAdd')) });
    const wanted = fleet.portals.map(({ memberId }) => {
      const hour = Math.ceil((turnOf(memberId, dayMs, digest) + 1) / hourMs);
      return `${memberId} in hour ${hour}`;
    });
    for (let day = 0; day < 2; day += 1) {
      const seen: string[] = [];
      for (let hour = 1; hour <= 24; hour += 1) {
        fleet.emulator.clearRequests();
        await looking.go(hourMs);
        seen.push(...fleet.emulator.requests.map(({ portal }) => `${portal} in hour ${hour}`));
      }
      expect(seen.sort()).toEqual([...wanted].sort());
    }
    expect(new Set(wanted.map((text) => text.slice(4))).size).toBeGreaterThan(3);
    expect([looking.events, looking.problems]).toEqual([[], []]);
  });
});

test('what has drifted is told each time, and nothing is changed', async () => {
  const fleet = await aFleet(3);
  fleet.portals[1]?.addRow({ event: 'ONTASKADD', handler });
  const looking = lookAfter(fleet, { manifest: wanting(await fleetManifest('OnTaskAdd')) });
  await looking.go(dayMs);
  expect(byName(found(looking))).toEqual([
    ['m01', 'succeeded', 'drift'],
    ['m03', 'succeeded', 'drift'],
  ]);
  await looking.go(dayMs);
  expect(found(looking)).toHaveLength(4);
  expect(boundOn(fleet)).toEqual(['', 'ONTASKADD', '']);
});

test('where it is to heal, what has drifted is applied, told once, and well the next time', async () => {
  const fleet = await aFleet(3);
  fleet.portals[1]?.addRow({ event: 'ONTASKADD', handler });
  const looking = lookAfter(fleet, { heals: true, manifest: wanting(await fleetManifest('OnTaskAdd')) });
  await looking.go(3 * dayMs);
  expect(byName(found(looking))).toEqual([
    ['m01', 'succeeded', 'converged'],
    ['m03', 'succeeded', 'converged'],
  ]);
  expect(boundOn(fleet)).toEqual(['ONTASKADD', 'ONTASKADD', 'ONTASKADD']);
});

test('nothing more is applied after more failures than a rollout puts up with, until the next interval or another manifest', async () => {
  const fleet = await aFleet(40);
  const [first, second] = [await fleetManifest('OnTaskAdd'), await fleetManifest('OnTaskUpdate')];
  let manifest = first;
  const fault = fleet.emulator.fault(refusing);
  const tried = (): number =>
    new Set(
      fleet.emulator.requests
        .filter(({ commands = [] }) => commands.some(({ method }) => method === 'event.bind'))
        .map(({ portal }) => portal),
    ).size;
  const looking = lookAfter(fleet, { heals: true, manifest: () => Promise.resolve(manifest) });
  await looking.go(dayMs - hourMs);
  // Of 40, two are put up with.
  expect(tried()).toBe(3);
  expect(looking.events.filter(({ kind }) => kind === 'healing-stopped')).toEqual([
    { kind: 'healing-stopped', failed: 3, tolerance: 2 },
  ]);
  // The others are looked at all the same.
  expect(found(looking).length).toBeGreaterThan(30);
  expect(found(looking).filter(([, state]) => state === 'failed')).toHaveLength(3);

  await looking.go(hourMs);
  fleet.emulator.clearRequests();
  await looking.go(dayMs - hourMs);
  expect(tried()).toBe(3);

  manifest = second;
  fault.remove();
  await looking.go(2 * dayMs);
  expect(new Set(boundOn(fleet))).toEqual(new Set(['ONTASKUPDATE']));
});

test('a dead portal is told, and is no failure of healing', async () => {
  const fleet = await aFleet(2);
  await fleet.portals[0]?.uninstall();
  const looking = lookAfter(fleet, { heals: true, manifest: wanting(await fleetManifest('OnTaskAdd')) });
  await looking.go(2 * dayMs);
  expect(found(looking).filter(([memberId]) => memberId === 'm01')).toEqual([
    ['m01', 'dead', undefined],
    ['m01', 'dead', undefined],
  ]);
  expect(looking.events.map(({ kind }) => kind)).not.toContain('healing-stopped');
  expect(boundOn(fleet)[1]).toBe('ONTASKADD');
});

test('while the server of authorisation is silent that is told once, and all that was due is looked at after it', async () => {
  const fleet = await caredFleet(6, 'a folder');
  const looking = lookAfter(fleet, { manifest: wanting(await fleetManifest('OnTaskAdd')) });
  const fault = fleet.emulator.fault({ kind: 'reset', method: 'oauth/token', ...always });
  await looking.go(dayMs);
  expect(looking.problems).toMatchObject([{ at: 'authorisation-server' }]);
  expect(found(looking)).toEqual([]);
  fault.remove();
  await looking.go(hourMs);
  expect([...found(looking)].map(([memberId]) => memberId).sort()).toEqual(
    fleet.portals.map(({ memberId }) => memberId),
  );
});

test('a manifest that has become unreadable is told once, and portals are held against the last good one', async () => {
  const fleet = await aFleet(5);
  const good = await fleetManifest('OnTaskAdd');
  let isBroken = false;
  const manifest = (): Promise<Manifest> => (isBroken ? Promise.reject(new ManifestError([])) : Promise.resolve(good));
  const looking = lookAfter(fleet, { manifest });
  await looking.go(dayMs);
  isBroken = true;
  await looking.go(2 * dayMs);
  expect(looking.problems).toMatchObject([{ code: 'invalid-manifest' }]);
  expect(found(looking)).toHaveLength(15);
});

test('chains that nobody uses are renewed beside it, also where portals are not looked at', async () => {
  const fleet = await caredFleet(2, 'a folder');
  const { clock, store } = fleet;
  const events: CareEvent[] = [];
  const care = careFor({
    store,
    world: fleet.worldOf(store),
    sinceMs: clock.now,
    onEvent: (event) => events.push(event),
    onProblem: (error) => {
      throw error;
    },
    signal: new AbortController().signal,
  });
  for (let hour = 0; hour < 152 * 24; hour += 6) {
    clock.now += 6 * hourMs;
    await care.tick(clock.now);
  }
  expect(events).toEqual([{ kind: 'renewed', portals: 2 }]);
  expect(fleet.granted()).toEqual(['m01', 'm02']);
  expect(fleet.emulator.requests).toHaveLength(2);
});
