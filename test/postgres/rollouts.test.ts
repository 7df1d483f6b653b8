/** The gate of a rollout, over a real database: what may be begun, by many at once, and what stops it. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import type { ItemState } from '../../src/core/rollout.ts';
import type { NewRollout, RolloutTask, Wave } from '../../src/core/rollout-standing.ts';
import { openDatabase } from '../../src/postgres/database.ts';
import { openPostgresStore } from '../../src/postgres/postgres-store.ts';
import { openRollouts, type Rollouts } from '../../src/postgres/rollouts.ts';
import { parseKeys } from '../../src/records/keys.ts';
import { reencryptStore } from '../../src/records/reencrypt.ts';
import { aManifest } from '../support/build.ts';
import { aDatabase, runSql } from '../support/postgres.ts';

interface Place {
  readonly url: string;
  readonly rollouts: Rollouts;
  /** Milliseconds since 1970, which the test moves. */
  now: number;
}

async function aPlace(): Promise<Place> {
  const url = await aDatabase();
  const database = openDatabase(url, 'test');
  onTestFinished(() => database.close());
  const place: Place = { url, now: Date.UTC(2026, 0, 1), rollouts: openRollouts(database, { now: () => place.now }) };
  return place;
}

const task: RolloutTask = { verb: 'apply', manifest: aManifest({ bindings: [] }) };

const soft = (portals: number, tolerance = 0): Wave => ({ portals, tolerance, mode: 'soft' });
const strict = (portals: number, tolerance = 0): Wave => ({ portals, tolerance, mode: 'strict' });

function aRollout(waves: readonly Wave[], given: Partial<NewRollout> = {}): NewRollout {
  const size = waves.reduce((sum, { portals }) => sum + portals, 0);
  const portals = Array.from({ length: size }, (_, index) => ({
    memberId: `m${index + 1}`,
    domain: `m${index + 1}.example`,
  }));
  return { id: randomUUID(), origin: 'asked', task, portals, waves, bakeMs: 0, chosen: '*', by: 'a test', ...given };
}

/** Begins a portal and gives the claim, if it may. */
async function begun({ rollouts }: Place, rollout: string, memberId: string) {
  const claim = { rollout, memberId, claim: randomUUID() };
  return (await rollouts.begin(claim, 'a worker')) ? claim : undefined;
}

async function ended(place: Place, rollout: string, memberId: string, state: ItemState) {
  const claim = await begun(place, rollout, memberId);
  return claim && place.rollouts.end(claim, { state });
}

/** What the counters of a rollout say, and what its items say. */
async function counters({ url }: Place, id: string) {
  const [row] = await runSql(
    url,
    `SELECT running, unended, (SELECT count(*)::integer FROM bitrix_events.items WHERE rollout = $1 AND state = 'running') AS in_work,
       (SELECT count(*)::integer FROM bitrix_events.items, bitrix_events.rollouts AS r
        WHERE rollout = $1 AND r.id = $1 AND items.wave <= r.wave AND items.state IN ('pending', 'running')) AS open
     FROM bitrix_events.rollouts WHERE id = $1`,
    [id],
  );
  return row;
}

const standing = async ({ rollouts }: Place, id: string) => (await rollouts.find(id))[0];

