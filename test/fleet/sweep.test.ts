/** Sweeps on a real database: when one is begun, over which portals and with what, and what comes of it. */
import { randomUUID } from 'node:crypto';
import { TestClock } from 'pg-boss';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Manifest } from '../../src/core/manifest.ts';
import type { NewRollout, RolloutStanding, RolloutTask } from '../../src/core/rollout-standing.ts';
import type { CareEvent } from '../../src/fleet/care-event.ts';
import { beginSweep, type SweepOptions, sweepOf } from '../../src/fleet/sweep.ts';
import { scheduleCare } from '../../src/fleet/worker-care.ts';
import { openQueue } from '../../src/postgres/queue.ts';
import { runSql } from '../support/postgres.ts';
import { dayMs, hourMs } from './cared-fleet.ts';
import { fleetManifest } from './fleet.ts';
import { aWorker, aWorkerFleet, isSettled, until, type WorkerFleet } from './workers.ts';

const week = 7 * dayMs;
const start = Date.UTC(2026, 0, 1);

async function aPlace(size: number): Promise<WorkerFleet> {
  const place = await aWorkerFleet(size);
  place.now = start;
  return place;
}

const idsOf = ({ portals }: WorkerFleet): readonly string[] => portals.map(({ memberId }) => memberId);

/** A rollout that somebody has asked for, each of its portals begun and ended as given. */
async function rolledOut(
  { rollouts }: WorkerFleet,
  manifest: Manifest,
  memberIds: readonly string[],
  given: Partial<NewRollout> & { readonly more?: Partial<RolloutTask>; readonly only?: number } = {},
): Promise<string> {
  const { more, only = memberIds.length, ...rest } = given;
  const id = randomUUID();
  await rollouts.create(
    {
      id,
      origin: 'asked',
      task: { verb: 'apply', manifest, ...more },
      portals: memberIds.map((memberId) => ({ memberId, domain: '' })),
      waves: [{ portals: memberIds.length, tolerance: memberIds.length, mode: 'soft' }],
      bakeMs: 0,
      chosen: '*',
      by: 'a test',
      ...rest,
    },
    false,
  );
  for (const memberId of memberIds.slice(0, only)) {
    const claim = { rollout: id, memberId, claim: randomUUID() };
    await rollouts.begin(claim, 'a test');
    await rollouts.end(claim, { state: 'succeeded' });
  }
  return id;
}

function sweepIn({ store, rollouts }: WorkerFleet, more: Partial<SweepOptions> = {}): SweepOptions {
  return { store, rollouts, intervalMs: week, heals: false, name: 'a test', ...more };
}

async function begun(options: SweepOptions): Promise<string> {
  const answer = await beginSweep(options);
  if (answer.kind !== 'begun') throw new Error(answer.kind);
  return answer.rollout;
}

const sweepsOf = ({ rollouts }: WorkerFleet): Promise<readonly RolloutStanding[]> => rollouts.list(100, 'sweep');

const itemsOf = async ({ rollouts }: WorkerFleet, id: string): Promise<readonly string[]> =>
  (await rollouts.items(id, ['pending'], 1_000)).map(({ memberId }) => memberId).sort();

