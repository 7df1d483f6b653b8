/** An apply against a real portal over real HTTP: how many requests it takes and what it never does. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Emulator, type LoggedRequest, type RowChange, startEmulator } from '../../src/emulator/index.ts';
import { runOn } from '../support/apply.ts';
import { A, B, aManifest, offline, online, wanted } from '../support/build.ts';
import { connections, portOf } from '../support/live-portal.ts';
import { resultLines } from '../support/outline.ts';

let emulator: Emulator;
const http = connections();

beforeAll(async () => {
  emulator = await startEmulator({
    portal: {
      users: [
        { id: 1, admin: true },
        { id: 7, admin: false },
      ],
      applicationUrl: 'https://app.example.com/install',
    },
  });
});
beforeEach(() => emulator.reset());
afterAll(async () => {
  await http.close();
  await emulator.close();
});

const port = () => portOf(emulator, emulator, http);

function tasks(count: number) {
  return Array.from({ length: count }, (_, index) => wanted('ONTASKADD', `https://app.example.com/task/${index}`));
}

/** The portal's own row, `ONAPPINSTALL`, is there from the start. */
const rowNames = () =>
  emulator.rows.map(({ event, handler, userId, offline: isOffline, connector }) =>
    isOffline ? `${event} offline '${connector}'` : `${event} ${handler} ${userId}`,
  );
const install = 'ONAPPINSTALL https://app.example.com/install 0';

describe('the number of requests', () => {
  it('is one reading and three writes for 120 bindings, and one for the second run', async () => {
    const manifest = aManifest({ bindings: tasks(120) });
    const first = await runOn(port(), manifest);
    expect(first.report.verdict).toBe('converged');
    expect(emulator.requests.map(({ method, status }) => [method, status])).toEqual(Array(4).fill(['batch', 200]));
    expect(emulator.rows).toHaveLength(121);

    emulator.clearRequests();
    const second = await runOn(port(), manifest);
    expect(second.report.verdict).toBe('unchanged');
    expect(second.plan.changes).toEqual([]);
    expect(emulator.requests.map(({ method }) => method)).toEqual(['batch']);
  });

  it.each([1, 40, 48])('is two in all for %i bindings', async (count) => {
    const { report } = await runOn(port(), aManifest({ bindings: tasks(count) }));
    expect(report.verdict).toBe('converged');
    expect(emulator.requests).toHaveLength(2);
    expect((await runOn(port(), aManifest({ bindings: tasks(count) }))).report.verdict).toBe('unchanged');
  });
});

it('every batch has at most 50 commands, halt 0, and ends by reading the bindings back', async () => {
  await runOn(port(), aManifest({ bindings: tasks(120) }));
  const writes = emulator.requests.slice(1);
  expect(writes.map(({ commands = [] }) => commands.length)).toEqual([50, 50, 24]);
  for (const { commands = [], params } of writes) {
    expect(commands.at(-1)?.method).toBe('event.get');
    expect(Number(params['halt'])).toBe(0);
  }
});

describe('a moved URL', () => {
  /** For each event, how many rows were live after each change of the portal's table. */
  function leastLive(event: string, history: readonly RowChange[], before: number): number {
    let live = before;
    let least = before;
    for (const { op, row } of history) {
      if (row.event !== event) continue;
      live += op === 'add' ? 1 : -1;
      least = Math.min(least, live);
    }
    return least;
  }

  it('never leaves its event without a live row', async () => {
    const events = ['ONTASKADD', 'ONCRMDEALADD', 'ONCRMLEADADD'];
    await runOn(port(), aManifest({ bindings: events.map((event) => wanted(event, A)) }));
    const { length } = emulator.history;
    const { report } = await runOn(port(), aManifest({ bindings: events.map((event) => wanted(event, B)) }));
    expect(report.verdict).toBe('converged');
    const history = emulator.history.slice(length);
    expect(history.map(({ op }) => op)).toEqual(['add', 'add', 'add', 'remove', 'remove', 'remove']);
    expect(events.map((event) => leastLive(event, history, 1))).toEqual([1, 1, 1]);
    expect(rowNames()).toEqual([install, `ONCRMDEALADD ${B} 0`, `ONCRMLEADADD ${B} 0`, `ONTASKADD ${B} 0`]);
    expect((await runOn(port(), aManifest({ bindings: events.map((event) => wanted(event, B)) }))).report.verdict).toBe(
      'unchanged',
    );
  });

  it('whose bind fails keeps its old row; the ledger then lets the next run finish', async () => {
    const before = aManifest({ bindings: [wanted('ONTASKADD', A), wanted('ONCRMDEALADD', A)] });
    const after = aManifest({ bindings: [wanted('ONTASKADD', B), wanted('ONCRMDEALADD', B)] });
    await runOn(port(), before);
    const length = emulator.history.length;
    emulator.fault({
      kind: 'command-error',
      method: 'event.bind',
      match: 'ONTASKADD',
      error: 'ERROR_CORE',
      description: 'SQL query error!',
    });
    const { report } = await runOn(port(), after);
    expect(report.verdict).toBe('partial');
    expect(resultLines(report.results)).toEqual([
      `bind-1: done ONCRMDEALADD ${B} as 0`,
      `bind-2: failed ONTASKADD ${B} as 0 -- SQL query error! (ERROR_CORE)`,
      `unbind-1: done ONCRMDEALADD ${A} as 0`,
      `unbind-2: blocked ONTASKADD ${A} as 0 -- kept because its replacement is not live: bind-2`,
    ]);
    expect(leastLive('ONTASKADD', emulator.history.slice(length), 1)).toBe(1);
    expect(rowNames()).toEqual([install, `ONTASKADD ${A} 0`, `ONCRMDEALADD ${B} 0`]);

    expect((await runOn(port(), after)).report.verdict).toBe('converged');
    expect(rowNames()).toEqual([install, `ONCRMDEALADD ${B} 0`, `ONTASKADD ${B} 0`]);
    expect((await runOn(port(), after)).report.verdict).toBe('unchanged');
  });
});