describe('a portal is begun', () => {
  it('once, in the open wave alone, and again by nobody', async () => {
    const place = await aPlace();
    const { id, ...rest } = aRollout([soft(2), soft(1)]);
    await place.rollouts.create({ id, ...rest }, false);
    const first = await begun(place, id, 'm1');
    expect(first).toBeDefined();
    expect(await begun(place, id, 'm1')).toBeUndefined();
    expect(await begun(place, id, 'm3')).toBeUndefined();
    expect(await counters(place, id)).toMatchObject({ running: 1, in_work: 1, unended: 2 });
    // The same statement again, as when its answer was lost.
    expect(first && (await place.rollouts.begin(first, 'a worker'))).toBe(true);
    expect(await counters(place, id)).toMatchObject({ running: 1, in_work: 1 });
  });

  it('in a strict wave only while no more are in work than failures are left, and one', async () => {
    const place = await aPlace();
    const { id, ...rest } = aRollout([strict(10, 2), soft(1)]);
    await place.rollouts.create({ id, ...rest }, false);
    const claims = await Promise.all(Array.from({ length: 10 }, (_, index) => begun(place, id, `m${index + 1}`)));
    const [one, ...others] = claims.filter((claim) => claim !== undefined);
    expect(others).toHaveLength(2);
    expect(one && (await place.rollouts.end(one, { state: 'failed' }))).toEqual({
      state: 'running',
      room: 0,
      isWaveOver: false,
    });
    expect(others[0] && (await place.rollouts.end(others[0], { state: 'succeeded' }))).toEqual({
      state: 'running',
      room: 1,
      isWaveOver: false,
    });
  });

  it('never after one failure too many, whoever comes at the same moment', async () => {
    const place = await aPlace();
    const { id, ...rest } = aRollout([soft(40, 1), soft(1)]);
    await place.rollouts.create({ id, ...rest }, false);
    expect(await ended(place, id, 'm1', 'failed')).toMatchObject({ state: 'running' });
    expect(await ended(place, id, 'm2', 'dead')).toMatchObject({ state: 'running' });
    expect(await ended(place, id, 'm3', 'unknown')).toMatchObject({ state: 'paused' });
    const later = await Promise.all(Array.from({ length: 30 }, (_, index) => begun(place, id, `m${index + 4}`)));
    expect(later.filter((claim) => claim !== undefined)).toEqual([]);
    expect(await standing(place, id)).toMatchObject({ state: 'paused', reason: 'failures', failed: 2 });
  });

  it('not before its time', async () => {
    const place = await aPlace();
    const { id, ...rest } = aRollout([soft(4)], { spreadMs: 4_000 });
    await place.rollouts.create({ id, ...rest }, false);
    expect(await place.rollouts.waiting(10)).toEqual(['m1']);
    expect(await begun(place, id, 'm2')).toBeUndefined();
    place.now += 1_000;
    expect(await place.rollouts.waiting(10)).toEqual(['m1', 'm2']);
    expect(await begun(place, id, 'm2')).toBeDefined();
  });
});

test('whoever holds the lock takes a portal over, and the one before can end it no more', async () => {
  const place = await aPlace();
  const { id, ...rest } = aRollout([soft(2)]);
  await place.rollouts.create({ id, ...rest }, false);
  const dead = await begun(place, id, 'm1');
  expect(await place.rollouts.next('m1')).toMatchObject({ rollout: id, isBegun: true, rolloutState: 'running' });
  const claim = { rollout: id, memberId: 'm1', claim: randomUUID() };
  expect(await place.rollouts.takeOver(claim, 'another')).toBe(true);
  expect(dead && (await place.rollouts.end(dead, { state: 'failed' }))).toBeUndefined();
  expect(await place.rollouts.end(claim, { state: 'succeeded', verdict: 'converged', hasWritten: true })).toMatchObject(
    {
      state: 'running',
    },
  );
  expect(await standing(place, id)).toMatchObject({ counts: { succeeded: 1, pending: 1 }, hasWritten: true });
  expect(await place.rollouts.next('m1')).toBeUndefined();
});

test('the last portal of the last wave completes it, and that of another one lets it bake', async () => {
  const place = await aPlace();
  const { id, ...rest } = aRollout([soft(1), soft(1)], { bakeMs: 60_000 });
  await place.rollouts.create({ id, ...rest }, false);
  expect(await ended(place, id, 'm1', 'succeeded')).toMatchObject({ isWaveOver: true });
  expect(await place.rollouts.baked()).toEqual([]);
  expect((await standing(place, id))?.bakesUntil).toBe('2026-01-01T00:01:00.000Z');
  place.now += 60_000;
  const [wave] = await place.rollouts.baked();
  expect(wave).toEqual({ rollout: id, wave: 0, isLookedAt: true });
  expect(wave && (await Promise.all([1, 2, 3].map(() => place.rollouts.openNext(wave))))).toContain(true);
  expect(wave && (await place.rollouts.openNext(wave))).toBe(false);
  expect(await standing(place, id)).toMatchObject({ wave: 1, state: 'running' });
  expect(await ended(place, id, 'm2', 'succeeded')).toEqual({ state: 'completed', room: undefined, isWaveOver: false });
});

test('a portal that does not hold after its bake stops the rollout, and going on puts up with it', async () => {
  const place = await aPlace();
  const { id, ...rest } = aRollout([soft(2), soft(1)], { bakeMs: 1 });
  await place.rollouts.create({ id, ...rest }, false);
  for (const memberId of ['m1', 'm2']) await ended(place, id, memberId, 'succeeded');
  place.now += 1;
  await place.rollouts.notHeld(id, 'm2', { code: 'not-converged', message: 'gone again' });
  expect(await standing(place, id)).toMatchObject({
    state: 'paused',
    reason: 'not-held',
    counts: { succeeded: 1, failed: 1 },
  });
  expect(await place.rollouts.items(id, ['failed'], 10)).toMatchObject([
    { memberId: 'm2', problem: { message: 'gone again' } },
  ]);
  expect(await place.rollouts.resume(id)).toBe(true);
  expect(await place.rollouts.baked()).toHaveLength(1);
});