describe('a sweep is begun', () => {
  test('when the last one is an interval old, and not before', async () => {
    const place = await aPlace(3);
    expect(await beginSweep(sweepIn(place))).toEqual({ kind: 'nothing-to-check' });
    await rolledOut(place, await fleetManifest('OnTaskAdd'), idsOf(place));
    const first = await begun(sweepIn(place));
    place.now = start + week - 1;
    expect(await beginSweep(sweepIn(place))).toEqual({ kind: 'not-due' });
    place.now = start + week;
    const second = await begun(sweepIn(place));
    expect((await sweepsOf(place)).map(({ id, state, counts }) => ({ id, state, counts }))).toEqual([
      { id: second, state: 'running', counts: { pending: 3 } },
      // What it had not come to by then.
      { id: first, state: 'superseded', counts: { superseded: 3 } },
    ]);
  });

  test('once, by however many processes at once, and by one that comes late once more not', async () => {
    const place = await aPlace(2);
    await rolledOut(place, await fleetManifest('OnTaskAdd'), idsOf(place));
    const late = await sweepOf(await place.rollouts.sweepFacts(week), sweepIn(place));
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => beginSweep(sweepIn(place))));
    const [sweep, ...others] = await sweepsOf(place);
    expect(others).toEqual([]);
    // Whoever comes when it is there finds that it is not time.
    for (const answer of answers)
      expect([{ kind: 'begun', rollout: sweep?.id, portals: 2 }, { kind: 'not-due' }]).toContainEqual(answer);
    place.now = start + week - 1;
    for (const memberId of idsOf(place)) {
      const claim = { rollout: sweep?.id ?? '', memberId, claim: randomUUID() };
      await place.rollouts.begin(claim, 'a test');
      await place.rollouts.end(claim, { state: 'succeeded' });
    }
    expect(late).toBeDefined();
    if (late !== undefined) await place.rollouts.create(late, true);
    expect(await sweepsOf(place)).toMatchObject([{ id: sweep?.id, state: 'completed', counts: { succeeded: 2 } }]);
  });

  test('not while a rollout is open that somebody asked for, which takes its place when it comes later', async () => {
    const place = await aPlace(2);
    await rolledOut(place, await fleetManifest('OnTaskAdd'), idsOf(place));
    const asked = await rolledOut(place, await fleetManifest('OnTaskAdd'), idsOf(place), { only: 1 });
    expect(await beginSweep(sweepIn(place))).toEqual({ kind: 'gives-way', rollout: asked });
    await place.rollouts.pause(asked, 'asked');
    expect(await beginSweep(sweepIn(place))).toEqual({ kind: 'gives-way', rollout: asked });
    await place.rollouts.cancel(asked);
    const sweep = await begun(sweepIn(place));
    await rolledOut(place, await fleetManifest('OnTaskUpdate'), idsOf(place));
    expect((await place.rollouts.find(sweep))[0]).toMatchObject({ state: 'superseded' });
  });

  test('anew where a silent server of authorisation had stopped it', async () => {
    const place = await aPlace(2);
    await rolledOut(place, await fleetManifest('OnTaskAdd'), idsOf(place));
    const rollout = await begun(sweepIn(place));
    await place.rollouts.pause(rollout, 'everybodys', 'no answer');
    expect(await beginSweep(sweepIn(place))).toEqual({ kind: 'resumed', rollout });
    // What somebody has stopped stays so.
    await place.rollouts.pause(rollout, 'asked');
    expect(await beginSweep(sweepIn(place))).toEqual({ kind: 'not-due' });
  });
});

