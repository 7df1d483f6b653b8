/** Random raw requests to the emulator, as odd as people and their libraries write them. */
import fc from 'fast-check';
import type { Emulator, PortalHandle } from '../../src/emulator/index.ts';

export type Params = Readonly<Record<string, unknown>>;
type Caller = 'admin' | 'user' | 'dismissed' | 'expired' | 'foreign' | 'nobody' | 'webhook';
type Body = 'json' | 'form' | 'query' | 'multipart' | 'untyped' | 'JSON' | 'broken';

export interface Sent {
  readonly method: string;
  readonly params: Params;
  readonly body: Body;
  readonly caller: Caller;
}

const methods = [
  'event.bind',
  'event.bind',
  'event.unbind',
  'event.unbind',
  'event.get',
  'event.test',
  'event.offline.get',
  'event.offline.list',
  'event.offline.clear',
  'event.offline.error',
  'events',
  'app.option.get',
  'app.option.set',
  'app.info',
  'profile',
  'scope',
  'feature.get',
  'method.get',
  'imbot.register',
  'imbot.command.register',
];

const names = [
  'event',
  'handler',
  'event_type',
  'auth_type',
  'auth_connector',
  'options',
  'option',
  'clear',
  'limit',
  'error',
  'process_id',
  'message_id',
  'id',
  'filter',
  'order',
  'start',
  'scope',
  'full',
  'code',
  'name',
  'bot_id',
  'event_handler',
  'command',
  'token',
  'halt',
  '__proto__',
];

const texts = [
  '',
  '0',
  '1',
  '-1',
  '15',
  '15abc',
  'abc',
  'online',
  'OFFLINE',
  'later',
  'ONCRMDEALADD',
  'onTaskAdd',
  'ONAPPTEST',
  'ONOFFLINEEVENT',
  'ONNOSUCHTHING',
  'crm',
  'erp',
  'https://a.example/x',
  'https://A.example/X ',
  'http://localhost/x',
  'HTTPS://a.example/',
  `https://a.example/${'y'.repeat(200)}`,
  `https://a.example/${'y'.repeat(199)}z`,
  `https://a.example/${'y'.repeat(300)}`,
  'https://a.example/?q=$result[a][ID]',
  'ünï 💥',
  '\ud800',
  'a=b&c#d%zz+e',
];
const references = ['$result[a]', '$result[none][x]', '$RESULT[a]', '$error[b][error]', '$total[a]', '$time[a][start]'];

const anyText = fc.oneof(
  { arbitrary: fc.constantFrom(...texts), weight: 6 },
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const anyScalar = fc.oneof(
  { arbitrary: anyText, weight: 5 },
  fc.constantFrom(0, 1, -1, 15, 1.5, 2 ** 53, 1e300, true, false, null),
  fc.integer(),
);
const { tree: anyValue } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { arbitrary: anyScalar, weight: 8 },
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('ID', '>ID', '!ID', 'minTimeout', 'a', '0', '7', '__proto__'), tie('tree'), {
      maxKeys: 3,
    }),
  ),
}));

const anyCase = (name: string): fc.Arbitrary<string> =>
  fc.oneof(
    { arbitrary: fc.constant(name), weight: 4 },
    fc.constantFrom(name.toUpperCase(), `${name[0]?.toUpperCase()}${name.slice(1)}`),
  );

/** What gets through the checks of a bind, more often than chance would. */
const likelyParams = fc.record(
  {
    event: fc.oneof(fc.constantFrom('ONCRMDEALADD', 'onTaskAdd', 'ONOFFLINEEVENT'), fc.constantFrom(...texts)),
    handler: fc.oneof(fc.constantFrom('https://a.example/x', 'https://A.example/X '), fc.constantFrom(...texts)),
    event_type: fc.constantFrom('online', 'OFFLINE', 'offline'),
    auth_type: fc.constantFrom(0, 1, 15, '15', -1),
    auth_connector: fc.constantFrom('', 'erp'),
    options: fc.constant({ minTimeout: '5', other: 1 }),
  },
  { requiredKeys: [] },
);
const anyParams: fc.Arbitrary<Params> = fc
  .tuple(likelyParams, fc.array(fc.tuple(fc.constantFrom(...names).chain(anyCase), anyValue), { maxLength: 4 }))
  .map(([likely, more]) => Object.fromEntries([...Object.entries(likely), ...more]));

