/** Workers that are processes of their own, killed and stopped while they work: nobody writes where another one works, and every portal ends. */
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { type ManyInDatabase, manyInDatabase, queued } from '../cli/rollouts.ts';
import { document, manifestText } from '../cli/cli.ts';
import { openDatabase } from '../../src/postgres/database.ts';
import { openRollouts } from '../../src/postgres/rollouts.ts';
import type { RolloutStanding } from '../../src/core/rollout-standing.ts';

/** Waits until a rollout stands as wished; a minute and a half is more than a dead worker may hold anything up. */
async function until(
  url: string,
  id: string,
  isThere: (standing: RolloutStanding) => boolean,
): Promise<RolloutStanding> {
  const database = openDatabase(url, 'test');
  try {
    for (;;) {
      const [standing] = await openRollouts(database).find(id);
      if (standing !== undefined && isThere(standing)) return standing;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await database.close();
  }
}

const isOver = ({ state }: RolloutStanding): boolean => state !== 'running';

/** Every portal holds what the manifest asks for, once. */
function expectConverged({ portals }: ManyInDatabase, events: readonly string[]): void {
  for (const { rows } of portals) expect(rows.map(({ event }) => event).sort()).toEqual([...events].sort());
}

test('a worker killed after it has written and before it said so: its portal is taken over, and ends', async () => {
  const many = await manyInDatabase(1);
  const { cli, emulator, url, worker } = many;
  const first = worker();
  emulator.fault({
    kind: 'delay',
    delayMs: 1_000,
    when: 'after',
    skip: 1,
    onHit: () => void first.child.kill('SIGKILL'),
  });
  const id = await queued(cli);
  await first.ended;
  expect(await until(url, id, ({ counts }) => counts.running === 1)).toMatchObject({ state: 'running' });
  worker();
  expect(await until(url, id, isOver)).toMatchObject({ state: 'completed', counts: { succeeded: 1 } });
  expectConverged(many, ['ONTASKADD']);
});

test('a worker that stands still for longer than it may loses its portals, and writes nothing when it wakes up', async () => {
  const many = await manyInDatabase(1, manifestText(['OnTaskAdd']));
  const { cli, emulator, url, worker } = many;
  const asleep = worker();
  // Stopped while its reading is answered, before it has written.
  emulator.fault({ kind: 'delay', delayMs: 200, onHit: () => void asleep.child.kill('SIGSTOP') });
  const id = await queued(cli);
  await until(url, id, ({ counts }) => counts.running === 1);
  const awake = worker();
  expect(await until(url, id, isOver)).toMatchObject({ state: 'completed', counts: { succeeded: 1 } });
  const requests = emulator.requests.length;
  asleep.child.kill('SIGCONT');
  asleep.child.kill('SIGTERM');
  expect(await asleep.ended).toMatchObject({ code: 0 });
  const later = emulator.requests.slice(requests);
  expect(later.filter(({ commands = [] }) => commands.some(({ method }) => /^event\.(un)?bind$/.test(method)))).toEqual(
    [],
  );
  expectConverged(many, ['ONTASKADD']);
  awake.child.kill('SIGTERM');
  expect(await awake.ended).toMatchObject({ code: 0 });
});

test('workers killed at random while tokens are renewed: every portal ends, and no refresh token is used twice', async () => {
  const many = await manyInDatabase(60, manifestText(['OnTaskAdd', 'OnTaskUpdate']));
  const { cli, emulator, portals, url, worker } = many;
  for (const portal of portals) portal.expireTokens();
  const running = [worker('--auth-rate', '1000'), worker('--auth-rate', '1000')];
  const id = await queued(cli, 'apply --all --yes --queue --max-failures 100%');
  for (let kills = 0; kills < 4; kills += 1) {
    await until(url, id, (standing) => isOver(standing) || (standing.counts.succeeded ?? 0) >= (kills + 1) * 8);
    await new Promise((resolve) => setTimeout(resolve, randomInt(200)));
    running.shift()?.child.kill('SIGKILL');
    running.push(worker('--auth-rate', '1000'));
  }
  const standing = await until(url, id, isOver);
  expect(standing.counts.running ?? 0).toBe(0);
  // What no design can save: a kill between the server's grant and the write loses that chain, and it is said.
  const lost = standing.counts.dead ?? 0;
  expect((standing.counts.succeeded ?? 0) + lost).toBe(60);
  expect(lost).toBeLessThanOrEqual(4 * 10);
  // A token that was refreshed lives for an hour: a second grant would have spent the first one's.
  const grants = emulator.requests.flatMap(({ method, status, body }) =>
    method === 'oauth/token' && status === 200 ? [(body as { readonly member_id: string }).member_id] : [],
  );
  expect(new Set(grants).size).toBe(grants.length);
  expect(grants.length).toBe(60);
  const status = document(await cli.run(`rollout status ${id} --format json`));
  expect(status).toMatchObject({ state: standing.state, counts: standing.counts });
});
