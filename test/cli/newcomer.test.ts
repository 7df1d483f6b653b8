/** The first quarter of an hour with nothing but the package: in an empty folder, as the package is installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { aCli, type Cli } from './cli.ts';
import { startProcess } from './run-process.ts';

const root = new URL('../../', import.meta.url);

test('install, emulator, init, plan, apply, check, and the commands of the pipeline that init writes', async () => {
  const app = await aCli();
  const env = { HOME: app.directory, npm_config_cache: join(app.directory, '.npm') };
  const bash = (script: string) => startProcess(app, ['bash', '-c', script], env).ended;
  await app.write('package.json', '{ "name": "newcomer", "private": true }\n');
  await bash(`cd '${root.pathname}' && npm pack --ignore-scripts --pack-destination '${app.directory}'`);
  expect(await bash('npm install --no-audit --no-fund ./bitrix-events-*.tgz')).toMatchObject({ code: 0 });
  const installed = JSON.parse(await app.read('package-lock.json')) as { packages: object };
  expect(Object.keys(installed.packages)).toEqual(['', 'node_modules/bitrix-events']);

  await startEmulator(app);
  expect(await bash('npx bitrix-events init --event OnCrmDealAdd --handler https://app.example/b24')).toMatchObject({
    code: 0,
  });
  expect(await bash('npx bitrix-events plan --detailed-exitcode')).toMatchObject({ code: 2 });
  expect(await bash('npx bitrix-events apply --yes')).toMatchObject({ code: 0 });
  expect(await bash('npx bitrix-events check')).toMatchObject({ code: 0 });

  expect(await bash('git init -q . && npx bitrix-events init --ci github')).toMatchObject({ code: 0 });
  const workflow = parse(await app.read('.github/workflows/bitrix-events.yml')) as Workflow;
  const runs = Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  const ours = runs.filter((run) => run.includes('npx bitrix-events'));
  expect(ours).toHaveLength(2);
  for (const run of ours) expect(await bash(run)).toMatchObject({ code: 0 });
});

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
}

/** Its variables stand in the folder's `.env` when it is ready. */
async function startEmulator({ directory }: Cli): Promise<void> {
  const program = join(directory, 'node_modules/bitrix-events/dist/cli.js');
  const argv = [program, 'emulator', '--port', '0', '--write-env', '.env'];
  const child = spawn(process.execPath, argv, { cwd: directory, stdio: 'ignore' });
  onTestFinished(async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  });
  const isReady = () =>
    access(join(directory, '.env')).then(
      () => true,
      () => false,
    );
  await expect.poll(isReady, { timeout: 60_000 }).toBe(true);
}