describe('a rollout', () => {
  it('over one that is open is refused, or takes its place, and what is in work may write no more', async () => {
    const place = await aPlace();
    const old = aRollout([soft(2)]);
    expect(await place.rollouts.create(old, false)).toBeUndefined();
    const claim = await begun(place, old.id, 'm1');
    const next = aRollout([soft(2)]);
    expect(await place.rollouts.create(next, false)).toBe(old.id);
    expect(await place.rollouts.find(next.id)).toEqual([]);
    expect(await place.rollouts.isOpen(old.id)).toBe(true);
    expect(await place.rollouts.create(next, true)).toBeUndefined();
    expect(await place.rollouts.isOpen(old.id)).toBe(false);
    expect(await standing(place, old.id)).toMatchObject({ state: 'superseded', counts: { running: 1, superseded: 1 } });
    expect(await begun(place, old.id, 'm2')).toBeUndefined();
    // The newer one comes first.
    expect(await place.rollouts.next('m1')).toMatchObject({ rollout: next.id });
    if (claim !== undefined) await place.rollouts.putBack(claim);
    expect(await standing(place, old.id)).toMatchObject({ counts: { superseded: 2 } });
  });

  it('is kept until twenty newer ones have come, with its portals', async () => {
    const place = await aPlace();
    const ids: string[] = [];
    for (let count = 0; count < 23; count += 1) {
      const { id, ...rest } = aRollout([soft(2)]);
      await place.rollouts.create({ id, ...rest }, true);
      ids.unshift(id);
    }
    expect((await place.rollouts.list(100)).map(({ id }) => id)).toEqual(ids.slice(0, 20));
    const [row] = await runSql(place.url, 'SELECT count(*)::integer AS items FROM bitrix_events.items');
    expect(row).toEqual({ items: 40 });
  });

  it('that is written down twice is there once, and of two at once one is there', async () => {
    const place = await aPlace();
    const one = aRollout([soft(1)]);
    expect(await Promise.all([place.rollouts.create(one, false), place.rollouts.create(one, false)])).toEqual([
      undefined,
      undefined,
    ]);
    await place.rollouts.cancel(one.id);
    const others = Array.from({ length: 5 }, () => aRollout([soft(1)], { origin: 'sweep' }));
    const answers = await Promise.all(others.map((other) => place.rollouts.create(other, false)));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
  });

  it('that is asked for takes the place of a sweep, and no sweep takes its place', async () => {
    const place = await aPlace();
    const sweep = aRollout([soft(2)], { origin: 'sweep' });
    await place.rollouts.create(sweep, false);
    const first = aRollout([soft(1)]);
    await place.rollouts.create(first, false);
    expect(await standing(place, sweep.id)).toMatchObject({ state: 'superseded', counts: { superseded: 2 } });
    for (const supersede of [false, true])
      expect(await place.rollouts.create(aRollout([soft(2)], { origin: 'sweep' }), supersede)).toBe(first.id);
    await ended(place, first.id, 'm1', 'failed');
    expect(await place.rollouts.create(aRollout([soft(2)], { origin: 'sweep' }), true)).toBe(first.id);
    expect(await standing(place, first.id)).toMatchObject({ state: 'paused' });
  });

  it('that is asked for at the moment at which a sweep begins is the one that is open', async () => {
    const place = await aPlace();
    for (let round = 0; round < 20; round += 1) {
      const asked = aRollout([soft(3)]);
      const sweeps = [1, 2].map(() => aRollout([soft(3)], { origin: 'sweep' }));
      const [answer] = await Promise.all([
        place.rollouts.create(asked, true),
        ...sweeps.map((sweep) => place.rollouts.create(sweep, true)),
      ]);
      expect(answer).toBeUndefined();
      const open = (await place.rollouts.list(100)).filter(({ state }) => state === 'running');
      expect(open.map(({ id }) => id)).toEqual([asked.id]);
    }
  });

  it('that is tried again takes the place of a sweep too', async () => {
    const place = await aPlace();
    const { id, ...rest } = aRollout([soft(2, 2)]);
    await place.rollouts.create({ id, ...rest }, false);
    await ended(place, id, 'm1', 'failed');
    await ended(place, id, 'm2', 'succeeded');
    const sweep = aRollout([soft(2)], { origin: 'sweep' });
    expect(await place.rollouts.create(sweep, false)).toBeUndefined();
    expect(await place.rollouts.retry(id, false)).toBe(1);
    expect(await standing(place, id)).toMatchObject({ state: 'running', counts: { pending: 1, succeeded: 1 } });
    expect(await standing(place, sweep.id)).toMatchObject({ state: 'superseded', counts: { superseded: 2 } });
  });

  it('that is paused goes on where it was; one that is cancelled does not', async () => {
    const place = await aPlace();
    const { id, ...rest } = aRollout([soft(3)]);
    await place.rollouts.create({ id, ...rest }, false);
    expect(await place.rollouts.pause(id, 'everybodys', 'the server is away')).toBe(true);
    expect(await place.rollouts.pause(id, 'asked')).toBe(false);
    expect(await begun(place, id, 'm1')).toBeUndefined();
    expect(await standing(place, id)).toMatchObject({ reason: 'everybodys', problem: 'the server is away' });
    expect(await place.rollouts.resume(id)).toBe(true);
    const claim = await begun(place, id, 'm1');
    expect(await place.rollouts.cancel(id)).toBe(true);
    expect(await place.rollouts.cancel(id)).toBe(false);
    expect(await place.rollouts.resume(id)).toBe(false);
    expect(claim && (await place.rollouts.end(claim, { state: 'succeeded' }))).toMatchObject({ state: 'cancelled' });
    expect(await standing(place, id)).toMatchObject({ state: 'cancelled', counts: { succeeded: 1, cancelled: 2 } });
  });

  it('is tried again where it has failed, unless a newer one has come', async () => {
    const place = await aPlace();
    const { id, ...rest } = aRollout([soft(3, 3)]);
    await place.rollouts.create({ id, ...rest }, false);
    await ended(place, id, 'm1', 'failed');
    await ended(place, id, 'm2', 'dead');
    expect(await ended(place, id, 'm3', 'succeeded')).toMatchObject({ state: 'completed' });
    expect(await place.rollouts.retry(id, false)).toBe(1);
    expect(await standing(place, id)).toMatchObject({
      state: 'running',
      counts: { pending: 1, dead: 1, succeeded: 1 },
    });
    expect(await ended(place, id, 'm1', 'succeeded')).toMatchObject({ state: 'completed' });
    expect(await place.rollouts.retry(id, true)).toBe(1);
    expect(await ended(place, id, 'm2', 'succeeded')).toMatchObject({ state: 'completed' });
    expect(await place.rollouts.retry(id, true)).toBe(0);
    expect(await standing(place, id)).toMatchObject({ state: 'completed' });
    await place.rollouts.create(aRollout([soft(1)]), false);
    expect(await place.rollouts.retry(id, true)).toBeUndefined();
  });

  it('keeps its manifest under the key, and gives it to who has it', async () => {
    const url = await aDatabase();
    const database = openDatabase(url, 'test');
    onTestFinished(() => database.close());
    const keys = parseKeys(Buffer.alloc(32, 7).toString('base64'));
    const rollout = aRollout([soft(1)], { task: { ...task, manifest: aManifest({ bindings: [], name: 'S3CRET' }) } });
    await openRollouts(database, { keys }).create(rollout, false);
    const [row] = await runSql(url, 'SELECT task FROM bitrix_events.rollouts');
    expect(row?.['task']).not.toContain('S3CRET');
    expect(await openRollouts(database, { keys }).task(rollout.id)).toEqual(rollout.task);
    await expect(openRollouts(database).task(rollout.id)).rejects.toMatchObject({ code: 'no-key' });
    const plain = aRollout([soft(1)]);
    await openRollouts(database).create(plain, true);
    const next = parseKeys(Buffer.alloc(32, 8).toString('base64'));
    const store = openPostgresStore(url, { keys: [...next, ...keys] });
    onTestFinished(() => store.close());
    await reencryptStore(store);
    for (const { id } of [rollout, plain])
      expect(await openRollouts(database, { keys: next }).task(id)).toEqual(id === rollout.id ? rollout.task : task);
  });
});

test('counters hold whatever many do at once', async () => {
  const place = await aPlace();
  const { id, ...rest } = aRollout([strict(12, 3), soft(28, 4)]);
  await place.rollouts.create({ id, ...rest }, false);
  const states: readonly ItemState[] = ['succeeded', 'succeeded', 'dead', 'failed', 'succeeded', 'unreviewed'];
  const seen: unknown[] = [];
  const hand = async (seed: number): Promise<void> => {
    for (let step = 0; step < 25; step += 1) {
      const memberId = `m${((seed * 7 + step * 3) % 40) + 1}`;
      const claim = await begun(place, id, memberId);
      if (claim !== undefined && step % 5 === 4) await place.rollouts.putBack(claim);
      else if (claim !== undefined)
        await place.rollouts.end(claim, { state: states[(seed + step) % states.length] ?? 'dead' });
      for (const wave of await place.rollouts.baked()) await place.rollouts.openNext(wave);
      if (step % 8 === 7) await place.rollouts.resume(id);
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6].map(hand));
  const now = await counters(place, id);
  seen.push(now);
  expect(now?.['running']).toBe(0);
  expect(now?.['unended']).toBe(now?.['open']);
});
