/** The renewal of chains that nobody uses, by a clock in the test's hand: in time, once, and no other. */
import { describe, expect, test } from 'vitest';
import { renewIdle } from '../../src/fleet/renew-idle.ts';
import { changeInstallation } from '../../src/installation/change-installation.ts';
import { pacedHttp } from '../../src/portal/paced-http.ts';
import type { InspectableStore } from '../../src/records/inspectable-store.ts';
import { type CaredFleet, caredFleet, dayMs, stores } from './cared-fleet.ts';

const kinds = Object.keys(stores) as (keyof typeof stores)[];

interface Told {
  readonly renewed: readonly string[];
  readonly failed: readonly (readonly [memberId: string, code: string])[];
}

/** What one process does on one day. */
async function aDay(
  fleet: CaredFleet,
  { store = fleet.store, refused = new Set<string>() }: { store?: InspectableStore; refused?: Set<string> } = {},
): Promise<Told> {
  const renewed: string[] = [];
  const failed: (readonly [string, string])[] = [];
  await renewIdle({
    store,
    world: fleet.worldOf(store),
    nowMs: fleet.clock.now,
    refused,
    onRenewed: ({ memberId }) => renewed.push(memberId),
    onFailed: ({ memberId }, { code }) => failed.push([memberId, code]),
    signal: new AbortController().signal,
  });
  return { renewed: renewed.sort(), failed };
}

describe.each(kinds)('in %s', (kind) => {
  test('a chain is renewed when nobody has used it for 150 days, and then not for another 150', async () => {
    const fleet = await caredFleet(2, kind);
    const { clock } = fleet;
    const renewedOn: (readonly [day: number, memberIds: readonly string[]])[] = [];
    for (let day = 0; day <= 330; day += 1) {
      // Somebody else has spoken to this one.
      if (day === 100) await fleet.store.write(fleet.recordOf(fleet.emulator.addPortal({ memberId: 'm02x' })));
      const { renewed, failed } = await aDay(fleet);
      expect(failed).toEqual([]);
      if (renewed.length > 0) renewedOn.push([day, renewed]);
      clock.now += dayMs;
    }
    expect(renewedOn).toEqual([
      [151, ['m01', 'm02']],
      [251, ['m02x']],
      [302, ['m01', 'm02']],
    ]);
    expect(fleet.granted()).toEqual(['m01', 'm01', 'm02', 'm02', 'm02x']);
  });

  test('three processes on the same day ask for each chain once, with a token that was never used', async () => {
    const fleet = await caredFleet(12, kind);
    fleet.clock.now += 160 * dayMs;
    const told = await Promise.all([1, 2, 3].map(() => aDay(fleet, { store: fleet.open() })));
    expect(fleet.granted()).toEqual(fleet.portals.map(({ memberId }) => memberId));
    expect(told.flatMap(({ renewed }) => renewed).sort()).toEqual(fleet.granted());
    expect(told.flatMap(({ failed }) => failed)).toEqual([]);
    // What is kept is what was granted.
    for (const { memberId, refreshToken } of fleet.portals)
      expect((await fleet.store.read(memberId))?.tokens.refreshToken).toBe(refreshToken);
  });

  test('each renewal waits for its turn at the server of authorisation', async () => {
    const fleet = await caredFleet(5, kind);
    fleet.clock.now += 160 * dayMs;
    const turns: string[] = [];
    const world = fleet.worldOf(fleet.store);
    const authorisationHttp = pacedHttp(world.http, {
      perSecond: 5,
      turns: (server) => Promise.resolve(turns.push(server)),
      sleep: () => Promise.resolve(),
    });
    expect((await aDay({ ...fleet, worldOf: () => ({ ...world, authorisationHttp }) })).renewed).toHaveLength(5);
    expect(turns).toEqual(Array.from({ length: 5 }, () => fleet.emulator.oauthUrl));
  });

  test('a chain that somebody uses while its turn comes is left alone', async () => {
    const fleet = await caredFleet(1, kind);
    fleet.clock.now += 160 * dayMs;
    const other = fleet.open();
    const release = await other.lock('m01', 'tokens');
    const day = aDay(fleet);
    // Granted to somebody else, who has the lock at the moment.
    const pair = fleet.portals[0]?.token(1);
    const known = await other.read('m01');
    if (known !== undefined && pair !== undefined)
      await other.write({ ...known, tokens: { ...pair, expires: fleet.clock.now / 1_000 + 3_600 } });
    await release();
    expect(await day).toEqual({ renewed: [], failed: [] });
    expect(fleet.granted()).toEqual([]);
    expect((await fleet.store.read('m01'))?.tokens.refreshToken).toBe(pair?.refreshToken);
  });

  test('a chain that is refused is told once, and one that is dead for sure is not asked for', async () => {
    const fleet = await caredFleet(3, kind);
    const { clock, portals, emulator } = fleet;
    portals[0]?.killRefreshChain();
    await changeInstallation(fleet.store, 'm03', (known) => known && { ...known, tokens: { accessToken: 'x' } });
    const refused = new Set<string>();
    clock.now += 155 * dayMs;
    expect(await aDay(fleet, { refused })).toEqual({ renewed: ['m02'], failed: [['m01', 'authorisation-lost']] });
    clock.now += dayMs;
    const asked = emulator.requests.length;
    expect(await aDay(fleet, { refused })).toEqual({ renewed: [], failed: [] });
    clock.now += 30 * dayMs;
    expect(await aDay(fleet)).toEqual({ renewed: [], failed: [] });
    expect(emulator.requests).toHaveLength(asked);
  });

  test('a server of authorisation that gives no answer ends the day, and is asked about again on the next', async () => {
    const fleet = await caredFleet(8, kind);
    const refused = new Set<string>();
    fleet.clock.now += 151 * dayMs;
    const fault = fleet.emulator.fault({ kind: 'reset', method: 'oauth/token', when: 'before', times: 100 });
    await expect(aDay(fleet, { refused })).rejects.toMatchObject({ at: 'authorisation-server' });
    fault.remove();
    fleet.clock.now += dayMs;
    expect((await aDay(fleet, { refused })).renewed).toHaveLength(8);
  });
});
