/** The component for GitLab: what it is made of, and its job run with a portal and a merge request. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { anEmulator, manifestText } from '../cli/cli.ts';
import { aMachine, type Machine, yamlOf } from './files.ts';
import { aGitlab, type Gitlab, includedJobs, type JobRun, runJob } from './gitlab.ts';

interface World {
  readonly machine: Machine;
  readonly emulator: Emulator;
  readonly gitlab: Gitlab;
  readonly run: (inputs?: Readonly<Record<string, unknown>>, env?: Readonly<Record<string, string>>) => Promise<JobRun>;
}

async function aWorld(manifest = manifestText()): Promise<World> {
  const [machine, emulator, gitlab] = [await aMachine(), await anEmulator(), await aGitlab()];
  await machine.write('bitrix-events.yaml', manifest);
  const run: World['run'] = async (inputs = {}, env = emulator.toEnv()) => {
    const job = Object.values(includedJobs(inputs))[0];
    if (job === undefined) throw new Error('the component has no job');
    return runJob(machine, job, { ...env, ...gitlab.env });
  };
  return { machine, emulator, gitlab, run };
}

function firstLines({ notes }: Gitlab): readonly string[] {
  return notes.map(({ body }) => body.split('\n')[1] ?? '');
}

it('is one job, named and staged by its inputs, one at a time, that keeps its reports whatever happens', () => {
  const rules = [{ if: '$CI_PIPELINE_SOURCE == "schedule"' }];
  const jobs = includedJobs({ 'job-name': 'drift', stage: 'deploy', command: 'check', rules });
  expect(Object.keys(jobs)).toEqual(['drift']);
  expect(jobs['drift']).toMatchObject({
    stage: 'deploy',
    rules,
    resource_group: 'bitrix-events',
    artifacts: {
      when: 'always',
      paths: ['bitrix-events.md'],
      reports: { junit: 'bitrix-events.xml', codequality: 'bitrix-events-quality.json' },
    },
  });
});

it('the example includes it with inputs it has, in stages there are, under names of their own', async () => {
  interface Pipeline {
    readonly stages: readonly string[];
    readonly include: readonly { readonly component: string; readonly inputs: Readonly<Record<string, unknown>> }[];
  }
  const { stages, include } = await yamlOf<Pipeline>('examples/gitlab/.gitlab-ci.yml');
  const jobs = include.map(({ inputs }) => includedJobs(inputs));
  expect(jobs.flatMap((job) => Object.entries(job).map(([name, { stage }]) => `${stage} ${name}`))).toEqual([
    'test bitrix-events-plan',
    'deploy bitrix-events-apply',
    'test bitrix-events-check',
  ]);
  expect(stages).toEqual(['test', 'deploy']);
  expect(new Set(include.map(({ component }) => component.split('/').at(-1)?.split('@')[0]))).toEqual(
    new Set(['bitrix-events']),
  );
});

it('plans, leaves its reports, and keeps one note', async () => {
  const { machine, emulator, gitlab, run } = await aWorld();
  expect(await run()).toMatchObject({ code: 0 });
  expect(await run({ command: 'apply' })).toMatchObject({ code: 0 });
  gitlab.notes.unshift({ id: 90, author: { id: 2 }, body: gitlab.notes[0]?.body ?? '' });
  gitlab.notes.unshift({ id: 91, author: { id: 1 }, body: 'another note' });
  expect(await run({ command: 'check' })).toMatchObject({ code: 0 });
  expect(gitlab.writes).toEqual(['add', 'update 1', 'update 1']);
  expect(firstLines(gitlab).at(-1)).toMatch(/^\*\*In sync\*\*/);
  expect(emulator.rows).toHaveLength(3);
  expect(await machine.read('bitrix-events.xml')).toContain('<testsuites');
  expect(JSON.parse(await machine.read('bitrix-events-quality.json'))).toEqual([]);
});

