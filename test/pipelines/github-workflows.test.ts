/** The example workflows for GitHub, job by job: real git, the action as it stands, a portal whose tokens expire in between. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { anEmulator, manifestText } from '../cli/cli.ts';
import { aMachine, type Env, type Machine, yamlOf } from './files.ts';
import { type Github, aGithub, expanded, runAction, type Step } from './github.ts';

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

interface JobOptions {
  readonly secrets: Env;
  readonly event?: unknown;
  readonly github?: Github;
}

interface JobRun {
  readonly code: number;
  readonly log: string;
}

/** Each step after another; one that asks for it runs after a failure too. */
async function runJob(machine: Machine, file: string, name: string, options: JobOptions): Promise<JobRun> {
  const { jobs } = await yamlOf<Workflow>(`examples/github-actions/${file}`);
  const known = Object.fromEntries(Object.entries(options.secrets).map(([key, value]) => [`secrets.${key}`, value]));
  // A secret that nobody set is empty.
  const valueOf = (text: string) =>
    expanded(
      text.replace(/secrets\.\w+/, (path) => (path in known ? path : 'steps.unset')),
      known,
    );
  const valuesOf = (given: Readonly<Record<string, unknown>> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(given).map(([key, value]) => [key, valueOf(String(value))]));
  let code = 0;
  let log = '';
  for (const step of jobs[name]?.steps ?? []) {
    if ((code !== 0 && step.if !== 'always()') || step.uses?.startsWith('actions/') === true) continue;
    const env = valuesOf(step.env);
    const ran =
      step.run === undefined
        ? await runAction(machine, { inputs: valuesOf(step.with), ...options, env })
        : await machine.bash(step.run, { ...env, RUNNER_TEMP: machine.temporary });
    code ||= ran.code ?? -1;
    log += 'log' in ran ? ran.log : ran.out + ran.err;
  }
  return { code, log };
}

const key = { BITRIX_EVENTS_KEY: Buffer.alloc(32, 7).toString('base64') };
const full = 'bitrix-events.yml';
const branch = 'tokens-on-a-branch.yml';

it('a pull request is judged and gets its plan, the main branch applies it, and the weekly check finds it so', async () => {
  const [machine, emulator, github] = [await aMachine(), await anEmulator(), await aGithub()];
  await machine.write('bitrix-events.yaml', manifestText());
  const { BITRIX24_CLIENT_ID = '', BITRIX24_CLIENT_SECRET = '' } = emulator.toEnv();
  const secrets = { ...key, BITRIX24_CLIENT_ID, BITRIX24_CLIENT_SECRET, BITRIX_EVENTS_STORE: 'file:../store' };
  // The tokens are where they live already.
  await machine.bash('bitrix-events check || true', { ...emulator.toEnv(), ...secrets });

  expect(await runJob(machine, full, 'validate', { secrets: {} })).toMatchObject({ code: 0 });
  const event = { pull_request: { number: 7 } };
  expect(await runJob(machine, full, 'plan', { secrets, event, github })).toMatchObject({ code: 0 });
  expect(github.comments.map(({ body }) => body)).toEqual([expect.stringContaining('\n**3 changes**')]);
  expect(await runJob(machine, full, 'check', { secrets })).toMatchObject({ code: 2 });
  expect(await runJob(machine, full, 'apply', { secrets })).toMatchObject({ code: 0 });
  expect(emulator.rows).toHaveLength(3);
  expect(await runJob(machine, full, 'check', { secrets })).toMatchObject({ code: 0 });
});

interface Repository {
  readonly machine: Machine;
  readonly emulator: Emulator;
  /** What the secrets hold, and go on holding. */
  readonly secrets: Env;
  readonly checkOut: () => Promise<void>;
  readonly git: (command: string) => Promise<string>;
}

async function aRepository(): Promise<Repository> {
  const [machine, emulator] = [await aMachine(), await anEmulator()];
  const git = async (command: string) => (await machine.bash(`git -c init.defaultBranch=main ${command}`)).out;
  const remote = join(machine.temporary, 'remote.git');
  await git(`init --quiet --bare ${remote}`);
  await machine.write('bitrix-events.yaml', manifestText());
  await machine.write('package.json', '{}\n');
  const identity = '-c user.name=a -c user.email=a@example.com';
  await git(`init --quiet && git add . && git ${identity} commit --quiet -m First`);
  await git(`push --quiet ${remote} HEAD:refs/heads/main`);
  const checkOut = async () => {
    await machine.bash('find . -mindepth 1 -delete; rm -f "$TMPDIR"/tokens-index*');
    await git(`clone --quiet ${remote} .`);
  };
  return { machine, emulator, secrets: { ...key, ...emulator.toEnv() }, checkOut, git };
}

const kept = 'origin/bitrix-events-tokens';

it('tokens that were renewed are on their branch for the next run, though the check found drift', async () => {
  const { machine, emulator, secrets, checkOut, git } = await aRepository();
  const runs: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    await checkOut();
    // The pair in the secrets works for the first run only.
    emulator.expireTokens();
    const { code, log } = await runJob(machine, branch, 'check', { secrets });
    expect(log.includes('Nothing is kept yet')).toBe(run === 0);
    runs.push(code);
  }
  expect(runs).toEqual([2, 2, 2]);
  await git('fetch --quiet');
  const files = (await git(`ls-tree -r --name-only ${kept}`)).trim().split('\n');
  expect(files).toEqual([`${emulator.memberId}.json`]);
  expect(await git(`rev-list --count ${kept}`)).toBe('1\n');
  const record = await git(`show ${kept}:${files[0] ?? ''}`);
  const secretsInIt = [emulator.accessToken, emulator.refreshToken, '127.0.0.1'].filter((text) =>
    record.includes(text),
  );
  expect([record.startsWith('{'), secretsInIt]).toEqual([true, []]);
  expect(await git('status --porcelain')).toBe('');
});

it('the tokens on the branch are not lost with a run that fails, whether before they are fetched or after', async () => {
  const { machine, emulator, secrets, checkOut, git } = await aRepository();
  await checkOut();
  emulator.expireTokens();
  await runJob(machine, branch, 'check', { secrets });
  await git('fetch --quiet');
  const before = await git(`rev-parse ${kept}^{tree}`);
  expect(before).toMatch(/^[0-9a-f]{40}\n$/);

  await checkOut();
  await machine.write('bitrix-events.yaml', 'version: 1\n');
  expect(await runJob(machine, branch, 'check', { secrets })).toMatchObject({ code: 1 });
  await checkOut();
  await git('remote set-url origin /nowhere');
  expect(await runJob(machine, branch, 'check', { secrets })).toMatchObject({ code: 128 });

  await checkOut();
  expect(await git(`rev-parse ${kept}^{tree}`)).toBe(before);
  emulator.expireTokens();
  expect(await runJob(machine, branch, 'check', { secrets })).toMatchObject({ code: 2 });
});

it('without a key no token leaves the machine', async () => {
  const { machine, secrets, checkOut, git } = await aRepository();
  await checkOut();
  const { code, log } = await runJob(machine, branch, 'check', { secrets: { ...secrets, BITRIX_EVENTS_KEY: '' } });
  expect({ code, log }).toMatchObject({ code: 1, log: expect.stringContaining('[invalid-key]') });
  expect(await git('ls-remote origin')).not.toContain('bitrix-events-tokens');
});
