/** What runs without a server: the hook for pre-commit, the line for cron, the service and the timer for systemd. */
import { expect, it } from 'vitest';
import { anEmulator, manifestText } from '../cli/cli.ts';
import { aMachine, fileOf, yamlOf } from './files.ts';

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly language: string;
  readonly files: string;
  readonly pass_filenames: boolean;
}

it('the hook judges the manifest, without a variable it names and without a portal', async () => {
  const [hook] = await yamlOf<readonly Hook[]>('.pre-commit-hooks.yaml');
  expect(hook).toMatchObject({ id: 'bitrix-events', language: 'node', pass_filenames: false });
  const machine = await aMachine();
  await machine.write('bitrix-events.yaml', manifestText().replaceAll('https://app', 'https://${HOST}/app'));
  expect(await machine.bash(hook?.entry ?? '')).toMatchObject({ code: 0 });
  await machine.write('bitrix-events.yaml', 'version: 1\n');
  expect(await machine.bash(`${hook?.entry} --manifest bitrix-events.yaml`)).toMatchObject({ code: 1 });
});

it('the hook runs for every file that the search takes for a manifest, and for no other', async () => {
  const [hook] = await yamlOf<readonly Hook[]>('.pre-commit-hooks.yaml');
  const files = new RegExp(hook?.files ?? '');
  const names = [
    'bitrix-events.yaml',
    'app/bitrix-events.yml',
    'bitrix-events.json',
    '.bitrix-eventsrc',
    'package.json',
  ];
  expect(names.filter((name) => !files.test(name))).toEqual([]);
  expect(
    ['docs/bitrix-events.md', 'my-bitrix-events.yaml', '.bitrix-events/a.json'].filter((name) => files.test(name)),
  ).toEqual([]);
});

it('cron mails drift, and is silent otherwise', async () => {
  const lines = (await fileOf('examples/cron/crontab')).split('\n').filter((line) => /^[\d*]/.test(line));
  expect(lines).toHaveLength(1);
  const [, schedule, user, command = ''] = /^((?:\S+ ){4}\S+) (\S+) (.*)$/.exec(lines[0] ?? '') ?? [];
  expect([schedule, user, command.includes('%')]).toEqual(['23 5 * * 1', 'bitrix-events', false]);
  const [machine, emulator] = [await aMachine(), await anEmulator()];
  await machine.write('bitrix-events.yaml', manifestText(['OnTaskAdd']));
  const run = () => machine.bash(command.replace('/srv/app', machine.folder), emulator.toEnv());
  expect((await run()).out).toContain('Drift: ');
  await machine.bash('bitrix-events apply --yes', emulator.toEnv());
  expect(await run()).toEqual({ code: 0, out: '', err: '' });
});

it('the service runs one check where the manifest is and may write its store; the timer starts it once a week', async () => {
  const service = settingsOf(await fileOf('examples/cron/bitrix-events-check.service'));
  const timer = settingsOf(await fileOf('examples/cron/bitrix-events-check.timer'));
  expect(service).toMatchObject({
    Type: 'oneshot',
    WorkingDirectory: '/srv/app',
    ReadWritePaths: '/srv/app/.bitrix-events',
  });
  expect(timer).toMatchObject({ OnCalendar: 'Mon *-*-* 05:23', Persistent: 'true', WantedBy: 'timers.target' });
  const [machine, emulator] = [await aMachine(), await anEmulator()];
  await machine.write('bitrix-events.yaml', manifestText(['OnTaskAdd']));
  const command = service['ExecStart']?.replace('/usr/bin/', '') ?? '';
  expect(await machine.bash(command, emulator.toEnv())).toMatchObject({ code: 2 });
});

function settingsOf(unit: string): Readonly<Record<string, string>> {
  const lines = unit.split('\n').filter((line) => /^\w+=/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
