/** The action for GitHub, run step by step on a machine with a portal and a pull request. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { anEmulator, handler, manifestText } from '../cli/cli.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { aMachine, type Machine } from './files.ts';
import { type ActionOptions, type ActionRun, aGithub, type Github, runAction } from './github.ts';

interface World {
  readonly machine: Machine;
  readonly emulator: Emulator;
  readonly github: Github;
  readonly run: (inputs?: Readonly<Record<string, string>>, more?: ActionOptions) => Promise<ActionRun>;
}

const pullRequest = { pull_request: { number: 7 } };

async function aWorld(manifest = manifestText(), comments: Parameters<typeof aGithub>[0] = []): Promise<World> {
  const [machine, emulator, github] = [await aMachine(), await anEmulator(), await aGithub(comments)];
  await machine.write('bitrix-events.yaml', manifest);
  const run: World['run'] = (inputs = {}, more = {}) =>
    runAction(machine, { inputs, env: emulator.toEnv(), event: pullRequest, github, ...more });
  return { machine, emulator, github, run };
}

function firstLines(github: Github): readonly string[] {
  return github.comments.map(({ body }) => body.split('\n')[1] ?? '');
}

const portalOf = (emulator: Emulator) => new URL(emulator.clientEndpoint).host;

it('plans, comments, and leaves outputs and a summary', async () => {
  const { machine, emulator, github, run } = await aWorld();
  const { code, log, outputs, summary, artifacts } = await run();
  expect({ code, outputs, artifacts }).toEqual({
    code: 0,
    outputs: {
      verdict: 'changes',
      'exit-code': '0',
      binds: '3',
      unbinds: '0',
      rebinds: '0',
      blocked: '0',
      'plan-file': '',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
    artifacts: [],
  });
  expect(log).toMatch(/^::group::bitrix-events: 3 changes\n/);
  expect(log).toContain('Commented on the pull request.\n');
  expect(github.writes).toEqual(['add']);
  expect(github.comments[0]?.body).toMatch(
    `<!-- bitrix-events: name=default portal=${portalOf(emulator)} -->\n**3 changes**`,
  );
  expect(summary.trim()).toBe(github.comments[0]?.body.trim());
  const page = expect.stringMatching(/^--output=markdown=/);
  expect(await machine.calls()).toEqual([['--yes', expect.any(String), 'plan', '--format=github', page]]);
});

it('updates its own comment, whatever others have written and on whatever page it stands', async () => {
  const { emulator, github, run } = await aWorld();
  const marker = `<!-- bitrix-events: name=default portal=${portalOf(emulator)} -->`;
  github.comments.push({ id: 'forged', isOwn: false, body: `${marker}\nnot by the bot` });
  github.comments.push({ id: 'other', isOwn: true, body: 'another comment of the bot' });
  await run();
  await run({ command: 'apply' });
  await run({ command: 'check' });
  expect(github.writes).toEqual(['add', 'update C2', 'update C2']);
  expect(firstLines(github)).toEqual(['not by the bot', '', expect.stringMatching(/^\*\*In sync\*\*/)]);
  expect(emulator.rows).toHaveLength(3);
});

it('keeps the plans of two manifests, and of two environments, apart', async () => {
  const { machine, github, run } = await aWorld();
  await machine.write('other.yaml', manifestText(['OnTaskAdd'], 'name: other\n'));
  const environments = 'name: more\nenvironments: { staging: {}, production: {} }\n';
  await machine.write('more.yaml', manifestText(['OnTaskAdd'], environments));
  const plans = [
    {},
    { manifest: 'other.yaml' },
    { manifest: 'more.yaml', environment: 'staging' },
    { manifest: 'more.yaml', environment: 'production' },
  ];
  for (const plan of [...plans, plans[0], plans[3]]) expect(await run(plan)).toMatchObject({ code: 0 });
  expect(github.writes).toEqual(['add', 'add', 'add', 'add', 'update C0', 'update C3']);
});

