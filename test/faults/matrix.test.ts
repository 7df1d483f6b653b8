/** Every kind of fault at every request of one apply, before and after the server acted; then run again, and again. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Fault, LoggedCommand, LoggedRequest } from '../../src/emulator/index.ts';
import { sample } from '../support/sample.ts';
import { type Field, openField } from './field.ts';
import { manifest, openStory } from './story.ts';
import { type Ideal, runIdeal, tryIt, type Trouble } from './trial.ts';

let field: Field;
let ideal: Ideal;
let size = 0;

beforeAll(async () => {
  field = await openField();
  ideal = await runIdeal(field, openStory(field.emulator), manifest);
});
afterAll(async () => {
  await field.close();
  process.stdout.write(`fault matrix: ${size} cases at ${ideal.requests.length} requests\n`);
});

/** Where a fault strikes: the request's place in the undisturbed run. */
interface Place {
  readonly index: number;
  readonly name: string;
  readonly request: LoggedRequest;
}

type Kind = (place: Place) => readonly Trouble[];

const forever = Number.POSITIVE_INFINITY;
const both = ['before', 'after'] as const;

function placesOf(requests: readonly LoggedRequest[]): readonly Place[] {
  return requests.map((request, index) => ({ index, request, name: `request ${index} (${nameOf(request)})` }));
}

function nameOf({ method, commands = [] }: LoggedRequest): string {
  return [method, ...new Set(commands.map((command) => command.method))].join(' ');
}

function once(name: string, fault: Fault, more: Partial<Trouble> = {}): Kind {
  return ({ index, name: place }) => [{ name: `${name} at ${place}`, faults: [{ ...fault, skip: index }], ...more }];
}

/** The answer is lost, and it makes a difference whether the server had acted. */
function lost(name: string, fault: Fault, more: Partial<Trouble> = {}): Kind {
  return (place) => both.flatMap((when) => once(`${name}, ${when} it acted,`, { ...fault, when }, more)(place));
}

const dropped: Kind = ({ index, name, request }) => {
  const keys = request.commands?.map(({ key }) => key) ?? [];
  return (keys.length === 0 ? [] : [keys, ...keys.map((key) => [key])]).flatMap((missing) =>
    both.map((when) => ({
      name: `an answer without ${missing.join(', ')}, ${when} they ran, at ${name}`,
      faults: [{ kind: 'drop-keys' as const, when, keys: missing, skip: index }],
    })),
  );
};

const partial: Kind = ({ index, name, request }) =>
  (request.commands ?? []).map((_, commands) => ({
    name: `death after ${commands} commands of ${name}`,
    faults: [{ kind: 'partial' as const, commands, skip: index }],
  }));

/** A fault of one command, wherever it is sent: inside a batch or by a call of its own. */
function ofCommand(name: string, fault: Fault, of: (method: string) => boolean = () => true): Kind {
  return (place) =>
    commandsOf(place.request)
      .filter(({ method }) => of(method))
      .map(({ method, key }) => ({
        name: `${name} for ${method} ${key} of ${place.name}`,
        faults: [{ ...fault, method, skip: commandsBefore(place, method, key) }],
      }));
}

type Sent = Pick<LoggedCommand, 'method' | 'key'>;

function commandsOf({ commands, method, status }: LoggedRequest): readonly Sent[] {
  if (commands !== undefined) return commands;
  return method.startsWith('event.') && status === 200 ? [{ method, key: '' }] : [];
}

function commandsBefore({ index, request }: Place, method: string, key: string): number {
  const earlier = ideal.requests.slice(0, index).flatMap(commandsOf);
  const own = commandsOf(request);
  const same = [
    ...earlier,
    ...own.slice(
      0,
      own.findIndex((command) => command.key === key),
    ),
  ];
  return same.filter((command) => command.method === method).length;
}

