/** Scripted faults: what the caller sees, and whether the portal acted. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import type { Emulator, Fault } from '../../src/emulator/index.ts';
import { batch, call, like, refresh, result } from './call.ts';

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ portal: { switches: { leakyBucket: false } } });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const bind = { event: 'ONUSERADD', handler: 'https://a.example/x' };

function item(path: string | number): string {
  return `event.bind?event=ONUSERADD&handler=https://a.example/${path}`;
}

async function seen(): Promise<unknown> {
  try {
    return await call(emulator, 'event.bind', bind);
  } catch {
    return 'connection lost';
  }
}

describe.each(['before', 'after'] as const)('%s the server acts', (when) => {
  test.each<[Fault, unknown]>([
    [{ kind: 'reset' }, 'connection lost'],
    [{ kind: 'html' }, { status: 502, body: like(/<html>/) }],
    [
      { kind: 'html', status: 504 },
      { status: 504, body: like(/<html>/) },
    ],
    [{ kind: 'empty' }, { status: 200, body: '' }],
    [{ kind: 'truncated' }, { status: 200, body: like(/^\{"result.*[^}]$/) }],
    [
      { kind: 'error', error: 'QUERY_LIMIT_EXCEEDED' },
      { status: 503, body: { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many requests' } },
    ],
    [
      { kind: 'error', error: 'X', description: 'y', status: 200 },
      { status: 200, body: { error: 'X', error_description: 'y' } },
    ],
    [
      { kind: 'redirect', location: 'https://other.example/rest/' },
      { status: 302, body: '' },
    ],
  ])('%j', async (fault, expected) => {
    const handle = emulator.fault({ ...fault, when });
    expect(await seen()).toEqual(expected);
    expect(emulator.rows.length).toBe(when === 'after' ? 1 : 0);
    expect(emulator.requests).toMatchObject([{ method: 'event.bind', acted: when === 'after', fault: fault.kind }]);
    expect(handle.hits).toBe(1);
    await seen();
    expect(handle.hits).toBe(1);
  });

  test('a timeout leaves the caller waiting', async () => {
    emulator.fault({ kind: 'timeout', when });
    const giveUp = fetch(
      `${emulator.clientEndpoint}event.bind?auth=${emulator.accessToken}&event=onuseradd&handler=http://a.b`,
      {
        signal: AbortSignal.timeout(60),
      },
    );
    await expect(giveUp).rejects.toThrow('timeout');
    expect([emulator.rows.length, emulator.requests[0]?.status]).toEqual([when === 'after' ? 1 : 0, 'timeout']);
  });

  test('one command of a batch, or a direct call, fails on its own', async () => {
    const fault: Fault = { kind: 'command-error', method: 'event.bind', error: 'ERROR_CORE', description: 'no', when };
    emulator.fault({ ...fault, times: 2, skip: 1 });
    expect(await batch(emulator, { a: item('a'), b: item('b') })).toEqual({
      result: { a: true },
      result_error: { b: { error: 'ERROR_CORE', error_description: 'no' } },
      result_total: [],
      result_next: [],
    });
    expect(await seen()).toEqual({ status: 400, body: { error: 'ERROR_CORE', error_description: 'no' } });
    expect(emulator.rows.length).toBe(when === 'after' ? 3 : 1);
  });

  test('onHit runs at that moment', async () => {
    const rows: number[] = [];
    emulator.fault({ kind: 'delay', when, onHit: () => void rows.push(emulator.rows.length) });
    await seen();
    expect(rows).toEqual([when === 'after' ? 1 : 0]);
  });
});

test('skip, times, method, portal and match choose the requests', async () => {
  const second = emulator.addPortal({ switches: { leakyBucket: false } });
  const all = emulator.fault({ kind: 'error', times: Number.POSITIVE_INFINITY, portal: second.memberId });
  const some = emulator.fault({ kind: 'error', method: 'event.bind', match: 'https://a.example/x', skip: 1 });
  expect((await call(second, 'profile')).status).toBe(500);
  expect((await call(second, 'profile')).status).toBe(500);
  expect((await call(emulator, 'profile')).status).toBe(200);
  expect((await call(emulator, 'event.bind', { ...bind, handler: 'https://b.example/x' })).status).toBe(200);
  expect((await call(emulator, 'event.bind', bind)).status).toBe(200);
  expect((await call(emulator, 'event.bind', bind)).status).toBe(500);
  all.remove();
  expect((await call(second, 'profile')).status).toBe(200);
  expect([all.hits, some.hits]).toEqual([2, 1]);
  emulator.fault({ kind: 'error', method: 'batch', match: 'https://a.example/x' });
  const cmd = [`event.unbind?event=onuseradd&handler=${encodeURIComponent(bind.handler)}`];
  expect((await call(emulator, 'batch', { cmd })).status).toBe(500);
});

test('a server that dies in the middle of a batch has run the first commands', async () => {
  emulator.fault({ kind: 'partial', commands: 2 });
  await expect(call(emulator, 'batch', { cmd: [item(0), item(1), item(2)] })).rejects.toThrow('fetch failed');
  expect(emulator.rows.map(({ handler }) => handler)).toEqual(['https://a.example/0', 'https://a.example/1']);
  expect(emulator.requests).toMatchObject([{ status: 'reset', acted: true, commands: [{ key: '0' }, { key: '1' }] }]);
});

test('a batch answer may lack keys', async () => {
  const cmd = { a: 'user.admin', b: `event.bind?event=ONUSERADD&handler=https://a.example/x` };
  emulator.fault({ kind: 'drop-keys', keys: ['b'] });
  expect(await batch(emulator, cmd)).toMatchObject({ result: { a: true }, result_error: [] });
  expect(emulator.rows.length).toBe(0);
  emulator.fault({ kind: 'drop-keys', when: 'after' });
  expect(await batch(emulator, cmd)).toMatchObject({ result: [], result_error: [] });
  expect(emulator.rows.length).toBe(1);
});

test('a portal blind to connectors stores none', async () => {
  emulator.fault({ kind: 'connector-blind' });
  await result(emulator, 'event.bind', { event: 'ONUSERADD', event_type: 'offline', auth_connector: 'erp' });
  expect(emulator.rows).toMatchObject([{ offline: true, connector: '' }]);
});

test('the lock error has its own text', async () => {
  emulator.fault({ kind: 'lock', method: 'event.bind' });
  expect(await call(emulator, 'event.bind', bind)).toEqual({
    status: 400,
    body: {
      error: 'ERROR_CORE',
      error_description: 'Unable to set event handler: Process of binding the handler has already started',
    },
  });
});

test('an operating limit says when it ends', async () => {
  emulator.fault({ kind: 'error', error: 'OPERATION_TIME_LIMIT', operatingResetAt: 1_790_000_000 });
  const response = await fetch(`${emulator.clientEndpoint}profile?auth=${emulator.accessToken}`);
  expect([response.status, await response.json()]).toEqual([
    429,
    {
      error: 'OPERATION_TIME_LIMIT',
      error_description: 'Method is blocked due to operation time limit.',
      time: { operating_reset_at: 1_790_000_000 },
    },
  ]);
});

test('a lost answer of the token endpoint has rotated the chain', async () => {
  const { refreshToken } = emulator;
  emulator.fault({ kind: 'reset', method: 'oauth/token', when: 'after' });
  await expect(refresh(emulator, refreshToken)).rejects.toThrow('fetch failed');
  expect(emulator.refreshToken).not.toBe(refreshToken);
  expect((await refresh(emulator, refreshToken)).status).toBe(400);
});
