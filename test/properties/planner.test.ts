/** Laws of the planner, over thousands of random manifests and portals. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Binding, keyOf } from '../../src/core/binding.ts';
import { matchesRule } from '../../src/core/ignore.ts';
import { hashKey, ledgerText, parseLedger } from '../../src/core/ledger.ts';
import { nextLedger } from '../../src/core/next-ledger.ts';
import type { Plan } from '../../src/core/plan.ts';
import { planToJson } from '../../src/core/documents.ts';
import { plan } from '../../src/core/planner.ts';
import type { Reading } from '../../src/core/reading.ts';
import { resolveDesired } from '../../src/core/resolve-desired.ts';
import { anyWorld, bare, type World } from '../support/arbitraries.ts';
import { administrator, aReading, digest, ledgers, ordinaryUser, protectedBy } from '../support/build.ts';
import { runs } from '../support/sample.ts';

const numRuns = runs(2_000);

/** Another portal may offer less, and another caller sees less. */
const anyCircumstance = fc.record({
  offeredEvents: fc.option(fc.subarray(['ONCRMDEALADD', 'ONCRMLEADADD', 'ONTASKADD', 'ONOFFLINEEVENT'])),
  allowsConnectors: fc.constantFrom(true, true, false, undefined),
  isAdmin: fc.constantFrom(true, true, false),
  rebind: fc.constantFrom<readonly string[]>([], [], ['ONTASKADD'], ['onOfflineEvent']),
});

type Circumstance = typeof anyCircumstance extends fc.Arbitrary<infer Value> ? Value : never;

function readingOf(world: World, { offeredEvents, allowsConnectors, isAdmin }: Circumstance): Reading {
  const sees = (row: Binding) => isAdmin || (row.eventType === 'online' && row.authType === ordinaryUser.userId);
  return aReading({
    portal: isAdmin ? administrator : ordinaryUser,
    live: world.live.filter(sees),
    ledgers: ledgers(world.ledgers),
    allowsConnectors,
    ...(offeredEvents === null ? {} : { offeredEvents: new Set(offeredEvents) }),
  });
}

function planIn(world: World, circumstance: Circumstance): Plan {
  return plan({
    manifest: world.manifest,
    reading: readingOf(world, circumstance),
    protectedBy,
    digest,
    rebind: circumstance.rebind,
  });
}

const sorted = (bindings: readonly Binding[]) => bindings.map((binding) => keyOf(binding)).sort();

function holds(law: (world: World, circumstance: Circumstance) => void): void {
  fc.assert(fc.property(anyWorld, anyCircumstance, law), { numRuns });
}

it('every live row is in exactly one place of the plan', () => {
  holds((world, circumstance) => {
    const { changes, kept, blocked, live } = planIn(world, circumstance);
    const places = [
      ...kept.map(({ binding }) => binding),
      ...[
        ...changes.filter(({ action }) => action !== 'bind'),
        ...blocked.filter(({ state }) => state === 'live'),
      ].flatMap(({ binding, rows = 1 }) => Array.from({ length: rows }, () => binding)),
    ];
    expect(sorted(places)).toEqual(sorted(live));
    expect(sorted(live)).toEqual(sorted(readingOf(world, circumstance).live));
  });
});

it('every desired binding is in exactly one place of the plan', () => {
  holds((world, circumstance) => {
    const { changes, kept, blocked, portal } = planIn(world, circumstance);
    const places = [
      ...changes.filter(({ action }) => action !== 'unbind'),
      ...blocked.filter(({ action }) => action !== 'unbind'),
      ...kept.filter(({ verdict }) => verdict === 'in-sync' || verdict === 'unverified'),
    ].map(({ binding }) => binding);
    expect(sorted(places)).toEqual(sorted(resolveDesired(world.manifest.bindings, portal)));
  });
});