const kinds: readonly (readonly [string, Kind])[] = [
  ['a connection cut', lost('a reset', { kind: 'reset' })],
  ['a connection cut from then on', lost('resets', { kind: 'reset', times: forever })],
  ['no answer in time', (place) => lost('a timeout', { kind: 'timeout' }, { hastyAt: place.index })(place)],
  ['a gateway that cannot reach the portal', lost('HTML 502', { kind: 'html' })],
  ['a gateway that gives up', lost('HTML 504', { kind: 'html', status: 504 })],
  ['a maintenance page from then on', lost('HTML 503', { kind: 'html', status: 503, times: forever })],
  ['half a JSON', lost('half a JSON', { kind: 'truncated' })],
  ['an empty body', lost('an empty body', { kind: 'empty' })],
  ['an error inside a 200', lost('a 200 with an error', { kind: 'error', status: 200, error: 'ERROR_STRANGE' })],
  ['an error of the portal itself', lost('a 500', { kind: 'error', error: 'INTERNAL_SERVER_ERROR' })],
  ['an answer that lacks keys', dropped],
  ['a server that dies inside a batch', partial],
  ['too many requests', once('a rate limit', { kind: 'error', error: 'QUERY_LIMIT_EXCEEDED' })],
  [
    'too many requests for ever',
    once('a rate limit', { kind: 'error', error: 'QUERY_LIMIT_EXCEEDED', times: forever }),
  ],
  ['time used up', once('a time limit', { kind: 'error', error: 'OPERATION_TIME_LIMIT' })],
  ['time used up for ever', once('a time limit', { kind: 'error', error: 'OPERATION_TIME_LIMIT', times: forever })],
  ['REST blocked for overload', once('an overload block', { kind: 'error', error: 'OVERLOAD_LIMIT' })],
  ['a refusal', once('a refusal', { kind: 'error', error: 'ACCESS_DENIED' })],
  ['no authorisation', once('a 401', { kind: 'error', error: 'NO_AUTH_FOUND' })],
  ['a portal that cannot ask', once('a deaf authorisation server', { kind: 'error', error: 'CONNECTION_ERROR' })],
  ['an expired token', once('an expired token', { kind: 'error', error: 'expired_token' })],
  ['a token that is always refused', once('refusals', { kind: 'error', error: 'expired_token', times: forever })],
  [
    'a command the database refuses',
    ofCommand('an SQL error', { kind: 'command-error', error: 'ERROR_CORE', description: 'SQL query error!' }),
  ],
  [
    'a command refused for ever',
    ofCommand('SQL errors', {
      kind: 'command-error',
      error: 'ERROR_CORE',
      description: 'SQL query error!',
      times: forever,
    }),
  ],
  [
    'a command whose answer is an error of the server',
    ofCommand('a late 500', { kind: 'command-error', when: 'after' }),
  ],
  ['a command out of time', ofCommand('a time limit', { kind: 'command-error', error: 'OPERATION_TIME_LIMIT' })],
  [
    'a binding that another process is making',
    ofCommand('a lock', { kind: 'lock' }, (method) => method === 'event.bind'),
  ],
  ['a redirect to nowhere else', once('a circle', { kind: 'redirect', location: '/rest/' })],
  ['a redirect to another portal', once('a stranger', { kind: 'redirect', location: 'http://127.0.0.1:9/rest/' })],
  ['a portal that is renamed', once('a new name', { kind: 'delay' }, { onHit: (_, portal) => portal.rename() })],
  ['a token that expires', once('an expiry', { kind: 'delay' }, { onHit: (_, portal) => portal.expireTokens() })],
  ['an interrupt', once('an interrupt', { kind: 'delay' }, { onHit: (_, __, interrupt) => interrupt() })],
];

it.each(kinds.map(([name, kind], index) => [name, kind, index] as const))(
  '%s: nothing is lost, the report is true, and running again converges',
  async (_, kind, index) => {
    const found: string[] = [];
    for (const place of sample(placesOf(ideal.requests), index)) {
      for (const trouble of kind(place)) {
        size += 1;
        found.push(...(await tryIt(field, openStory(field.emulator), manifest, ideal, trouble)));
      }
    }
    expect(found).toEqual([]);
  },
);