describe('a sweep looks at', () => {
  test('the portals of the rollout, and those that were installed since', async () => {
    const place = await aPlace(4);
    const [one = '', two = '', ...later] = idsOf(place);
    await rolledOut(place, await fleetManifest('OnTaskAdd'), [one, two]);
    expect(await itemsOf(place, await begun(sweepIn(place)))).toEqual([one, two, ...later].sort());
  });

  test('none that a later rollout has begun, and none that the rollout did not mean', async () => {
    const place = await aPlace(5);
    const [one = '', two = '', three = '', four = '', five = ''] = idsOf(place);
    const whole = await rolledOut(place, await fleetManifest('OnTaskAdd'), idsOf(place));
    await rolledOut(place, await fleetManifest('OnTaskUpdate'), [one], { chosen: one });
    const stopped = await rolledOut(place, await fleetManifest('OnTaskDelete'), [two, three], { only: 1 });
    await place.rollouts.cancel(stopped);
    const sweep = await begun(sweepIn(place));
    expect(await itemsOf(place, sweep)).toEqual([three, four, five].sort());
    expect((await place.rollouts.task(sweep)).manifest).toEqual((await place.rollouts.task(whole)).manifest);
  });

  test('still none of them after many more rollouts, of which the oldest are forgotten otherwise', async () => {
    const place = await aPlace(3);
    const [one = '', two = '', three = ''] = idsOf(place);
    const [before, whole] = [
      await rolledOut(place, await fleetManifest('OnTaskAdd'), idsOf(place)),
      await rolledOut(place, await fleetManifest('OnTaskAdd'), idsOf(place)),
    ];
    await rolledOut(place, await fleetManifest('OnTaskUpdate'), [one], { chosen: one });
    for (let more = 0; more < 22; more += 1)
      await rolledOut(place, await fleetManifest('OnTaskUpdate'), [two], { chosen: two });
    expect(await place.rollouts.find(before)).toEqual([]);
    const sweep = await begun(sweepIn(place));
    expect(await itemsOf(place, sweep)).toEqual([three]);
    expect((await place.rollouts.task(sweep)).manifest).toEqual((await place.rollouts.task(whole)).manifest);
  });

  test('the portals that fit the globs, where no rollout was for all', async () => {
    const place = await aPlace(3);
    const [one = '', two = ''] = idsOf(place);
    await rolledOut(place, await fleetManifest('OnTaskAdd'), [one], { chosen: `${one},${two}` });
    expect(await itemsOf(place, await begun(sweepIn(place)))).toEqual([one, two].sort());
  });

  test('each of them at the same time of every interval, spread over all of it', async () => {
    const place = await aPlace(4);
    await rolledOut(place, await fleetManifest('OnTaskAdd'), idsOf(place));
    const times = async (): Promise<readonly (readonly [unknown, number])[]> => {
      const id = await begun(sweepIn(place));
      const rows = await runSql(
        place.url,
        'SELECT member_id, not_before FROM bitrix_events.items WHERE rollout = $1 ORDER BY position',
        [id],
      );
      return rows.map((row) => [row['member_id'], Number(row['not_before']) - (place.now ?? 0)]);
    };
    const first = await times();
    expect(first.map(([, ms]) => ms)).toEqual([0, week / 4, week / 2, (3 * week) / 4]);
    place.now = start + week;
    expect(await times()).toEqual(first);
  });

  test('what was asked for once and for all: no rebind again, and not only what was reviewed', async () => {
    const place = await aPlace(1);
    const manifest = await fleetManifest('OnTaskAdd');
    const more = { prune: 'all', rebind: ['ONTASKADD'], reviewed: ['a'], consent: { allowUnbind: 3 } } as const;
    await rolledOut(place, manifest, idsOf(place), { more });
    const kept = { manifest, prune: 'all', consent: { allowUnbind: 3 } };
    expect(await place.rollouts.task(await begun(sweepIn(place)))).toEqual({ verb: 'check', ...kept });
    place.now = start + week;
    expect(await place.rollouts.task(await begun(sweepIn(place, { heals: true })))).toEqual({ verb: 'apply', ...kept });
  });
});

describe('workers', () => {
  test('report what a sweep finds, portal after portal, and change nothing', async () => {
    const place = await aPlace(4);
    await rolledOut(place, await fleetManifest('OnTaskAdd'), idsOf(place));
    const [sound] = place.portals;
    sound?.addRow({ event: 'ONTASKADD', handler: 'https://app.example.com/b24' });
    await aWorker(place);
    const id = await begun(sweepIn(place));
    await until(place, id, ({ counts }) => counts.succeeded === 1);
    place.now = start + week / 2;
    await until(place, id, ({ counts }) => counts.succeeded === 3);
    place.now = start + week - 1;
    await until(place, id, isSettled);
    const attention = await place.rollouts.attention(id);
    expect(attention.map(({ memberId, verdict }) => [memberId, verdict])).toEqual(
      attention.map(({ memberId }) => [memberId, 'drift']),
    );
    expect(attention.map(({ memberId }) => memberId).sort()).toEqual(idsOf(place).slice(1).sort());
    expect(place.portals.flatMap(({ rows }) => rows)).toHaveLength(1);
    // One request each, and no token renewed.
    expect(place.emulator.requests.map(({ portal }) => portal).sort()).toEqual([...idsOf(place)].sort());
  });

  test('apply what a sweep finds where they are to heal, and stop at more failures than a rollout puts up with', async () => {
    const place = await aPlace(4);
    await rolledOut(place, await fleetManifest('OnTaskAdd'), idsOf(place));
    await aWorker(place, { concurrency: 1 });
    const id = await begun(sweepIn(place, { heals: true }));
    place.now = start + week - 1;
    expect(await until(place, id, isSettled)).toMatchObject({ state: 'completed', counts: { succeeded: 4 } });
    for (const { rows } of place.portals) expect(rows.map(({ event }) => event)).toEqual(['ONTASKADD']);

    for (const portal of place.portals) for (const row of portal.rows) portal.removeRow(row.id);
    place.emulator.fault({
      kind: 'command-error',
      method: 'event.bind',
      error: 'ERROR_CORE',
      description: 'No',
      times: Number.POSITIVE_INFINITY,
    });
    place.now = start + week;
    const next = await begun(sweepIn(place, { heals: true }));
    place.now = start + 2 * week - 1;
    expect(await until(place, next, isSettled)).toMatchObject({ state: 'paused', reason: 'failures' });
    // The interval after it begins anew.
    place.now = start + 2 * week;
    await begun(sweepIn(place, { heals: true }));
  });
});