it('the summary counts what is there, and ids are unique', () => {
  holds((world, circumstance) => {
    const { changes, kept, blocked, summary } = planIn(world, circumstance);
    const of = (action: string) => changes.filter((change) => change.action === action).length;
    expect(summary).toEqual({
      bind: of('bind'),
      rebind: of('rebind'),
      unbind: of('unbind'),
      keep: kept.length,
      blocked: blocked.length,
    });
    const ids = [...changes, ...blocked].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

it('applying a plan empties it', () => {
  holds((world, circumstance) => {
    const before = planIn(world, circumstance);
    const reading = readingOf(world, circumstance);
    const removed = new Set(
      before.changes.filter(({ action }) => action === 'unbind').map(({ binding }) => keyOf(binding)),
    );
    const added = before.changes.filter(({ action }) => action === 'bind').map(({ binding }) => bare(binding));
    const live = [...reading.live.filter((row) => !removed.has(keyOf(row))), ...added];
    const parsed = parseLedger(world.ledgers['default']);
    const recorded = parsed.kind === 'ledger' ? parsed.entries : new Map();
    const entries = nextLedger({ plan: before, recorded, isDone: () => true, live, digest });
    const after = plan({
      manifest: world.manifest,
      reading: { ...reading, live, ledgers: ledgers({ ...world.ledgers, default: ledgerText(entries, '', '') }) },
      protectedBy,
      digest,
    });
    expect(after.changes).toEqual([]);
    // A rebind may have been blocked only because it was asked for; this time nobody asks.
    const unasked = planIn(world, { ...circumstance, rebind: [] });
    expect(after.blocked.map(({ binding }) => keyOf(binding))).toEqual(
      unasked.blocked.map(({ binding }) => keyOf(binding)),
    );
  });
});

it('equal sides plan nothing, whatever is pruned and offered', () => {
  holds((world, circumstance) => {
    const reading = readingOf(world, circumstance);
    const live = resolveDesired(world.manifest.bindings, reading.portal).map(bare);
    const { changes, blocked } = plan({
      manifest: world.manifest,
      reading: { ...reading, live, ledgers: new Map() },
      protectedBy,
      digest,
    });
    expect(changes).toEqual([]);
    expect(blocked).toEqual([]);
  });
});

it('the order of the input changes nothing, to the byte', () => {
  fc.assert(
    fc.property(
      anyWorld,
      anyCircumstance,
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (world, circumstance, random) => {
        const shuffled = <Value>(items: readonly Value[]): Value[] =>
          items
            .map((item) => ({ item, place: Number(random.next().value) }))
            .sort((a, b) => a.place - b.place)
            .map(({ item }) => item);
        const bytes = ({ manifest, live, ledgers: texts }: World) =>
          JSON.stringify(planToJson(planIn({ manifest, live, ledgers: texts }, circumstance), '', 'whole', digest));
        const other: World = {
          manifest: {
            ...world.manifest,
            bindings: shuffled(world.manifest.bindings),
            owns: shuffled(world.manifest.owns),
          },
          live: shuffled(world.live),
          ledgers: Object.fromEntries(shuffled(Object.entries(world.ledgers))),
        };
        expect(bytes(other)).toBe(bytes(world));
      },
    ),
    { numRuns },
  );
});

it('nothing outside the managed set is touched', () => {
  holds((world, circumstance) => {
    const { manifest } = world;
    const { changes, blocked, portal } = planIn(world, circumstance);
    const wanted = new Set(sorted(resolveDesired(manifest.bindings, portal)));
    const has = (name: string, binding: Binding) => {
      const parsed = parseLedger(world.ledgers[name]);
      return parsed.kind === 'ledger' && parsed.entries.has(hashKey(binding, digest));
    };
    for (const { action, binding } of [...changes, ...blocked]) {
      expect(wanted.has(keyOf(binding))).toBe(action !== 'unbind');
      if (action !== 'unbind') continue;
      const isOwned =
        binding.eventType === 'online' && manifest.owns.some((prefix) => binding.handler.startsWith(prefix));
      expect(manifest.prune === 'all' || (manifest.prune === 'managed' && (isOwned || has('default', binding)))).toBe(
        true,
      );
      expect(has('billing', binding)).toBe(false);
      expect(manifest.ignore.some((rule) => matchesRule(rule, binding))).toBe(false);
      expect(protectedBy(binding.event)).toBeUndefined();
    }
  });
});

it('an unbind waits for a bind of its event whenever there is one, and never for one that is blocked', () => {
  holds((world, circumstance) => {
    const { changes, blocked } = planIn(world, circumstance);
    const binds = changes.filter(({ action }) => action === 'bind');
    for (const change of changes) {
      const ofEvent = binds.filter(({ binding }) => binding.event === change.binding.event).map(({ id }) => id);
      if (change.action !== 'unbind') {
        expect(change.dependsOn).toEqual([]);
        continue;
      }
      expect(change.dependsOn.length > 0).toBe(ofEvent.length > 0);
      expect(change.dependsOn.filter((id) => !ofEvent.includes(id))).toEqual([]);
      expect(
        blocked.filter(
          ({ action, binding }) => action === 'bind' && binding.event === change.binding.event && ofEvent.length === 0,
        ),
      ).toEqual([]);
    }
  });
});
