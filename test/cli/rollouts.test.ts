/** Rollouts that workers carry out, by the command line: queued, followed, stopped, gone on with. */
import { expect, test } from 'vitest';
import { document } from './cli.ts';
import { manyInDatabase } from './rollouts.ts';

test('a rollout is queued, carried out by a worker that is another process, and ends as apply would', async () => {
  const { cli, portals, worker, emulator } = await manyInDatabase(6);
  const running = worker('--json');
  const ran = await cli.run('apply --all --yes --queue --wait --format json');
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' });
  expect(document(ran)).toMatchObject({ state: 'completed', counts: { succeeded: 6 }, written: true });
  for (const { rows } of portals) expect(rows.map(({ event }) => event)).toEqual(['ONTASKADD']);
  emulator.clearRequests();
  const again = await cli.run('apply --all --yes --queue --wait --format json');
  expect(document(again)).toMatchObject({ state: 'completed', counts: { succeeded: 6 }, written: false });
  expect(emulator.requests).toHaveLength(6);
  running.child.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 0 });
});
