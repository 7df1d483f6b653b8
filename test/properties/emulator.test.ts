/** Laws of the emulator under random requests: nothing breaks it, its state stays one a portal could have, and the way a call is written does not matter. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Emulator, type PortalHandle, startEmulator } from '../../src/emulator/index.ts';
import { runs } from '../support/sample.ts';
import { type Sent, type Params, anyCall, anyRequests, mayKill, send } from '../support/raw-requests.ts';

const NOW_MS = Date.parse('2026-11-01T09:00:00Z');
const USERS = [
  { id: 1, admin: true },
  { id: 15, admin: false },
  { id: 16, admin: false, active: false },
];
const ROWS = [
  { event: 'ONCRMDEALADD', handler: 'https://a.example/x', auth_type: 15 },
  { event: 'ONCRMDEALADD', event_type: 'offline' as const },
  { event: 'ONTASKADD', event_type: 'offline' as const, auth_connector: 'erp' },
  { event: 'ONOFFLINEEVENT', handler: 'https://a.example/queue' },
];

/** Ends the search for a smaller counterexample, and on a slow machine the search as such, before the runner would. */
const patience = { interruptAfterTimeLimit: 90_000, markInterruptAsFailure: false };

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ now: () => NOW_MS });
});
afterAll(() => emulator.close());

/** A portal with rows, three users of whom one is dismissed, and events in its queues. */
async function aPortal(): Promise<PortalHandle> {
  const portal = emulator.addPortal({ users: USERS, rows: ROWS, switches: { leakyBucket: false } });
  for (const id of [1, 2, 3]) await portal.fire('ONCRMDEALADD', { FIELDS: { ID: id } }, { userId: 15 });
  await portal.fire('ONTASKADD', { ID: 4 }, { userId: 15 });
  return portal;
}

interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The answer as the portal's own: JSON with a result and the time, or with an error. */
function asPortalAnswer(status: number, text: string): Answered {
  const body = JSON.parse(text) as Record<string, unknown>;
  if (status === 200) expect(Object.keys(body)).toEqual(expect.arrayContaining(['result', 'time']));
  else {
    const { argument, ...error } = body;
    expect(error).toEqual({ error: expect.stringMatching(/./), error_description: expect.any(String) });
    expect(['string', 'undefined']).toContain(typeof argument);
  }
  return { status, body };
}

it('random requests get a portal’s answers, and leave a state that a portal could have', async () => {
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(anyRequests, async (requests) => {
      const portal = await aPortal();
      const before = emulator.requests.length;
      for (const request of requests) {
        const { status, text } = await send(emulator, portal, request);
        statuses.add(status);
        const { body } = asPortalAnswer(status, text);
        if (status < 500) continue;
        expect([mayKill(request), text]).toEqual([true, text]);
        expect([body['error'], body['error_description']].join(' ')).toMatch(
          /^(INTERNAL_SERVER_ERROR Internal server error|ERROR_CORE SQL query error!)$/,
        );
      }
      expect(emulator.requests.length).toBe(before + requests.length);
      await expectSoundState(portal);
    }),
    // So many are needed to meet every status below.
    { numRuns: Math.max(runs(3000), 200), ...patience },
  );
  // The requests are odd enough to meet all of these.
  expect(statuses).toEqual(new Set([200, 400, 401, 403, 404, 500]));
});

async function expectSoundState(portal: PortalHandle): Promise<void> {
  const { rows, history } = portal;
  const keys = rows.map(({ event, handler, userId, connector }) =>
    [event, handler.toLowerCase().trimEnd(), userId, connector.toLowerCase().trimEnd()].join('\n'),
  );
  expect(new Set(keys).size).toBe(keys.length);
  for (const row of rows) {
    expect([row.event, row.userId >= 0]).toEqual([row.event.toUpperCase(), true]);
    expect(row.offline).toBe(row.handler === '');
    if (row.offline) expect(row.userId).toBe(0);
    expect(Object.keys(row.options).every((name) => name === 'minTimeout' && row.event === 'ONOFFLINEEVENT')).toBe(
      true,
    );
  }
  const replayed = new Map<number, unknown>();
  for (const { op, row } of history) {
    if (op === 'add') replayed.set(row.id, row);
    else expect(replayed.delete(row.id)).toBe(true);
  }
  expect([...replayed.values()]).toEqual(rows);
  const { body } = await ask(portal, 'event.get', {});
  expect((body['result'] as unknown[]).length).toBe(rows.length);
  for (const connector of ['', 'erp']) {
    const { body: list } = await ask(
      portal,
      'event.offline.list',
      connector === '' ? {} : { auth_connector: connector },
    );
    const items = list['result'] as Record<string, unknown>[];
    const waiting = items.filter((item) => item['PROCESS_ID'] === '').map((item) => item['MESSAGE_ID']);
    expect([new Set(waiting).size, list['total']]).toEqual([waiting.length, items.length]);
  }
}