describe('pruning', () => {
  it("never removes another user's row of the same event and URL, nor ONAPPINSTALL, nor anything unmanaged", async () => {
    await runOn(port(), aManifest({ bindings: [wanted('ONTASKADD', A), wanted('ONCRMDEALADD', A)] }));
    emulator.addRow({ event: 'ONTASKADD', handler: A, auth_type: 7 });
    emulator.addRow({ event: 'ONTASKADD', handler: 'https://other.example.com/', auth_type: 0 });
    emulator.addRow({ event: 'ONCRMDEALADD', event_type: 'offline', auth_connector: 'erp' });
    const { report } = await runOn(port(), aManifest({ bindings: [wanted('ONCRMDEALADD', A)] }));
    expect(report.verdict).toBe('converged');
    expect(rowNames()).toEqual([
      install,
      `ONCRMDEALADD ${A} 0`,
      `ONTASKADD ${A} 7`,
      'ONTASKADD https://other.example.com/ 0',
      "ONCRMDEALADD offline 'erp'",
    ]);
    expect(report.kept.map(({ verdict }) => verdict).sort()).toEqual([
      'in-sync',
      'protected',
      'unmanaged',
      'unmanaged',
      'unmanaged',
    ]);
  });

  it('of everything still leaves ONAPPINSTALL', async () => {
    emulator.addRow({ event: 'ONTASKADD', handler: A, auth_type: 7 });
    await runOn(port(), aManifest({ prune: 'all', bindings: [wanted('ONTASKADD', A)] }));
    expect(rowNames()).toEqual([install, `ONTASKADD ${A} 0`]);
  });
});

describe('auth_type', () => {
  const parametersOf = (requests: readonly LoggedRequest[]) =>
    requests
      .flatMap(({ commands = [], method, params }) => [...commands, { method, params }])
      .filter(({ method }) => method === 'event.bind' || method === 'event.unbind')
      .map(({ params }) => params);

  it('is always sent by an administrator, 0 included', async () => {
    await runOn(port(), aManifest({ bindings: [wanted('ONTASKADD', A), online('ONTASKADD', B, 7)] }));
    await runOn(port(), aManifest({ bindings: [online('ONCRMDEALADD', A)] }));
    const sent = parametersOf(emulator.requests);
    expect(sent.map(({ auth_type }) => auth_type)).toEqual(['0', '7', '0', '0', '7']);
    expect(sent.map(({ event_type }) => event_type)).toEqual(Array(5).fill('online'));
  });

  it('is never sent by anybody else', async () => {
    const { accessToken } = emulator.token(7);
    const own = portOf(emulator, emulator, http, accessToken);
    const first = await runOn(own, aManifest({ bindings: [wanted('ONTASKADD', A)], owns: [A] }));
    expect(first.report.verdict).toBe('converged');
    expect(rowNames()).toEqual([install, `ONTASKADD ${A} 7`]);
    const second = await runOn(own, aManifest({ bindings: [wanted('ONCRMDEALADD', A)], owns: [A] }));
    expect(second.report.verdict).toBe('converged');
    expect(rowNames()).toEqual([install, `ONCRMDEALADD ${A} 7`]);
    const sent = parametersOf(emulator.requests);
    expect(sent).toHaveLength(3);
    expect(sent.filter((params) => 'auth_type' in params)).toEqual([]);
    expect(emulator.options).toEqual({});
    const methods = emulator.requests.flatMap(({ commands = [] }) => commands.map(({ method }) => method));
    expect(methods).not.toContain('app.option.set');
    expect(second.report.warnings.map(({ code }) => code)).toEqual(['partial-view']);
  });
});

