/** As much of GitHub as the action needs: expressions, steps with their outputs, and the comments of a pull request over HTTP. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { type Env, type Machine, root, yamlOf } from './files.ts';

export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Env;
  readonly 'working-directory'?: string;
  readonly 'continue-on-error'?: boolean;
}

export interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

export const action = await yamlOf<Action>('action.yml');

/** What expressions can name, by its path with dots. */
type Known = Readonly<Record<string, string>>;

/** @throws for a name that nobody set, which on GitHub would silently be nothing */
export function expanded(text: string, known: Known): string {
  return text.replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, path: string) => valueOf(path, known));
}

function valueOf(path: string, known: Known): string {
  const value = known[path];
  // An output that no step wrote is empty; any other name has to be known.
  if (value === undefined && !path.startsWith('steps.')) throw new Error(`nobody knows ${path}`);
  return value ?? '';
}

function holds(condition: string | undefined, known: Known): boolean {
  if (condition === undefined) return true;
  const [, path = '', operator, wanted] = /^([\w.-]+) (==|!=) '([^']*)'$/.exec(condition) ?? [];
  if (operator === undefined) throw new Error(`cannot judge '${condition}'`);
  return (valueOf(path, known) === wanted) === (operator === '==');
}

export interface Artifact {
  readonly name: string;
  readonly text: string;
}

export interface ActionRun {
  readonly code: number;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly artifacts: readonly Artifact[];
}

export interface ActionOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  /** Of the step that uses the action. */
  readonly env?: Env;
  readonly event?: unknown;
  readonly github?: Github | undefined;
}

let runs = 0;

/** The composite action as a step of a job. */
export async function runAction(
  machine: Machine,
  { inputs = {}, env = {}, event = {}, github }: ActionOptions,
): Promise<ActionRun> {
  const unknown = Object.keys(inputs).filter((name) => !(name in action.inputs));
  if (unknown.length > 0) throw new Error(`the action has no input ${unknown.join(', ')}`);
  const place = join(machine.temporary, `run-${(runs += 1)}`);
  await mkdir(place);
  const [eventFile, summaryFile] = [join(place, 'event.json'), join(place, 'summary')];
  await writeFile(eventFile, JSON.stringify(event));
  await writeFile(summaryFile, '');
  const known: Record<string, string> = { 'github.token': 'the-token' };
  for (const [name, { default: value }] of Object.entries(action.inputs)) {
    known[`inputs.${name}`] = inputs[name] ?? expanded(value, known);
  }
  let log = '';
  let code = 0;
  const artifacts: Artifact[] = [];
  for (const [index, step] of action.runs.steps.entries()) {
    if (code !== 0 || !holds(step.if, known)) continue;
    if (step.uses !== undefined) {
      const given = (name: string) => expanded(String(step.with?.[name]), known);
      artifacts.push({ name: given('name'), text: await readFile(given('path'), 'utf8') });
      continue;
    }
    const outputFile = join(place, `output-${index}`);
    await writeFile(outputFile, '');
    const ran = await machine.bash(
      step.run ?? '',
      {
        ...env,
        ...Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, expanded(value, known)])),
        GITHUB_ACTION_PATH: root,
        GITHUB_EVENT_PATH: eventFile,
        GITHUB_GRAPHQL_URL: github?.url ?? 'http://127.0.0.1:9/graphql',
        GITHUB_OUTPUT: outputFile,
        GITHUB_REPOSITORY: 'acme/crm',
        GITHUB_STEP_SUMMARY: summaryFile,
        GITHUB_WORKSPACE: machine.folder,
        RUNNER_TEMP: machine.temporary,
      },
      join(machine.folder, expanded(step['working-directory'] ?? '.', known)),
    );
    log += ran.out + ran.err;
    for (const [name, value] of outputsIn(await readFile(outputFile, 'utf8'))) {
      known[`steps.${step.id ?? ''}.outputs.${name}`] = value;
    }
    if (ran.code !== 0 && step['continue-on-error'] !== true) code = ran.code ?? -1;
  }
  const outputs = Object.entries(action.outputs).map(([name, { value }]) => [name, expanded(value, known)] as const);
  return { code, log, outputs: Object.fromEntries(outputs), summary: await readFile(summaryFile, 'utf8'), artifacts };
}