it('a failure takes the place of the plan, though it does not know its portal, and the next plan takes its place', async () => {
  const { machine, emulator, github, run } = await aWorld();
  await run();
  await machine.write('bitrix-events.yaml', 'version: 1\nbindings: [\n');
  // As with a store: nothing in the environment names a portal.
  const failed = await run({}, { env: {} });
  expect(failed).toMatchObject({ code: 1, outputs: { verdict: 'failed', 'exit-code': '1', binds: '' } });
  expect(firstLines(github)).toEqual([expect.stringMatching(/^\*\*Failed\*\*/)]);
  expect(github.comments[0]?.body).not.toContain(portalOf(emulator));
  await machine.write('bitrix-events.yaml', manifestText(['OnTaskAdd']));
  await run();
  expect(firstLines(github)).toEqual([expect.stringMatching(/^\*\*1 change\*\*/)]);
});

it('a failure that could be about two portals is a comment of its own', async () => {
  const body = (portal: string) => `<!-- bitrix-events: name=default portal=${portal} -->\nplan`;
  const { github, run } = await aWorld(manifestText(), [
    { isOwn: true, body: body('a.bitrix24.com') },
    { isOwn: true, body: body('b.bitrix24.com') },
  ]);
  await run({}, { env: {} });
  expect(github.writes).toEqual(['add']);
});

it('changes-only begins with the first change, and then tells that they are gone', async () => {
  const { machine, github, run } = await aWorld();
  await run({ command: 'apply', comment: 'off' });
  expect(await run({ comment: 'changes-only' })).toMatchObject({ code: 0, outputs: { verdict: 'in-sync' } });
  expect(github.comments).toEqual([]);
  await machine.write('bitrix-events.yaml', manifestText(['OnCrmDealAdd']));
  await run({ comment: 'changes-only' });
  expect(firstLines(github)).toEqual([expect.stringMatching(/^\*\*2 changes\*\*/)]);
  await run({ command: 'apply', comment: 'off' });
  await run({ comment: 'changes-only' });
  expect(firstLines(github)).toEqual([expect.stringMatching(/^\*\*In sync\*\*/)]);
});

it('changes-only comments on a failure', async () => {
  const { github, run } = await aWorld('');
  expect(await run({ comment: 'changes-only' })).toMatchObject({ code: 1 });
  expect(firstLines(github)).toEqual([expect.stringMatching(/^\*\*Failed\*\*/)]);
});

it('new comments each time, and off never', async () => {
  const { github, run } = await aWorld();
  await run({ comment: 'new' });
  await run({ comment: 'new' });
  expect(await run({ comment: 'off' })).toMatchObject({ code: 0, artifacts: [] });
  expect(github.writes).toEqual(['add', 'add']);
});

it('without permission, as from a fork, it keeps the page as an artifact and says so', async () => {
  const { emulator, github, run } = await aWorld();
  github.mayWrite = false;
  const { code, log, artifacts, summary } = await run();
  const name = `bitrix-events-plan-default-${portalOf(emulator).replace(':', '_')}`;
  expect({ code, artifacts }).toEqual({
    code: 0,
    artifacts: [{ name, text: expect.stringContaining('**3 changes**') }],
  });
  expect(artifacts[0]?.text.trim()).toBe(summary.trim());
  expect(log).toContain(
    `::notice title=bitrix-events::No comment: this run may not write on the pull request, as is usual for one from a fork. What it would have said is the artifact ${name}\n`,
  );
  expect(github.comments).toEqual([]);
});

it('a server that fails changes nothing about the exit code, and the page is kept', async () => {
  const { github, run } = await aWorld();
  github.status = 502;
  const { code, log, artifacts } = await run({ command: 'check' });
  expect({ code, count: artifacts.length }).toEqual({ code: 2, count: 1 });
  expect(log).toContain('No comment: writing on the pull request failed: GitHub answers 502.');
  expect(log).not.toContain('the-token');
});

it.each([
  ['check', {}, 2, 'drift'],
  ['plan', { args: '--detailed-exitcode' }, 2, 'changes'],
  ['check', { 'fail-on': 'unmanaged' }, 0, 'in-sync'],
  ['apply', {}, 0, 'converged'],
  ['validate', {}, 0, 'valid'],
  ['plan', { manifest: 'nowhere.yaml' }, 1, 'failed'],
  ['check', { 'fail-on': 'everything' }, 1, 'failed'],
  ['plan', { version: '999.0.0' }, 1, 'failed'],
] as const)('%s with %j ends as the command does, with %i', async (command, inputs, code, verdict) => {
  const { run } = await aWorld();
  const ran = await run({ command, ...inputs });
  expect(ran).toMatchObject({ code, outputs: { verdict, 'exit-code': String(code) } });
});

