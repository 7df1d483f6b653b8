/** The guide to pipelines: each of its snippets is run as it stands. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { version } from '../../src/version.ts';
import { anEmulator, manifestText } from '../cli/cli.ts';
import { aMachine, fileOf, root, yamlOf } from './files.ts';
import { action, aGithub, expanded, runAction, type Step } from './github.ts';
import { includedJobs, runJob } from './gitlab.ts';

const guide = await fileOf('docs/ci.md');

/** The code block under this heading; the empty one is the title's. */
function snippet(heading: string, language: string): string {
  const section = guide.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const [, text] = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(section) ?? [];
  if (text === undefined) throw new Error(`no ${language} under ${heading}`);
  return text;
}

async function aPlace() {
  const [machine, emulator] = [await aMachine(), await anEmulator()];
  await machine.write('bitrix-events.yaml', manifestText());
  return { machine, emulator };
}

it('the commands at its beginning end with 0 one after another', async () => {
  const { machine, emulator } = await aPlace();
  expect(await machine.bash(snippet('In a pipeline', 'sh'), emulator.toEnv())).toMatchObject({ code: 0 });
  expect(emulator.rows).toHaveLength(3);
  expect((await machine.calls()).map(([, , command]) => command)).toEqual(['validate', 'plan', 'apply', 'check']);
});

it('the step for GitHub plans and comments', async () => {
  const { machine, emulator } = await aPlace();
  const github = await aGithub();
  const [step] = parse(snippet('GitHub', 'yaml')) as readonly Step[];
  expect(step?.uses).toBe(`bitrix-events/bitrix-events@v${version}`);
  const secrets = Object.keys(step?.env ?? {}).map((name) => [
    `secrets.${name}`,
    name === 'BITRIX_EVENTS_STORE' ? 'file:store' : '',
  ]);
  const env = Object.entries(step?.env ?? {})
    .map(([name, value]) => [name, expanded(value, Object.fromEntries(secrets))] as const)
    .filter(([, value]) => value !== '');
  const inputs = (step?.with ?? {}) as Record<string, string>;
  const event = { pull_request: { number: 7 } };
  const ran = await runAction(machine, {
    inputs,
    env: { ...emulator.toEnv(), ...Object.fromEntries(env) },
    event,
    github,
  });
  expect([ran.code, github.writes]).toEqual([0, ['add']]);
});

it('the inputs and outputs of the action that it lists are all there are', () => {
  const section = guide.split('## GitHub\n')[1]?.split('\n## ')[0] ?? '';
  const listed = section.split('\n').flatMap((line) => {
    const [, names = ''] = /^\| (`[^|]+) \|/.exec(line) ?? [];
    return [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  });
  expect(new Set(listed)).toEqual(new Set(Object.keys(action.inputs)));
  const outputs = /^Outputs: (.*?)\. /m.exec(section)?.[1]?.match(/[\w-]+/g);
  expect(outputs).toEqual(Object.keys(action.outputs));
});

it('the include for GitLab has a job that plans', async () => {
  const { machine, emulator } = await aPlace();
  interface Pipeline {
    readonly include: readonly { readonly component: string; readonly inputs: Readonly<Record<string, unknown>> }[];
  }
  const { include } = parse(snippet('GitLab', 'yaml')) as Pipeline;
  expect(include[0]?.component).toBe(`$CI_SERVER_FQDN/OWNER/bitrix-events/bitrix-events@${version}`);
  const job = Object.values(includedJobs(include[0]?.inputs))[0];
  expect(job && (await runJob(machine, job, emulator.toEnv()))).toMatchObject({ code: 0 });
});

it('the step for Bitbucket comments with the page from a file, and without its hidden line', async () => {
  const { machine, emulator } = await aPlace();
  const received: unknown[] = [];
  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    void json(request).then((body) => {
      received.push({ path: request.url, authorization, body });
      return response.writeHead(201).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await machine.install(
    'curl',
    `#!/usr/bin/env bash\nPATH="\${PATH#*:}" exec curl "\${@/https:\\/\\/api.bitbucket.org/${origin.replaceAll('/', '\\/')}}"\n`,
  );
  interface Pipelines {
    readonly pipelines: {
      readonly 'pull-requests': Readonly<Record<string, readonly { readonly step: { readonly script: string[] } }[]>>;
    };
  }
  const { pipelines } = parse(snippet('Bitbucket', 'yaml')) as Pipelines;
  const script = pipelines['pull-requests']['**']?.[0]?.step.script ?? [];
  const ran = await machine.bash(script.join('\n'), {
    ...emulator.toEnv(),
    BITBUCKET_ACCESS_TOKEN: 'the-token',
    BITBUCKET_REPO_FULL_NAME: 'acme/crm',
    BITBUCKET_PR_ID: '7',
  });
  expect([ran.code, ran.err]).toEqual([0, '']);
  expect(received).toEqual([
    {
      path: '/2.0/repositories/acme/crm/pullrequests/7/comments',
      authorization: 'Bearer the-token',
      body: { content: { raw: expect.stringMatching(/^\*\*3 changes\*\*/) } },
    },
  ]);
  expect(await machine.read('test-results/bitrix-events.xml')).toContain('<testsuites');
});

it('the steps of Jenkins leave the report that it reads', async () => {
  const { machine, emulator } = await aPlace();
  const text = snippet('Jenkins', 'groovy');
  const steps = [...text.matchAll(/^\s*sh '([^']+)'$/gm)].map(([, command]) => command ?? '');
  expect(steps).toHaveLength(1);
  expect(await machine.bash(steps.join('\n'), emulator.toEnv())).toMatchObject({ code: 2 });
  expect(await machine.read(/junit '([^']+)'/.exec(text)?.[1] ?? '')).toContain('<failure ');
});

it('the configuration for pre-commit names a hook there is', async () => {
  interface Configuration {
    readonly repos: readonly { readonly rev: string; readonly hooks: readonly { readonly id: string }[] }[];
  }
  const [repo] = (parse(snippet('Before the commit', 'yaml')) as Configuration).repos;
  const hooks = await yamlOf<readonly { readonly id: string }[]>('.pre-commit-hooks.yaml');
  expect([repo?.rev, repo?.hooks.map(({ id }) => id)]).toEqual([`v${version}`, hooks.map(({ id }) => id)]);
});

it('names this version and no other, and every file it links to is there', () => {
  expect(new Set([...guide.matchAll(/(?:@|rev: )v?(\d+\.\d+\.\d+)/g)].map(([, found]) => found))).toEqual(
    new Set([version]),
  );
  const links = [...guide.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link ?? '');
  expect(links.length).toBeGreaterThan(4);
  expect(links.filter((link) => !existsSync(join(root, 'docs', link)))).toEqual([]);
});
