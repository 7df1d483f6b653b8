/** `serve --check-every` and `worker --check-every`: which times they take, and what a server finds while it serves. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { comesBetween, turnOf } from '../../src/core/interval.ts';
import { digest } from '../../src/reconcile/platform.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import { runSql } from '../support/postgres.ts';
import { aCli, anEmulator, manifestText } from './cli.ts';
import { manyInDatabase } from './rollouts.ts';

const dayMs = 86_400_000;

test.for(['serve', 'worker'])('%s: intervals are days, and healing is part of looking', async (command) => {
  const cli = await aCli({ BITRIX_EVENTS_STORE: 'postgres://127.0.0.1:1/x' });
  await cli.write('bitrix-events.yaml', manifestText());
  for (const interval of ['12h', '0d', '1h', '7', '151d']) {
    const { code, err } = await cli.run(`${command} --check-every ${interval}`);
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining('It takes days such as 7d, from 1d to 150d: who asks more often'),
    });
  }
  const { code, err } = await cli.run(`${command} --heal`);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('[fleet-options]') });
  expect(err).toContain('--check-every 7d --heal');
});

/** Member ids whose turn came in the last minutes, so that a server that has just begun looks at them. */
function dueNow(count: number): readonly string[] {
  const ids: string[] = [];
  const now = Date.now();
  for (let number = 1; ids.length < count; number += 1) {
    const id = `m${number}`;
    if (comesBetween(turnOf(id, dayMs, digest), dayMs, now - 150_000, now - 10_000)) ids.push(id);
  }
  return ids;
}

async function aServer(options: string) {
  const emulator = await anEmulator();
  const portals = dueNow(3).map((memberId) => emulator.addPortal({ memberId }));
  for (const portal of portals) portal.setSwitches({ leakyBucket: false });
  const idle = emulator.addPortal({ memberId: 'idle' });
  const { clientId, clientSecret, oauthUrl } = emulator;
  const cli = await aCli({
    BITRIX24_CLIENT_ID: clientId,
    BITRIX24_CLIENT_SECRET: clientSecret,
    BITRIX24_OAUTH_URL: oauthUrl,
  });
  await cli.write('bitrix-events.yaml', manifestText(['OnTaskAdd']));
  const store = openFileStore(join(cli.directory, '.bitrix-events'));
  for (const { memberId, clientEndpoint, accessToken, refreshToken } of [...portals, idle]) {
    const expires = (Date.now() - (memberId === 'idle' ? 155 * dayMs : 0)) / 1_000 + 3_600;
    await store.write({ memberId, clientEndpoint, clientId, tokens: { accessToken, refreshToken, expires } });
  }
  let err = '';
  let interrupt: () => void = () => undefined;
  let heard: () => void = () => undefined;
  const ended = cli.run(`serve --port 0 ${options}`, {
    world: {
      err: (text) => {
        err += text;
        heard();
      },
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => undefined;
      },
    },
  });
  const stop = (): typeof ended => {
    interrupt();
    return ended;
  };
  onTestFinished(async () => void (await stop()));
  const until = (text: string, times: number): Promise<void> =>
    new Promise((resolve) => {
      heard = () => {
        if (err.split(text).length > times) resolve();
      };
      heard();
    });
  return { emulator, portals, err: () => err, until, stop };
}

/** What is told of looking after portals, without when and how long. */
function entriesIn(err: string): readonly object[] {
  return err
    .split('\n')
    .filter((line) => /"what":"(?:check|renewal|healing)"/.test(line))
    .map((line) => {
      const { time: _, ...entry } = JSON.parse(line) as Readonly<Record<string, unknown>>;
      return entry;
    });
}

test('serve --check-every tells in its log what it finds, a line each, and renews what nobody has used', async () => {
  const { emulator, portals, err, until, stop } = await aServer('--check-every 1d --log-format json');
  await until('"drifted"', 3);
  await until('"renewed"', 1);
  expect((await stop()).code).toBe(0);
  const entries = entriesIn(err());
  expect(entries).toHaveLength(4);
  for (const { memberId, domain } of portals) {
    expect(entries).toContainEqual({
      level: 'warn',
      what: 'check',
      memberId,
      domain,
      outcome: 'drifted',
      changes: 1,
      hint: `Bring it back with apply --portal ${memberId}, or let --heal do it`,
    });
  }
  expect(entries).toContainEqual({
    level: 'info',
    what: 'renewal',
    outcome: 'renewed',
    portals: 1,
    message: 'their tokens had not been used for 150 days',
  });
  expect(portals.flatMap(({ rows }) => rows)).toEqual([]);
  expect(emulator.requests.filter(({ method }) => method === 'oauth/token')).toHaveLength(1);
});

test('serve --check-every --heal brings back what portals lack', async () => {
  const { portals, err, until, stop } = await aServer('--check-every 1d --heal --log-format json');
  await until('"healed"', 3);
  await stop();
  expect(portals.map(({ rows }) => rows.map(({ event }) => event))).toEqual([
    ['ONTASKADD'],
    ['ONTASKADD'],
    ['ONTASKADD'],
  ]);
  expect(entriesIn(err())).toMatchObject([1, 2, 3].map(() => ({ level: 'info', outcome: 'healed', changes: 1 })));
});

test('worker --check-every has one cron for sweeps and one for renewals beside its work', async () => {
  const many = await manyInDatabase(1);
  const { cli, url } = many;
  const running = many.worker('--check-every', '7d', '--heal');
  expect((await cli.run('apply --all --yes --queue --wait')).code).toBe(0);
  expect(await runSql(url, 'SELECT name, cron FROM bitrix_events_queue.schedule ORDER BY name')).toEqual([
    { name: 'renewal', cron: '41 3 * * *' },
    { name: 'sweep', cron: '17 * * * *' },
  ]);
  running.child.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 0 });
});
