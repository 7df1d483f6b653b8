/** The example of a fleet: its service is a worker, and its manifest goes out as its README says. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { document } from '../cli/cli.ts';
import { manyInDatabase } from '../cli/rollouts.ts';

const folder = join(import.meta.dirname, '..', '..', 'examples', 'fleet');

test('the service is a worker that carries out what the commands of its README roll out', async () => {
  const [manifest = '', service = '', readme = ''] = await Promise.all(
    ['bitrix-events.yaml', 'bitrix-events-worker@.service', 'README.md'].map((file) =>
      readFile(join(folder, file), 'utf8'),
    ),
  );
  const started = /^ExecStart=\/srv\/app\/node_modules\/\.bin\/bitrix-events worker (.*)$/m.exec(service)?.[1] ?? '';
  const lines = readme.split('\n').filter((line) => line.startsWith('bitrix-events '));
  expect(lines).toHaveLength(3);
  const { cli, portals, worker } = await manyInDatabase(3, manifest);
  const running = worker(...started.split(' '));
  for (const line of lines) {
    // Nobody waits half an hour here; and the first portals have other names.
    const words = line.replace('--bake 30m', '--bake 1s --yes').replace("'ours-*'", 'm0*').split(' ').slice(1);
    const isLast = words.includes('--watch');
    const ran = await cli.run(isLast ? [...words, '--format', 'json'] : words);
    expect(ran, line).toMatchObject({ code: 0 });
    if (isLast) expect(document(ran)).toMatchObject({ state: 'completed', counts: { succeeded: 3 }, waves: [{}, {}] });
  }
  const events = ['ONAPPUNINSTALL', 'ONCRMDEALADD', 'ONCRMDEALDELETE', 'ONCRMDEALUPDATE'];
  for (const { rows } of portals) expect(rows.map(({ event }) => event).sort()).toEqual(events);
  running.child.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 0 });
});
