/** The pipelines of `init --ci`: they are what their servers read, run what there is, and carry the encrypted tokens over. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { pipelineText, secretNames, type Service, services } from '../../src/cli/init/pipelines.ts';
import { aPortal } from './cli.ts';
import { createProgram } from '../../src/cli/program.ts';

const run = promisify(execFile);
const facts = { manifest: 'bitrix-events.yaml', isInstalled: true };

interface Step {
  readonly name?: string;
  readonly run?: string;
}

interface Workflow {
  readonly on: { readonly schedule: readonly { readonly cron: string }[] };
  readonly jobs: { readonly check: { readonly steps: readonly Step[]; readonly env: Record<string, string> } };
}

interface GitlabJob {
  readonly before_script: readonly string[];
  readonly after_script: readonly string[];
}

/** How a run fetches the tokens and how it keeps them. */
function scriptsOf(service: Service): readonly [fetch: string, keep: string] {
  const text = pipelineText(service, facts);
  if (service === 'gitlab') {
    const job = (parse(text) as Record<string, GitlabJob>)['bitrix-events-check'];
    return [job?.before_script.at(-1) ?? '', job?.after_script.at(-1) ?? ''];
  }
  const { steps } = (parse(text) as Workflow).jobs.check;
  const scriptOf = (name: string) => steps.find((step) => step.name === name)?.run ?? '';
  return [scriptOf('Fetch the tokens'), scriptOf('Keep the tokens')];
}

test.for(services)('%s: the commands in it can be parsed, installed or not', async (service) => {
  for (const isInstalled of [true, false]) {
    const text = pipelineText(service, { ...facts, isInstalled });
    const lines = [...text.matchAll(/(?:- |run: )npx (?:--yes )?bitrix-events(?:@[\d.]+)? (.+)/g)].map(
      ([, line]) => line,
    );
    expect(lines.map((line) => line?.split(' ')[0])).toEqual(['validate', 'check']);
    expect(text.includes('npm ci')).toBe(isInstalled);
    for (const line of lines) {
      const program = createProgram(() => Promise.resolve(), [], { out: () => {}, err: () => {} });
      await expect(program.parseAsync((line ?? '').split(' '), { from: 'user' })).resolves.toBeDefined();
    }
    for (const name of secretNames) expect(text).toContain(name);
  }
});

test.for(services)('%s: its commands do what they are there for', async (service) => {
  const [cli] = await aPortal();
  for (const [expected, arrange] of [
    [2, undefined],
    [0, 'apply --yes'],
  ] as const) {
    if (arrange !== undefined) await cli.run(arrange);
    const text = pipelineText(service, facts);
    const lines = [...text.matchAll(/npx bitrix-events (.+)/g)].map(([, line = '']) => line);
    const codes: number[] = [];
    for (const line of lines) codes.push((await cli.run(line)).code);
    expect(codes).toEqual([0, expected]);
  }
});

test('the workflow runs once a week, and not for strangers with the secrets', () => {
  const workflow = parse(pipelineText('github', facts)) as Workflow;
  expect(workflow.on.schedule).toEqual([{ cron: '23 5 * * 1' }]);
  expect(workflow.jobs.check).toMatchObject({ if: "github.event_name != 'pull_request'" });
});

test.skipIf(platform() === 'win32').for(services)('%s: what one run keeps, the next one finds', async (service) => {
  const root = await mkdtemp(join(tmpdir(), 'bitrix-events-pipeline-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const remote = join(root, 'remote.git');
  await run('git', ['init', '--quiet', '--bare', remote]);
  const [fetchTokens, keepTokens] = scriptsOf(service);
  const aRun = async (name: string) => {
    const cwd = join(root, name);
    await run('git', ['init', '--quiet', cwd]);
    const shell = (script: string, env: Record<string, string> = {}) =>
      run('bash', ['-ec', script], {
        cwd,
        env: { ...process.env, TOKENS_REMOTE: remote, BITRIX_EVENTS_KEY: 'a key', ...env },
      });
    return {
      store: join(cwd, '.bitrix-events'),
      fetch: (env?: Record<string, string>) => shell(fetchTokens, env),
      keep: () => shell(keepTokens),
      cwd,
    };
  };

  const first = await aRun('first');
  await first.fetch();
  await first.keep();
  await mkdir(join(first.store, '.index'), { recursive: true });
  await writeFile(join(first.store, '.gitignore'), '*\n');
  await writeFile(join(first.store, 'abc.json'), 'sealed');
  await first.keep();

  const second = await aRun('second');
  await second.fetch();
  expect(await readdir(second.store)).toEqual(['abc.json']);
  expect(await readFile(join(second.store, 'abc.json'), 'utf8')).toBe('sealed');
  expect((await stat(join(second.store, 'abc.json'))).mode & 0o777).toBe(0o600);
  await writeFile(join(second.store, 'abc.json'), 'renewed');
  await second.keep();
  // One commit without a past: a spent token has no use, and is not to be found there.
  expect((await run('git', ['-C', remote, 'rev-list', '--count', 'bitrix-events-tokens'])).stdout).toBe('1\n');
  expect((await run('git', ['-C', second.cwd, 'status', '--porcelain', '--', '.gitignore'])).stdout).toBe('');

  // Neither counts as a first run, whose tokens would be written over those that are kept.
  const unreachable = await aRun('unreachable');
  await expect(unreachable.fetch({ TOKENS_REMOTE: join(root, 'nowhere.git') })).rejects.toThrow();
  await expect(unreachable.fetch({ BITRIX_EVENTS_KEY: '' })).rejects.toThrow('has to be set');
  await unreachable.keep();

  const third = await aRun('third');
  await third.fetch();
  expect(await readFile(join(third.store, 'abc.json'), 'utf8')).toBe('renewed');
});
