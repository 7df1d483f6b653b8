/** As much of GitLab as the component needs: inputs, a job with its two scripts, and the notes of a merge request over HTTP. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { documentsOf, type Env, type Machine } from './files.ts';

export interface Spec {
  readonly spec: {
    readonly inputs: Readonly<
      Record<
        string,
        {
          readonly description?: string;
          readonly default?: unknown;
          readonly options?: readonly string[];
          readonly type?: string;
        }
      >
    >;
  };
}

export interface Job {
  readonly stage: string;
  readonly image: string;
  readonly rules: unknown;
  readonly resource_group: string;
  readonly variables: Env;
  readonly script: readonly string[];
  readonly after_script: readonly string[];
  readonly artifacts: {
    readonly when: string;
    readonly paths: readonly string[];
    readonly reports: Readonly<Record<string, string>>;
  };
}

const [spec, template] = (await documentsOf('templates/bitrix-events.yml')) as [Spec, unknown];
export const componentInputs = spec.spec.inputs;

/** @throws for what GitLab would refuse: an unknown input, or a value that is none of the options */
export function includedJobs(inputs: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, Job>> {
  const values = Object.fromEntries(Object.entries(componentInputs).map(([name, input]) => [name, input.default]));
  for (const [name, value] of Object.entries(inputs)) {
    const input = componentInputs[name];
    if (input === undefined) throw new Error(`there is no input ${name}`);
    if (input.options?.includes(String(value)) === false) throw new Error(`${name} cannot be ${String(value)}`);
    values[name] = value;
  }
  return filled(template, values) as Record<string, Job>;
}

function filled(node: unknown, values: Readonly<Record<string, unknown>>): unknown {
  if (typeof node === 'string') {
    const [, whole] = /^\$\[\[ inputs\.([\w-]+) \]\]$/.exec(node) ?? [];
    if (whole !== undefined) return valueOf(whole, values);
    return node.replace(/\$\[\[ inputs\.([\w-]+) \]\]/g, (_, name: string) => String(valueOf(name, values)));
  }
  if (Array.isArray(node)) return node.map((item) => filled(item, values));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [filled(name, values), filled(value, values)]));
}

function valueOf(name: string, values: Readonly<Record<string, unknown>>): unknown {
  if (!(name in values)) throw new Error(`there is no input ${name}`);
  return values[name];
}

export interface JobRun {
  readonly code: number | null;
  readonly log: string;
}

/** The second script runs in a shell of its own, whatever the first one came to, and its code counts for nothing. */
export async function runJob(machine: Machine, job: Job, env: Env): Promise<JobRun> {
  const known = { ...env, ...job.variables, CI_PROJECT_DIR: machine.folder };
  const ran = await machine.bash(job.script.join('\n'), known);
  const status = { CI_JOB_STATUS: ran.code === 0 ? 'success' : 'failed' };
  const after = await machine.bash(job.after_script.join('\n'), { ...known, ...status });
  return { code: ran.code, log: ran.out + ran.err + after.out + after.err };
}

export interface Note {
  readonly id: number;
  readonly author: { readonly id: number };
  body: string;
}

export interface Gitlab {
  /** What a job of a merge request, 7 of project 3, knows of it. */
  readonly env: Env;
  readonly notes: Note[];
  readonly writes: string[];
  status: number;
}

const pageSize = 2;

/** @param notes the token's owner is user 1 */
export async function aGitlab(notes: readonly Note[] = []): Promise<Gitlab> {
  const state = { notes: [...notes], writes: [] as string[], status: 200 };
  const server = createServer((request, response) => {
    void answer(request, state).then(({ status, body, next = '' }) =>
      response.writeHead(status, { 'content-type': 'application/json', 'x-next-page': next }).end(JSON.stringify(body)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    env: {
      CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
      CI_MERGE_REQUEST_PROJECT_ID: '3',
      CI_MERGE_REQUEST_IID: '7',
      BITRIX_EVENTS_GITLAB_TOKEN: 'the-token',
    },
  });
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly next?: string;
}

async function answer(request: IncomingMessage, state: Omit<Gitlab, 'env'>): Promise<Answer> {
  const { method = '', headers } = request;
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://gitlab');
  const sent = method === 'GET' ? {} : ((await json(request)) as { body?: string });
  if (state.status !== 200) return { status: state.status, body: {} };
  if (headers['private-token'] !== 'the-token') return { status: 401, body: {} };
  const path = pathname.replace('/api/v4', '');
  const [, id] = /^\/projects\/3\/merge_requests\/7\/notes(?:\/(\d+))?$/.exec(path) ?? [];
  if (method === 'GET' && path === '/user') return { status: 200, body: { id: 1 } };
  if (method === 'GET' && path.endsWith('/notes')) {
    const from = (Number(searchParams.get('page')) - 1) * pageSize;
    const isLast = from + pageSize >= state.notes.length;
    const next = isLast ? '' : String(from / pageSize + 2);
    return { status: 200, body: state.notes.slice(from, from + pageSize), next };
  }
  if (method === 'POST' && path.endsWith('/merge_requests/7/notes')) {
    state.notes.push({ id: state.notes.length + 1, author: { id: 1 }, body: sent.body ?? '' });
    state.writes.push('add');
    return { status: 201, body: {} };
  }
  const note = state.notes.find((one) => method === 'PUT' && String(one.id) === id);
  if (note === undefined) return { status: 404, body: {} };
  note.body = sent.body ?? '';
  state.writes.push(`update ${note.id}`);
  return { status: 200, body: {} };
}