describe('one cron', () => {
  /** Two processes that look after the same fleet, by a clock in the test's hand. */
  async function twoProcesses(place: WorkerFleet, said: CareEvent[]) {
    const clock = new TestClock(start);
    const problems: unknown[] = [];
    for (const name of ['one', 'two']) {
      const queue = await openQueue(place.url, {
        name,
        isWorker: true,
        clock,
        onProblem: (error) => problems.push(error),
      });
      onTestFinished(() => queue.stop());
      await scheduleCare({
        store: place.store as Parameters<typeof scheduleCare>[0]['store'],
        rollouts: place.rollouts,
        queue,
        world: { store: place.store, http: place.http, application: {} },
        name,
        sweep: { intervalMs: week, heals: false },
        now: () => clock.now(),
        onEvent: (event) => said.push(event),
        onProblem: (error) => problems.push(error),
        signal: new AbortController().signal,
      });
    }
    /** An hour, with whatever the cron makes somebody do in it. */
    const anHour = async (ms: number): Promise<void> => {
      place.now = ms;
      await clock.setTime(ms);
      for (let round = 0; round < 4; round += 1) {
        await clock.tick(20_000);
        await idle();
      }
    };
    const idle = async (): Promise<void> => {
      for (;;) {
        const [row] = await runSql(
          place.url,
          "SELECT count(*)::integer AS jobs FROM bitrix_events_queue.job WHERE name = 'sweep' AND state = 'active'",
        );
        if (row?.['jobs'] === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    return { anHour, problems };
  }

  const ranOf = async ({ url }: WorkerFleet): Promise<unknown> => {
    const [row] = await runSql(
      url,
      "SELECT count(*)::integer AS jobs FROM bitrix_events_queue.job WHERE name = 'sweep' AND state = 'completed'",
    );
    return row?.['jobs'];
  };

  test('and two schedulers make one sweep in each interval', async () => {
    const place = await aPlace(3);
    await rolledOut(place, await fleetManifest('OnTaskAdd'), idsOf(place));
    const said: CareEvent[] = [];
    const { anHour, problems } = await twoProcesses(place, said);
    for (const hours of [1, 2, 6 * 24 + 1, 7 * 24 + 1, 7 * 24 + 2]) await anHour(start + hours * hourMs + 17 * 60_000);
    expect(problems).toEqual([]);
    expect(await ranOf(place)).toBe(5);
    expect((await sweepsOf(place)).map(({ createdAt }) => createdAt.slice(0, 13))).toEqual([
      '2026-01-08T01',
      '2026-01-01T01',
    ]);
    expect(said.map(({ kind }) => kind)).toEqual(['sweep-begun', 'sweep-begun']);
  });

  test('says once that there is nothing to hold portals against', async () => {
    const place = await aPlace(1);
    const said: CareEvent[] = [];
    const { anHour } = await twoProcesses(place, said);
    for (let hour = 1; hour <= 4; hour += 1) await anHour(start + hour * hourMs + 17 * 60_000);
    expect(await ranOf(place)).toBe(4);
    expect(new Set(said.map(({ kind }) => kind))).toEqual(new Set(['nothing-to-check']));
    // By each process that found it.
    expect(said.length).toBeLessThanOrEqual(2);
  });
});