it('each connector goes on the outer call of its own requests, and on no command', async () => {
  const bindings = [
    offline('ONCRMDEALADD', 'erp'),
    offline('ONCRMDEALADD', 'shop'),
    offline('ONCRMDEALADD'),
    wanted('ONTASKADD', A),
  ];
  const { report } = await runOn(port(), aManifest({ bindings }));
  expect(report.verdict).toBe('converged');
  expect(
    emulator.requests
      .slice(1)
      .map(({ params }) => JSON.stringify(params['auth_connector'] ?? ''))
      .sort(),
  ).toEqual(['""', '"erp"', '"shop"']);
  expect(rowNames().sort()).toEqual(
    [
      install,
      `ONTASKADD ${A} 0`,
      "ONCRMDEALADD offline ''",
      "ONCRMDEALADD offline 'erp'",
      "ONCRMDEALADD offline 'shop'",
    ].sort(),
  );
  expect((await runOn(port(), aManifest({ bindings: [] }))).report.verdict).toBe('converged');
  expect(rowNames()).toEqual([install]);
});

it('a handler that a batch would corrupt, and one full of signs, arrive byte for byte', async () => {
  const handlers = [
    'https://a.example.com/?c=$result[c0]&d=1',
    'https://a.example.com/?x=1&y=a+b%20c#frag ment',
    'https://a.example.com/ü?q=[1]&$foo[a]',
  ];
  const bindings = handlers.map((handler) => wanted('ONTASKADD', handler));
  expect((await runOn(port(), aManifest({ bindings }))).report.verdict).toBe('converged');
  expect(
    emulator.rows
      .slice(1)
      .map(({ handler }) => handler)
      .sort(),
  ).toEqual([...handlers].sort());
  expect((await runOn(port(), aManifest({ bindings }))).report.verdict).toBe('unchanged');
  expect((await runOn(port(), aManifest({ bindings: [] }))).report.verdict).toBe('converged');
  expect(rowNames()).toEqual([install]);
});

it('options drift is seen through the ledger and healed by a rebind', async () => {
  const of = (minTimeout: number) => aManifest({ bindings: [wanted('ONOFFLINEEVENT', A, { minTimeout })] });
  await runOn(port(), of(5));
  expect(emulator.rows.at(-1)?.options).toEqual({ minTimeout: 5 });
  const { plan, report } = await runOn(port(), of(9));
  expect(plan.changes.map(({ action }) => action)).toEqual(['rebind']);
  expect(report.verdict).toBe('converged');
  expect(emulator.rows.at(-1)?.options).toEqual({ minTimeout: 9 });
  expect((await runOn(port(), of(9))).report.verdict).toBe('unchanged');
});

it('a reinstall that wiped everything is healed', async () => {
  const manifest = aManifest({ bindings: tasks(3) });
  await runOn(port(), manifest);
  await emulator.uninstall({ clean: true });
  await emulator.install({ kind: 'api-only' });
  expect((await runOn(port(), manifest)).report.verdict).toBe('converged');
  expect((await runOn(port(), manifest)).report.verdict).toBe('unchanged');
});

it('a portal that refuses the ledger is bound all the same', async () => {
  emulator.setSwitches({ refuseOptions: true });
  const { report } = await runOn(port(), aManifest({ bindings: tasks(2) }));
  expect(report.verdict).toBe('converged');
  expect(report.warnings.map(({ code }) => code)).toEqual(['ledger-not-written']);
  expect(emulator.options).toEqual({});
});

it('the ledger on the portal names the manifest and holds no URL', async () => {
  await runOn(port(), aManifest({ name: 'crm-sync', bindings: tasks(2) }));
  expect(Object.keys(emulator.options)).toEqual(['bitrix_events.crm-sync']);
  expect(String(emulator.options['bitrix_events.crm-sync'])).toMatch(
    /^\{"v":1,"at":"2026-01-02T03:04:05\.000Z","by":"0\.0\.0","env":"","keys":\{("[0-9a-f]{16}":"none",?){2}\}\}$/,
  );
});