/** The file of outputs as the runner reads it: `name=value`, or several lines up to a delimiter. */
export function outputsIn(text: string): readonly (readonly [name: string, value: string])[] {
  const lines = text.split('\n');
  const outputs: [string, string][] = [];
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    const [, name, delimiter] = /^([^=]+?)<<(.+)$/.exec(line) ?? [];
    if (name !== undefined && delimiter !== undefined) {
      const end = lines.indexOf(delimiter);
      outputs.push([name, lines.splice(0, end).join('\n')]);
      lines.shift();
    } else if (line.includes('=')) {
      outputs.push([line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    } else if (line !== '') {
      throw new Error(`no output: ${line}`);
    }
  }
  return outputs;
}

export interface Comment {
  readonly id: string;
  readonly isOwn: boolean;
  body: string;
}

export interface Github {
  /** Of the GraphQL interface. */
  readonly url: string;
  readonly comments: Comment[];
  /** What was changed, in order. */
  readonly writes: string[];
  /** False: what the token of a run from a fork may do. */
  mayWrite: boolean;
  /** Answers everything with this status. */
  status: number;
}

interface Question {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Less than GitHub gives, so that a handful of comments is more than one page. */
const pageSize = 2;

/** One repository, acme/crm, with one pull request, 7. */
export async function aGithub(comments: readonly Omit<Comment, 'id'>[] = []): Promise<Github> {
  const state = {
    comments: comments.map((comment, index): Comment => ({ id: `C${index}`, ...comment })),
    writes: [] as string[],
    mayWrite: true,
    status: 200,
  };
  const server = createServer((request, response) => {
    void answer(request, state).then(({ status, body }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { url: `http://127.0.0.1:${port}/graphql` });
}

type State = Omit<Github, 'url'>;

async function answer(request: IncomingMessage, state: State): Promise<{ status: number; body: unknown }> {
  const { query, variables } = (await json(request)) as Question;
  if (state.status !== 200) return { status: state.status, body: { message: 'no' } };
  if (request.headers.authorization !== 'Bearer the-token')
    return { status: 401, body: { message: 'Bad credentials' } };
  if (query.startsWith('query'))
    return { status: 200, body: { data: { repository: repositoryFor(variables, state) } } };
  if (!state.mayWrite) {
    const errors = [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }];
    return { status: 200, body: { data: null, errors } };
  }
  const body = String(variables['body']);
  if (query.includes('addComment(') && variables['subject'] === 'PR7') {
    state.comments.push({ id: `C${state.comments.length}`, isOwn: true, body });
    state.writes.push('add');
  } else {
    const comment = state.comments.find(({ id }) => id === variables['id']);
    if (comment === undefined)
      return { status: 200, body: { errors: [{ type: 'NOT_FOUND', message: 'no such node' }] } };
    comment.body = body;
    state.writes.push(`update ${comment.id}`);
  }
  return { status: 200, body: { data: {} } };
}

function repositoryFor({ owner, name, number, after }: Question['variables'], { comments }: State): unknown {
  if (owner !== 'acme' || name !== 'crm' || number !== 7) return null;
  const from = Number(after ?? 0);
  const to = from + pageSize;
  const nodes = comments.slice(from, to).map(({ id, isOwn, body }) => ({ id, body, viewerDidAuthor: isOwn }));
  const pageInfo = { hasNextPage: to < comments.length, endCursor: String(to) };
  return { pullRequest: { id: 'PR7', comments: { nodes, pageInfo } } };
}