it('a refusal keeps its exit code, and is told', async () => {
  const { machine, github, run } = await aWorld();
  await run({ command: 'apply', comment: 'off' });
  await machine.write('bitrix-events.yaml', manifestText([]));
  const { code, outputs } = await run({ command: 'apply' });
  expect({ code, outputs }).toMatchObject({ code: 4, outputs: { verdict: 'refused', 'exit-code': '4' } });
  expect(firstLines(github)).toEqual([expect.stringMatching(/^\*\*Refused\*\*/)]);
});

it('refuses inputs it does not know before anything is asked', async () => {
  const { machine, emulator, run } = await aWorld();
  for (const inputs of [{ command: 'login' }, { comment: 'always' }, { command: 'check', 'plan-file': 'a.plan' }]) {
    const { code, log } = await run(inputs);
    expect({ code, log }).toEqual({
      code: 1,
      log: expect.stringMatching(/^::error title=bitrix-events::The input .+\n$/),
    });
  }
  expect([await machine.calls(), emulator.requests]).toEqual([[], []]);
});

it('saves a plan, and carries out exactly that one', async () => {
  const { machine, emulator, run } = await aWorld();
  const planned = await run({ 'plan-file': 'a folder.plan' });
  expect(planned.outputs).toMatchObject({ 'plan-file': 'a folder.plan', binds: '3' });
  expect((await stat(join(machine.folder, 'a folder.plan'))).mode & 0o777).toBe(0o600);
  await rm(join(machine.folder, 'bitrix-events.yaml'));
  const applied = await run({ command: 'apply', 'plan-file': 'a folder.plan' });
  expect(applied).toMatchObject({ code: 0, outputs: { fingerprint: planned.outputs['fingerprint'] } });
  expect(emulator.rows).toHaveLength(3);
});

it('without a pull request nothing is commented, and the summary has the page', async () => {
  const { github, run } = await aWorld();
  const { code, log, summary } = await run(
    {},
    { env: (await anEmulator()).toEnv(), event: { ref: 'refs/heads/main' }, github },
  );
  expect({ code, comments: github.comments }).toEqual({ code: 0, comments: [] });
  expect(log).toContain('No comment: this run belongs to no pull request.');
  expect(summary).toContain('**3 changes**');
});

it('works in the folder it is told', async () => {
  const { machine, run } = await aWorld('');
  await machine.bash('mkdir app && printf "%s" "$TEXT" > app/bitrix-events.yaml', { TEXT: manifestText() });
  const { code, log } = await run({ 'working-directory': 'app' }, {});
  expect(code).toBe(0);
  expect(log).toContain('::notice file=app/bitrix-events.yaml,line=3,');
});

it('hostile inputs, names and addresses are text, and run nothing', async () => {
  const bait = '$(touch pwned) `touch pwned` "; touch pwned; " \' ${{ github.token }} ::set-output name=a::b';
  const { machine, github, run } = await aWorld();
  const calls = [
    { manifest: bait },
    { environment: bait },
    { 'fail-on': bait },
    { args: `${bait}\n*` },
    { version: bait },
    { 'plan-file': 'x$(touch pwned).plan' },
  ];
  for (const inputs of calls) await run(inputs);
  expect((await machine.calls()).map((words) => words.at(-1))).toEqual([
    `--manifest=${bait}`,
    `--environment=${bait}`,
    `--fail-on=${bait}`,
    '*',
    expect.stringMatching(/^--output=markdown=/),
    '--out=x$(touch pwned).plan',
  ]);
  expect((await machine.calls())[3]?.at(-2)).toBe(bait);

  const hostile = 'https://app.example.com/?a=$(touch%20pwned)&b=`id`&c=<img/src=x>&d=@everyone&e=--><script>';
  await machine.write('bitrix-events.yaml', manifestText(['OnCrmDealAdd']).replace(handler, hostile));
  const { code, log } = await run();
  expect(code).toBe(0);
  expect(firstLines(github)).toContainEqual(expect.stringMatching(/^\*\*1 change\*\*/));
  expect(log.split('\n').filter((line) => line.startsWith('::'))).toEqual([
    '::group::bitrix-events: 1 change',
    '::endgroup::',
    expect.stringMatching(/^::notice file=/),
  ]);
  const listed = await machine.bash('find . -name "*pwned*" -not -name "*.plan"; find "$TMPDIR" -name pwned');
  expect(listed).toEqual({ code: 0, out: '', err: '' });
});
