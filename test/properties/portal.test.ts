/** The same laws through the client, over real HTTP, on emulated portals. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Binding } from '../../src/core/binding.ts';
import { type Emulator, type PortalHandle, type SeedRow, startEmulator } from '../../src/emulator/index.ts';
import { planOn, runOn } from '../support/apply.ts';
import { anyWorld, type World } from '../support/arbitraries.ts';
import { connections, portOf } from '../support/live-portal.ts';
import { runs } from '../support/sample.ts';

const numRuns = runs(1_000);

let emulator: Emulator;
const http = connections();

beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(async () => {
  await http.close();
  await emulator.close();
});

/** A new portal that looks like this world; rows that look the same differ in a hidden connector. */
function portalOf({ live, ledgers }: World): PortalHandle {
  return emulator.addPortal({
    users: [
      { id: 1, admin: true },
      { id: 7, admin: false },
    ],
    rows: live.map((row, index) => seedOf(row, live.slice(0, index).filter((other) => sameRow(other, row)).length)),
    options: Object.fromEntries(Object.entries(ledgers).map(([name, text]) => [`bitrix_events.${name}`, text])),
    switches: { leakyBucket: false },
  });
}

const sameRow = (a: Binding, b: Binding): boolean => JSON.stringify(a) === JSON.stringify(b);

function seedOf(row: Binding, double: number): SeedRow {
  return row.eventType === 'online'
    ? {
        event: row.event,
        handler: row.handler,
        auth_type: row.authType,
        ...(double === 0 ? {} : { auth_connector: `hidden-${double}` }),
      }
    : { event: row.event, event_type: 'offline', auth_connector: row.authConnector };
}

const rowsOf = (portal: PortalHandle) =>
  portal.rows
    .map(({ event, handler, userId, connector, offline }) => [event, handler, userId, connector, offline].join(' '))
    .sort();

const anyCaller = fc.constantFrom(1, 1, 7);

it('a run does what it planned, touches nothing else, and the second run plans nothing', async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, anyCaller, async (world, userId) => {
      const portal = portalOf(world);
      const port = portOf(emulator, portal, http, portal.token(userId).accessToken);
      const before = portal.rows;
      const { plan, report } = await runOn(port, world.manifest);
      expect(report.results.filter(({ status }) => status !== 'done' && status !== 'blocked')).toEqual([]);

      const unbound = plan.changes.filter(({ action }) => action !== 'bind').map(({ binding }) => binding);
      const touched = (row: (typeof before)[number]) =>
        unbound.some((binding) =>
          binding.eventType === 'online'
            ? binding.event === row.event &&
              binding.handler === row.handler &&
              binding.authType === row.userId &&
              !row.offline
            : binding.event === row.event && binding.authConnector === row.connector && row.offline,
        );
      const ids = new Set(portal.rows.map(({ id }) => id));
      expect(before.filter((row) => !ids.has(row.id) && !touched(row))).toEqual([]);

      const hasChanged = portal.history.some(({ at }) => at > 0);
      const second = await runOn(port, world.manifest);
      expect(second.plan.changes).toEqual([]);
      expect(second.report.results.filter(({ status }) => status !== 'blocked')).toEqual([]);
      if (plan.blocked.length === 0) {
        expect([report.verdict, second.report.verdict]).toEqual([
          plan.changes.length > 0 ? 'converged' : 'unchanged',
          'unchanged',
        ]);
      } else expect(report.verdict).toBe(plan.changes.length > 0 && hasChanged ? 'partial' : 'failed');
    }),
    { numRuns },
  );
});

it('stopping after any k-th request and running again ends in the same state', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyWorld,
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom('before' as const, 'after' as const),
      fc.constantFrom(
        'reset' as const,
        'html' as const,
        'truncated' as const,
        'partial' as const,
        'drop-keys' as const,
      ),
      async (world, k, when, kind) => {
        const undisturbed = portalOf(world);
        await runOn(portOf(emulator, undisturbed, http), world.manifest);

        const portal = portalOf(world);
        const port = portOf(emulator, portal, http);
        emulator.fault({ kind, when, portal: portal.memberId, skip: k, times: Number.POSITIVE_INFINITY, commands: 1 });
        await runOn(port, world.manifest);
        emulator.clearFaults();
        await runOn(port, world.manifest);
        expect(rowsOf(portal)).toEqual(rowsOf(undisturbed));
        expect((await planOn(port, world.manifest)).changes).toEqual([]);
      },
    ),
    { numRuns },
  );
});
