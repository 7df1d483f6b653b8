/** Several real processes on one database: one refresh for all of them, and no package where nobody has a database. */
import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/connect.ts';
import { aCli, aPortal } from '../cli/cli.ts';
import { start } from '../faults/process.ts';
import { aDatabase, runSql } from '../support/postgres.ts';
import { aStore } from './place.ts';

const grants = (emulator: { readonly requests: readonly { readonly method: string }[] }) =>
  emulator.requests.filter(({ method }) => method === 'oauth/token');

test('of several processes that find the token expired one refreshes it, and all of them go on', async () => {
  const [cli, emulator] = await aPortal();
  const env = { ...emulator.toEnv(), BITRIX_EVENTS_STORE: await aDatabase() };
  expect(await start(cli.directory, env, 'apply', '--yes').ended).toMatchObject({ code: 0, err: '' });
  emulator.expireTokens();
  const before = grants(emulator).length;
  const all = Array.from({ length: 4 }, () => start(cli.directory, env, 'check'));
  expect(await Promise.all(all.map(({ ended }) => ended))).toMatchObject(all.map(() => ({ code: 0, err: '' })));
  expect(grants(emulator).length - before).toBe(1);
});

test('a grant is kept although somebody else has changed the record meanwhile, and is asked for once', async () => {
  const [, emulator] = await aPortal();
  const url = await aDatabase();
  const store = aStore(url);
  let isDisturbed = false;
  const disturbed = {
    ...store,
    async replace(...[memberId, known, next]: Parameters<typeof store.replace>) {
      if (known !== undefined && next?.tokens.accessToken !== known.tokens.accessToken && !isDisturbed) {
        isDisturbed = true;
        await runSql(url, 'UPDATE bitrix_events.installations SET version = version + 1000');
      }
      return store.replace(memberId, known, next);
    },
  };
  const { accessToken, refreshToken, clientEndpoint, clientId, clientSecret, oauthUrl, memberId } = emulator;
  const application = { clientId, clientSecret, oauthUrl };
  const portal = await connect({
    store: disturbed,
    credentials: { ...application, clientEndpoint, accessToken, refreshToken },
  });
  onTestFinished(() => portal.close());
  emulator.expireTokens();
  const before = grants(emulator).length;
  const token = await portal.accessToken(await portal.accessToken());
  expect([isDisturbed, grants(emulator).length - before]).toEqual([true, 1]);
  expect((await store.read(memberId))?.tokens.accessToken).toBe(token);
  expect(token).not.toBe(accessToken);
});

test('without the package a command says what to install, and those that need no database work', async () => {
  const cli = await aCli();
  await cp(fileURLToPath(new URL('../../dist', import.meta.url)), join(cli.directory, 'dist'), { recursive: true });
  await cli.write('package.json', '{"type":"module"}');
  const run = (...argv: readonly string[]): Promise<unknown> =>
    promisify(execFile)(process.execPath, [join(cli.directory, 'dist', 'cli.js'), ...argv], { cwd: cli.directory });
  expect(await run('store', 'list')).toEqual({ stdout: 'The store is empty.\n', stderr: '' });
  await expect(run('store', 'list', '--store', 'postgres://u:S3CRET@127.0.0.1:1/db')).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr:
      "Error: a store in PostgreSQL needs the package 'pg', which is not installed  [missing-package]\n" +
      '  Install it beside bitrix-events: npm install pg (npm install --global pg where bitrix-events is installed globally)\n',
  });
});