it('drift fails the job, and is in the report and the note', async () => {
  const { machine, gitlab, run } = await aWorld();
  expect(await run({ command: 'check' })).toMatchObject({ code: 2 });
  expect(await machine.read('bitrix-events.xml')).toContain('<failure ');
  expect(firstLines(gitlab)).toEqual([expect.stringMatching(/^\*\*Drift\*\*/)]);
  expect(await run({ command: 'check', 'fail-on': 'unmanaged' })).toMatchObject({ code: 0 });
});

it('a broken manifest is in the code quality report, and takes the place of the plan though it knows no portal', async () => {
  const { machine, gitlab, run } = await aWorld();
  await run();
  await machine.write('bitrix-events.yaml', manifestText(['OnTaskAdd']).replace('https:', 'ftp:'));
  expect(await run({}, {})).toMatchObject({ code: 1 });
  expect(JSON.parse(await machine.read('bitrix-events-quality.json'))).toMatchObject([
    { check_name: 'bad-handler-url', location: { path: 'bitrix-events.yaml', lines: { begin: 3 } } },
  ]);
  expect(gitlab.writes).toEqual(['add', 'update 1']);
  expect(firstLines(gitlab)).toEqual([expect.stringMatching(/^\*\*Failed\*\*/)]);
});

it('two environments have a note each', async () => {
  const { gitlab, run } = await aWorld(manifestText(['OnTaskAdd'], 'environments: { staging: {}, production: {} }\n'));
  for (const environment of ['staging', 'production', 'staging']) await run({ environment });
  expect(gitlab.writes).toEqual(['add', 'add', 'update 1']);
});

it('changes-only begins with the first change, new writes each time, and off never', async () => {
  const { machine, gitlab, run } = await aWorld();
  await run({ command: 'apply', comment: 'off' });
  await run({ comment: 'changes-only' });
  expect(gitlab.writes).toEqual([]);
  await machine.write('bitrix-events.yaml', manifestText(['OnCrmDealAdd']));
  await run({ comment: 'changes-only' });
  await run({ comment: 'new' });
  expect(gitlab.writes).toEqual(['add', 'add']);
});

it('without a token, as from a fork, or with a server that fails, it says where the page is', async () => {
  const { machine, emulator, gitlab, run } = await aWorld();
  const page = 'What it would have said is bitrix-events.md among the artifacts of this job.\n';
  gitlab.status = 403;
  const failed = await run();
  expect([failed.code, failed.log]).toEqual([
    0,
    expect.stringContaining(`No note on the merge request: GitLab answers 403.\n${page}`),
  ]);
  await rm(join(machine.folder, 'bitrix-events.md'));
  const job = Object.values(includedJobs())[0];
  const bare = { ...emulator.toEnv(), ...gitlab.env, BITRIX_EVENTS_GITLAB_TOKEN: '' };
  const ran = job === undefined ? undefined : await runJob(machine, job, bare);
  expect([ran?.code, ran?.log]).toEqual([0, expect.stringContaining(`as is usual for one from a fork.\n${page}`)]);
  expect(await machine.read('bitrix-events.md')).toContain('**3 changes**');
});

it('hostile inputs are text, and run nothing', async () => {
  const bait = '$(touch pwned) `touch pwned` "; touch pwned; \' SCRIPT';
  const { machine, run } = await aWorld();
  await run({ manifest: bait, environment: bait, 'fail-on': bait, command: 'check' }, {});
  const words = (await machine.calls()).at(-1);
  expect(words?.slice(2)).toEqual([
    'check',
    `--manifest=${bait}`,
    `--environment=${bait}`,
    `--fail-on=${bait}`,
    '--output=markdown=bitrix-events.md',
    '--output=junit=bitrix-events.xml',
  ]);
  expect(await machine.bash('find . "$TMPDIR" -name pwned')).toEqual({ code: 0, out: '', err: '' });
});