async function ask(portal: PortalHandle, method: string, params: Params): Promise<Answered> {
  const request: Sent = { method, params, body: 'json', caller: 'admin' };
  const { status, text } = await send(emulator, portal, request);
  return asPortalAnswer(status, text);
}

/** What of an answer does not depend on chance: ids of processes are random. */
function comparable(value: unknown): unknown {
  const text = JSON.stringify(value ?? null);
  return JSON.parse(text.replaceAll(/"(process_id|PROCESS_ID)":"[0-9a-f]{32}"/g, '"$1":"…"'));
}

function shown({ body }: Answered): unknown {
  const { time, ...answer } = body;
  expect(time === undefined).toBe('error' in answer);
  return comparable(answer);
}

it('a sequence of calls is answered the same as JSON, as forms, and as one batch of either', async () => {
  const sequence = fc.record({
    calls: fc.array(anyCall, { minLength: 1, maxLength: 12 }),
    caller: fc.constantFrom('admin', 'admin', 'user'),
    connector: fc.constantFrom('', '', 'erp'),
  });
  await fc.assert(
    fc.asyncProperty(sequence, async ({ calls, caller, connector }) => {
      const outer: Params = connector === '' ? {} : { auth_connector: connector };
      const told: unknown[] = [];
      for (const body of ['json', 'form', 'query', 'multipart'] as const) {
        const portal = await aPortal();
        const answers: unknown[] = [];
        for (const { method, params } of calls) {
          const { status, text } = await send(emulator, portal, {
            method,
            params: { ...params, ...outer },
            body,
            caller,
          });
          answers.push(shown(asPortalAnswer(status, text)));
        }
        told.push([answers, rowsOf(portal), portal.options]);
      }
      for (const body of ['json', 'form'] as const) {
        const portal = await aPortal();
        const cmd = Object.fromEntries(calls.map(({ method, params }, at) => [`c${at}`, command(method, params)]));
        const { status, text } = await send(emulator, portal, {
          method: 'batch',
          params: { cmd, ...outer },
          body,
          caller,
        });
        const answer = asPortalAnswer(status, text);
        told.push([calls.map((_, at) => itemOf(answer, `c${at}`)), rowsOf(portal), portal.options]);
      }
      for (const one of told) expect(one).toEqual(told[0]);
    }),
    { numRuns: runs(500), ...patience },
  );
  await emulator.reset();
});

const rowsOf = (portal: PortalHandle) => portal.rows.map(({ id: _, ...row }) => row);

function command(method: string, params: Params): string {
  return `${method}?${new URLSearchParams(flat(params)).toString()}`;
}

function flat(params: Params, prefix = ''): [string, string][] {
  return Object.entries(params).flatMap(([key, value]): [string, string][] => {
    const name = prefix === '' ? key : `${prefix}[${key}]`;
    return typeof value === 'object' && value !== null ? flat(value as Params, name) : [[name, String(value)]];
  });
}

/** One command's answer out of a batch, written as a direct call would have it. */
function itemOf({ body }: Answered, key: string): unknown {
  const maps = body['result'] as Record<string, Record<string, unknown> | undefined>;
  const error = maps['result_error']?.[key];
  if (error !== undefined) return comparable(error);
  const pages = [
    ['next', maps['result_next']?.[key]],
    ['total', maps['result_total']?.[key]],
  ].filter(([, value]) => value !== undefined);
  return comparable({ result: maps['result']?.[key], ...Object.fromEntries(pages) });
}