const anyItem = fc.oneof(
  {
    arbitrary: fc
      .tuple(
        fc.constantFrom(...methods, 'batch', 'no.such', '/profile', ''),
        fc.dictionary(fc.constantFrom(...names, 'options[x]', 'filter[ID]'), fc.constantFrom(...texts, ...references), {
          maxKeys: 3,
        }),
        fc.boolean(),
      )
      .map(([method, query, isEncoded]) => {
        const raw = Object.entries(query).map(([name, value]) => `${name}=${value}`);
        return `${method}?${isEncoded ? new URLSearchParams(query).toString() : raw.join('&')}`;
      }),
    weight: 8,
  },
  anyValue,
);
const anyBatch: fc.Arbitrary<Params> = fc.record({
  cmd: fc.oneof(
    fc.array(anyItem, { maxLength: 5 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', '0', '5', '__proto__'), anyItem, { maxKeys: 5 }),
    anyScalar,
  ),
  halt: fc.constantFrom(0, 1, '0', 'false', null, []),
});

const anyRequest: fc.Arbitrary<Sent> = fc
  .record({
    method: fc.constant(''),
    params: fc.constant({}),
    body: fc.constantFrom<Body>(
      'json',
      'json',
      'json',
      'form',
      'form',
      'query',
      'multipart',
      'untyped',
      'JSON',
      'broken',
    ),
    caller: fc.constantFrom<Caller>(
      'admin',
      'admin',
      'admin',
      'admin',
      'user',
      'user',
      'dismissed',
      'expired',
      'foreign',
      'nobody',
      'webhook',
    ),
  })
  .chain((base) =>
    fc
      .oneof(
        { arbitrary: fc.record({ method: fc.constantFrom(...methods, 'no.such'), params: anyParams }), weight: 3 },
        { arbitrary: fc.record({ method: fc.constantFrom('batch', 'BATCH.json'), params: anyBatch }), weight: 1 },
      )
      .map((rest) => ({ ...base, ...rest })),
  );

export const anyRequests = fc.array(anyRequest, { minLength: 1, maxLength: 6 });

/** May a portal answer it with 5xx: a list or map where PHP wants a text, a `$` reference to one, or two long addresses? */
export function mayKill({ params }: Sent): boolean {
  return /[[{]|\$|y{150}/.test(JSON.stringify(params).slice(1)) || 'options' in params;
}

/** Calls whose parameters are texts, and lists and maps only where the method takes them: what every encoding can say. */
const anyId = fc.constantFrom('1', '2', '99', 'x');
const target = {
  event: fc.constantFrom('ONCRMDEALADD', 'onTaskAdd', 'ONAPPTEST', 'ONOFFLINEEVENT', 'NOSUCH', '', '0'),
  handler: fc.constantFrom(
    'https://a.example/x',
    'https://a.example/X',
    'https://b.example/?a=b&c=d+e%20f#g',
    'ftp://a.example/',
    '',
    '0',
  ),
  event_type: fc.constantFrom('', 'online', 'Offline', 'later'),
  auth_type: fc.constantFrom('', '0', '15', '1', '-1', 'abc', '15abc'),
};
function call(
  method: string,
  params: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<{ method: string; params: Params }> {
  return fc.record({ method: fc.constant(method), params: fc.record(params, { requiredKeys: [] }) });
}
export const anyCall: fc.Arbitrary<{ method: string; params: Params }> = fc.oneof(
  { arbitrary: call('event.bind', { ...target, options: fc.constant({ minTimeout: '5' }) }), weight: 4 },
  { arbitrary: call('event.unbind', target), weight: 3 },
  { arbitrary: call('event.get', { any: fc.constant('thing') }), weight: 2 },
  call('events', { SCOPE: fc.constantFrom('', 'crm', 'none'), FULL: fc.constantFrom('0', '1', 'false') }),
  call('app.option.set', {
    options: fc.dictionary(fc.constantFrom('a', 'B', 'c'), fc.constantFrom('', 'x', '0'), { minKeys: 1 }),
  }),
  call('app.option.get', { option: fc.constantFrom('a', 'B', '') }),
  call('feature.get', { Code: fc.constantFrom('rest_auth_connector', 'nothing', '0', '') }),
  call('method.get', { name: fc.constantFrom('batch', 'Event.Bind', 'no.such', '') }),
  call('profile', {}),
  call('user.admin', {}),
  call('no.such', {}),
  call('event.offline.get', {
    clear: fc.constantFrom('0', '1', ''),
    limit: fc.constantFrom('1', '50', '0', '-1'),
    process_id: fc.constant(''),
    error: fc.constantFrom('0', '1', 'true'),
    filter: fc.oneof(
      fc.constant('text'),
      fc.dictionary(fc.constantFrom('ID', '>=ID', '!ID', 'error'), anyId, { minKeys: 1 }),
    ),
    order: fc.dictionary(fc.constantFrom('id', 'EVENT_NAME', 'x'), fc.constantFrom('asc', 'DESC', 'up'), {
      minKeys: 1,
    }),
  }),
  call('event.offline.list', {
    filter: fc.dictionary(fc.constantFrom('ID', 'ERROR', '%EVENT_NAME', 'x'), anyId, { minKeys: 1 }),
    start: fc.constantFrom('0', '1', '-1'),
  }),
  call('event.offline.clear', {
    process_id: fc.constantFrom('', 'x'),
    id: fc.array(anyId, { minLength: 1, maxLength: 2 }),
  }),
  call('event.offline.error', {
    process_id: fc.constantFrom('', 'x'),
    message_id: fc.constantFrom('x', ['y'.repeat(32)]),
  }),
  call('imbot.register', {
    code: fc.constantFrom('a', 'b', ''),
    event_handler: fc.constantFrom('https://a.example/bot', ''),
  }),
);

/** Booleans as forms usually write them. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function flat(value: unknown, name: string): [string, string][] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') return [[name, textOf(value)]];
  return Object.entries(value).flatMap(([key, item]) => flat(item, name === '' ? key : `${name}[${key}]`));
}

function tokenOf(emulator: Emulator, portal: PortalHandle, caller: Caller): string | undefined {
  switch (caller) {
    case 'admin':
      return portal.accessToken;
    case 'user':
      return portal.token(15).accessToken;
    case 'dismissed':
      return portal.token(16).accessToken;
    case 'expired':
      return portal.token(1, { expired: true }).accessToken;
    case 'foreign':
      return emulator.accessToken;
    case 'nobody':
    case 'webhook':
      return undefined;
  }
}

/** A body and its type, as the encoding writes the parameters. */
function bodyOf(body: Body, params: Params): { type?: string; body?: string } {
  const form = new URLSearchParams(flat(params, '')).toString();
  switch (body) {
    case 'json':
      return { type: 'application/json; charset=utf-8', body: JSON.stringify(params) };
    case 'JSON':
      return { type: 'application/JSON', body: JSON.stringify(params) };
    case 'broken':
      return { type: 'application/json', body: JSON.stringify(params).slice(0, -1) };
    case 'form':
      return { type: 'application/x-www-form-urlencoded', body: form };
    case 'untyped':
      return { type: '', body: form };
    case 'multipart': {
      const parts = flat(params, '').map(
        ([name, value]) => `--mark\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
      );
      return { type: 'multipart/form-data; boundary=mark', body: `${parts.join('')}--mark--\r\n` };
    }
    case 'query':
      return {};
  }
}

export async function send(
  emulator: Emulator,
  portal: PortalHandle,
  { method, params, body, caller }: Sent,
): Promise<{ status: number; text: string }> {
  const token = tokenOf(emulator, portal, caller);
  const base = caller === 'webhook' ? portal.webhook(1) : portal.clientEndpoint;
  const query = body === 'query' ? `?${new URLSearchParams(flat(params, '')).toString()}` : '';
  const { type, body: text } = bodyOf(body, params);
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(type === undefined ? {} : { 'content-type': type }),
  };
  // Bytes, because fetch names a type for a text of its own accord.
  const init = text === undefined ? { headers } : { method: 'POST', headers, body: new TextEncoder().encode(text) };
  const answer = await fetch(`${base}${method}${query}`, init);
  return { status: answer.status, text: await answer.text() };
}
