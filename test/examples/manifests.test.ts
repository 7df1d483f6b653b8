/** Every example of a manifest is planned, applied, and then in sync, on a portal as it comes. */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { aCli, anEmulator } from '../cli/cli.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** What `apply` leaves on the portal: event, target, user. */
const expected: Readonly<Record<string, readonly string[]>> = {
  minimal: ['ONCRMDEALADD https://app.example.com/b24/crm 0', 'ONTASKADD https://app.example.com/b24/tasks 0'],
  'environments --environment staging': [
    'ONCRMDEALADD https://staging.example.com/b24/crm 0',
    'ONCRMDEALUPDATE https://staging.example.com/b24/crm 0',
  ],
  'environments --environment production': [
    'ONCRMDEALADD https://app.example.com/b24/crm 0',
    'ONCRMDEALUPDATE https://app.example.com/b24/crm 0',
  ],
  'offline-queue': [
    'ONCRMDEALUPDATE offline erp 0',
    'ONCRMCONTACTADD offline  0',
    'ONCRMCONTACTUPDATE offline  0',
    'ONOFFLINEEVENT https://app.example.com/b24/queue 0',
  ],
  'per-user': [
    'ONCRMDEALUPDATE https://app.example.com/b24/crm 0',
    'ONTASKADD https://app.example.com/b24/tasks 1',
    'ONTASKADD https://app.example.com/b24/tasks 15',
    'ONTASKUPDATE https://app.example.com/b24/tasks 1',
  ],
};

it.each(Object.keys(expected))('examples/%s', async (example) => {
  const [name = '', ...options] = example.split(' ');
  const file = join(root, 'examples', name, 'bitrix-events.yaml');
  const emulator = await anEmulator();
  const cli = await aCli(emulator.toEnv());
  // Beside an example it would stay there.
  const command = (verb: string): string[] => [
    ...verb.split(' '),
    '--manifest',
    file,
    '--store',
    'file:tokens',
    ...options,
  ];

  expect(await cli.run(command('plan --detailed-exitcode'))).toMatchObject({ code: 2 });
  expect(await cli.run(command('apply --yes'))).toMatchObject({ code: 0 });
  expect(
    emulator.rows.map((row) => `${row.event} ${row.offline ? `offline ${row.connector}` : row.handler} ${row.userId}`),
  ).toEqual(expected[example]);
  expect(await cli.run(command('check'))).toMatchObject({ code: 0 });
  emulator.clearRequests();
  expect(await cli.run(command('apply --yes'))).toMatchObject({ code: 0 });
  expect(emulator.requests).toHaveLength(1);
});

it('leaves no example of a manifest out', () => {
  const examples = join(root, 'examples');
  // Those that run a server are tested as servers.
  const folders = readdirSync(examples).filter(
    (name) => readdirSync(join(examples, name)).sort().join(' ') === 'README.md bitrix-events.yaml',
  );
  expect(new Set(Object.keys(expected).map((example) => example.split(' ')[0]))).toEqual(new Set(folders));
});
